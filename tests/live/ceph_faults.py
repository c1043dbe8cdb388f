"""Faults of a Ceph pool, seen from outside: settings that cannot work end the programs with a message;
full sacks and an OSD that is away are 503 with Retry-After, and nothing accepted is lost.

usage: ceph_faults.py BUILD_DIRECTORY SERVICES      SERVICES: the directory of the script "ceph"
"""
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
from exact_load import METRICS, POLICY, Load, check  # noqa: E402

SERVICES = os.path.abspath(sys.argv[2])


def service(command):
    subprocess.run([os.path.join(SERVICES, "ceph"), command, os.environ["GNOCCHI_TEST_CEPH_DIR"]],
                   check=True)


def settings_that_cannot_work(gnocchi):
    """Each: status 78, and a message that names what is wrong."""
    with open(gnocchi.conf) as f:
        good = f.read()
    faults = [
        (r"^\[storage\]$", "[storage]\nceph_pool = nowhere", ["no pool nowhere", "ceph_pool"]),
        (r"^\[storage\]$", "[storage]\nceph_pool = other",
         ["client.gnocchi is not allowed", "pool=other"]),
        (r"^ceph_keyring = .*$", "ceph_keyring = /nowhere/keyring", ["/nowhere/keyring"]),
        (r"^ceph_keyring = .*$", "ceph_secret = AQBrb25zdGFudGlub3BsZWlzYW5jaWVudA==",
         ["client.gnocchi", "ceph_secret"]),
        (r"^ceph_conffile = .*$", "ceph_conffile = /nowhere/ceph.conf", ["/nowhere/ceph.conf"]),
        (r"^ceph_username = .*$", "ceph_username = nobody", ["client.nobody"]),
        (r"^ceph_timeout = .*$", "ceph_timeout = soon", ["ceph_timeout", "soon"]),
    ]
    for place, (what, instead, words) in enumerate(faults):
        conf = os.path.join(gnocchi.where, "fault%d.conf" % place)
        with open(conf, "w") as f:
            f.write(re.sub(what, instead, good, flags=re.M))
        done = subprocess.run([os.path.join(gnocchi.build, "bin", "gnocchi-metricd"),
                               "--config-file", conf], timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = done.stdout.decode()
        assert done.returncode == 78, (instead, done.returncode, said)
        for word in words:
            assert word in said, "%s: %r is not in: %s" % (instead, word, said)
        assert "AQBrb25zdG" not in said, "the key was printed"
    print("%d settings that cannot work end the program and are named" % len(faults))


def full_sacks(gnocchi, client):
    metric = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "exact"})["id"]
    path = "/v1/metric/%s/measures" % metric
    refused = None
    for number in range(200):
        answer = client.post(path, [{"timestamp": 1700000000 + number, "value": 1}])
        if answer.status != 202:
            refused = answer
            break
    assert refused is not None, "200 bundles went into a sack whose mark is 50"
    assert refused.status == 503 and refused.headers["Retry-After"], (refused.status, refused.body)
    assert 50 <= number <= 60, number
    metricd = gnocchi.start_metricd()

    def taken():
        return client.post(path, [{"timestamp": 1700000000 + number, "value": 1}]).status == 202
    harness.wait_until(taken, "a sack that was drained takes measures again")
    harness.wait_for_empty_backlog(client)
    counts = client.expect(200, "GET", path + "?aggregation=count&granularity=60")
    assert sum(value for _, _, value in counts) == number + 1, (counts, number)
    print("a full sack is 503 after %d bundles; drained, it goes on" % number)
    return metricd


def osd_away(client):
    metrics = [client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "exact"})["id"]
               for _ in range(METRICS)]
    stop = threading.Event()
    loads = [Load(client, metrics[i::4], stop) for i in range(4)]
    for load in loads:
        load.start()
    for _ in range(3):
        time.sleep(1)
        service("kill-osd")
        time.sleep(4)  # longer than ceph_timeout
        service("start-osd")
        time.sleep(5)
    stop.set()
    for load in loads:
        load.join()
        assert load.failure is None, load.failure
    harness.wait_for_empty_backlog(client, 120)
    bad = sum(check(client, load) for load in loads)
    accepted = sum(load.accepted for load in loads)
    print("3 times without OSD: %d batches accepted, %d wrong" % (accepted, bad))
    assert bad == 0 and accepted > 0


def main():
    with harness.workspace() as where:
        database = harness.Database("mysql", where)
        gnocchi = harness.Deployment(sys.argv[1], where, database, harness.CephPool(),
                                     "ceph_timeout = 2\nceph_sack_high_water = 50\n")
        try:
            gnocchi.upgrade()
            settings_that_cannot_work(gnocchi)
            gnocchi.start_api()
            client = gnocchi.client()
            client.expect(201, "POST", "/v1/archive_policy", POLICY)
            full_sacks(gnocchi, client)
            osd_away(client)
        finally:
            gnocchi.stop()
            database.drop()


main()
