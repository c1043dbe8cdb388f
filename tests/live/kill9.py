"""kill -9 of API and metricd at random moments under load: every measure that was answered with
202 is counted exactly once.

usage: kill9.py BUILD_DIRECTORY DATABASE KILLS [--storage STORAGE] [SEED]

STORAGE: file, rocksdb, ceph; ceph-locks: likewise, with the locks in the pool. On RocksDB, which one
process can use, both are gnocchi-server, killed as a whole.

Clients repeat a request until it is answered 202, as real ones do. Each metric gets one measure a
second, 60 in a group of the policy: count and sum of every group must be exact at the end.
"""
import argparse
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
from exact_load import METRICS, POINTS, POLICY, Load, check  # noqa: E402

CLIENTS = 4


class TwoProcesses:
    def __init__(self, gnocchi):
        self.gnocchi = gnocchi
        gnocchi.upgrade()
        self.api, self.metricd = gnocchi.start_api(), gnocchi.start_metricd()

    def kill_one(self, rng):
        if rng.random() < 0.5:
            self.api.kill()
            self.api = self.gnocchi.start("gnocchi-api", "--host", "127.0.0.1",
                                          "--port", str(self.gnocchi.port))
        else:
            self.metricd.kill()
            self.metricd = self.gnocchi.start_metricd()


class OneProcess:
    def __init__(self, gnocchi):
        self.gnocchi = gnocchi
        self.api = gnocchi.start_server()

    def kill_one(self, rng):
        self.api.kill()
        self.api = self.gnocchi.start_server(wait=False)
        if rng.random() < 0.8:  # the others are killed while they start
            self.gnocchi.wait_for_api(self.api)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("database")
    parser.add_argument("kills", type=int)
    parser.add_argument("seed", type=int, nargs="?", default=random.randrange(1 << 32))
    parser.add_argument("--storage", choices=("file", "rocksdb", "ceph", "ceph-locks"), default="file")
    arguments = parser.parse_args()
    build, kind, kills, seed = (arguments.build, arguments.database, arguments.kills,
                                arguments.seed)
    print("seed %d" % seed)
    rng = random.Random(seed)
    with harness.workspace() as where:
        database = harness.Database(kind, where)
        rocksdb = arguments.storage == "rocksdb"
        storage = {"file": lambda: None, "rocksdb": lambda: harness.RocksDatabase(where)}.get(
            arguments.storage, harness.CephPool)()
        locks = "ceph_lease = 3\n[DEFAULT]\ncoordination_url = ceph://\n"
        gnocchi = harness.Deployment(build, where, database, storage,
                                     locks if arguments.storage == "ceph-locks" else "")
        try:
            processes = OneProcess(gnocchi) if rocksdb else TwoProcesses(gnocchi)
            client = gnocchi.client()
            client.expect(201, "POST", "/v1/archive_policy", POLICY)
            metrics = [client.expect(201, "POST", "/v1/metric",
                                     {"archive_policy_name": "exact"})["id"]
                       for _ in range(METRICS)]
            stop = threading.Event()
            share = METRICS // CLIENTS
            loads = [Load(client, metrics[i * share:(i + 1) * share], stop)
                     for i in range(CLIENTS)]
            for load in loads:
                load.start()
            for _ in range(kills):
                time.sleep(rng.uniform(0.01, 0.25))
                processes.kill_one(rng)
            stop.set()
            for load in loads:
                load.join()
                assert load.failure is None, load.failure
            gnocchi.wait_for_api(processes.api)
            harness.wait_for_empty_backlog(client, 120)
            bad = sum(check(client, load) for load in loads)
            accepted = sum(load.accepted for load in loads)
            print("%d kills, %d batches of %d measures accepted, %d requests cut off, %d wrong" % (
                kills, accepted, share * POINTS, sum(load.refused for load in loads), bad))
            assert accepted > kills, "too little load to mean anything"
            gnocchi.stop()
        finally:
            gnocchi.kill()
            database.drop()
    sys.exit(1 if bad else 0)


main()
