"""kill -9 of API and metricd at random moments under load: every measure that was answered with
202 is counted exactly once.

usage: kill9.py BUILD_DIRECTORY DATABASE KILLS [SEED]

Clients repeat a request until it is answered 202, as real ones do. Each metric gets one measure a
second, 60 in a group of the policy: count and sum of every group must be exact at the end.
"""
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
from exact_load import METRICS, POINTS, POLICY, Load, check  # noqa: E402

CLIENTS = 4


def main():
    build, kind, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 32)
    print("seed %d" % seed)
    rng = random.Random(seed)
    with harness.workspace() as where:
        database = harness.Database(kind, where)
        gnocchi = harness.Deployment(build, where, database)
        try:
            gnocchi.upgrade()
            api, metricd = gnocchi.start_api(), gnocchi.start_metricd()
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
                if rng.random() < 0.5:
                    api.kill()
                    api = gnocchi.start("gnocchi-api", "--host", "127.0.0.1",
                                        "--port", str(gnocchi.port))
                else:
                    metricd.kill()
                    metricd = gnocchi.start_metricd()
            stop.set()
            for load in loads:
                load.join()
                assert load.failure is None, load.failure
            gnocchi.wait_for_api(api)
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
