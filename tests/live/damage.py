"""Damaged split and raw objects: logged with the metric, skipped, the rest served; a full disk:
503, nothing half-written, well again once there is room.

usage: damage.py BUILD_DIRECTORY
"""
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

POLICY = {"name": "p", "aggregation_methods": ["mean", "sum"], "definition": [{"granularity": 1}]}


def measures(start, count):
    return [{"timestamp": 1700000000 + start + i, "value": i} for i in range(count)]


def rows(client, metric, method):
    return client.expect(200, "GET", "/v1/metric/%s/measures?aggregation=%s" % (metric, method))


def damaged_objects(gnocchi, client, metricd):
    hurt, well = [client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "p"})["id"]
                  for _ in range(2)]
    for metric in (hurt, well):
        client.expect(202, "POST", "/v1/metric/%s/measures" % metric, measures(0, 50))
    harness.wait_for_empty_backlog(client)
    split, = glob.glob("%s/**/%s/agg_sum/*" % (gnocchi.storage, hurt), recursive=True)
    raw, = glob.glob("%s/**/%s/none_v3" % (gnocchi.storage, hurt), recursive=True)
    with open(split, "wb") as f:
        f.write(b"c\xff\xff\xff\x7fgarbage")
    with open(raw, "wb") as f:
        f.write(b"\xff\xff\xff\x7fgarbage")

    assert rows(client, hurt, "sum") == [], "a damaged split was served"
    assert len(rows(client, hurt, "mean")) == 50
    assert len(rows(client, well, "sum")) == 50
    for metric in (hurt, well):
        client.expect(202, "POST", "/v1/metric/%s/measures" % metric, measures(50, 10))
    harness.wait_for_empty_backlog(client)
    assert len(rows(client, hurt, "mean")) == 60
    assert len(rows(client, well, "sum")) == 60
    assert len(rows(client, hurt, "sum")) >= 10, "the metric takes no new data"
    with open(metricd.log, errors="replace") as f:
        assert hurt in f.read(), "the damage was not logged with its metric"
    with open(os.path.join(gnocchi.where, "gnocchi-api.log"), errors="replace") as f:
        assert hurt in f.read(), "the reader did not log the damage"


def full_disk(build, where):
    small = os.path.join(where, "small")
    os.makedirs(small)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", small],
                             stderr=subprocess.PIPE)
    if mounted.returncode != 0:
        harness.skip("no right to mount a small tmpfs: " + mounted.stderr.decode())
    place = os.path.join(where, "full")
    os.makedirs(place)
    gnocchi = harness.Deployment(build, place, harness.Database("sqlite", place), storage=small)
    try:
        gnocchi.upgrade()
        gnocchi.start_api()
        client = gnocchi.client()
        client.expect(201, "POST", "/v1/archive_policy", POLICY)
        metric = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "p"})["id"]
        accepted = 0
        while True:
            answer = client.post("/v1/metric/%s/measures" % metric, measures(accepted, 2000))
            if answer.status != 202:
                break
            accepted += 2000
            assert accepted < 1000000, "the disk never filled up"
        assert answer.status == 503, (answer.status, answer.body)
        assert answer.headers["Retry-After"]
        assert client.get("/v1/metric/" + metric).status == 200, "reads must go on"
        subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
        client.expect(202, "POST", "/v1/metric/%s/measures" % metric, measures(accepted, 10))
        gnocchi.start_metricd()
        harness.wait_for_empty_backlog(client)
        got = rows(client, metric, "sum")
        assert len(got) == accepted + 10, "%d points, %d accepted" % (len(got), accepted + 10)
        gnocchi.stop()
    finally:
        gnocchi.kill()
        subprocess.run(["umount", "-l", small])


def main():
    build = sys.argv[1]
    with harness.workspace() as where:
        gnocchi = harness.Deployment(build, where, harness.Database("sqlite", where))
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            metricd = gnocchi.start_metricd()
            client = gnocchi.client()
            client.expect(201, "POST", "/v1/archive_policy", POLICY)
            damaged_objects(gnocchi, client, metricd)
            gnocchi.stop()
        finally:
            gnocchi.kill()
        full_disk(build, where)


main()
