"""Aggregates over many metrics: a search among 10,000 resources finds 1,000 metrics of 300 points
each. The answer is right, costs one query of the index, one list of splits and a read of the storage
for each few hundred of them, whose memory is given back; what is beyond the limits is refused with
its cause.

usage: aggregates_at_scale.py BUILD_DIRECTORY sqlite|mysql
"""
import http.client
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

RESOURCES, METRICS, POINTS, GROUPS, BATCH = 10000, 1000, 300, 50, 100
SPLITS_PER_READ = 64  # of which each metric has one here
BASE = 1704067200  # 2024-01-01
MOST_POINTS = METRICS * POINTS + 1000
MOST_MEMORY = 400 << 20  # bytes; the goal under full load is 300 MiB, here are debugging aids too
OPTIONS = """[api]
max_aggregated_metrics = %d
max_aggregated_points = %d
""" % (METRICS, MOST_POINTS)


class Connection:
    """One connection that is kept alive, for very many small requests."""

    def __init__(self, client):
        self.headers = dict(client.headers, **{"Content-Type": "application/json"})
        self.http = http.client.HTTPConnection(client.url.partition("//")[2], timeout=60)

    def expect(self, status, method, path, body):
        self.http.request(method, path, json.dumps(body), self.headers)
        answer = self.http.getresponse()
        text = answer.read()
        assert answer.status == status, (method, path, answer.status, text[:500])


def value(metric, point):
    """Small integers and halves: sums are exact in any order."""
    return (metric * 7 + point) % 64 / 2


def fill(client):
    client.expect(201, "POST", "/v1/archive_policy", {
        "name": "p", "aggregation_methods": ["mean", "max"], "definition": [{"granularity": "60s"}]})
    client.expect(201, "POST", "/v1/resource_type", {"name": "vm", "attributes": {
        "cluster": {"type": "string"}, "tenant": {"type": "number"}}})
    one = Connection(client)
    for n in range(RESOURCES):
        body = {"id": "vm%d" % n, "cluster": "busy" if n < METRICS else "idle", "tenant": n % GROUPS}
        if n <= METRICS:  # one is beyond the limit, in the other cluster
            body["metrics"] = {"cpu": {"archive_policy_name": "p"}}
        one.expect(201, "POST", "/v1/resource/vm", body)
    for first in range(0, METRICS, BATCH):
        one.expect(202, "POST", "/v1/batch/resources/metrics/measures", {
            "vm%d" % n: {"cpu": [{"timestamp": BASE + 60 * i, "value": value(n, i)}
                                 for i in range(POINTS)]} for n in range(first, first + BATCH)})
    harness.wait_for_empty_backlog(client)


class Costs:
    """What gnocchi-api has done between two looks at its /metrics."""

    def __init__(self, client):
        self.client = client
        self.before = self.look()

    def look(self):
        page = self.client.get("/metrics").body.decode()
        calls = {kind: float(count) for kind, count in re.findall(
            r'^gnocchi_driver_call_duration_seconds_count\{[^}]*kind="(\w+)"[^}]*\} (\S+)$', page,
            re.M)}
        assert {"storage", "indexer"} <= set(calls), page[:3000]
        calls["memory"] = float(re.search(r"^process_resident_memory_bytes (\S+)$", page, re.M)[1])
        return calls

    def taken(self, kind):
        return self.look()[kind] - self.before[kind]


def search(cluster="busy", operations=("aggregate", "mean", ("metric", "cpu", "mean"))):
    """A request for aggregates."""
    found = {"=": {"cluster": cluster}} if cluster else {}
    return {"resource_type": "vm", "search": found, "operations": operations}


def check_answers(client):
    client.expect(200, "POST", "/v1/aggregates", search())  # policies and types are cached now
    costs = Costs(client)
    rows = client.expect(200, "POST", "/v1/aggregates", search())["measures"]["aggregated"]
    queries, reads = costs.taken("indexer"), costs.taken("storage")
    assert len(rows) == POINTS, len(rows)
    for i, (_, granularity, mean) in enumerate(rows):
        assert granularity == 60.0
        assert mean == sum(value(n, i) for n in range(METRICS)) / METRICS, (i, mean)
    # The type of the resources is asked for besides; splits are listed and read.
    assert queries <= 2, "%d calls of the index" % queries
    assert reads <= 1 + -(-METRICS // SPLITS_PER_READ), "%d calls of the storage" % reads

    groups = client.expect(200, "POST", "/v1/aggregates?groupby=tenant", search())
    assert [g["group"]["tenant"] for g in groups] == list(range(GROUPS)), groups[0]["group"]
    for group in groups:
        members = range(int(group["group"]["tenant"]), METRICS, GROUPS)
        for i, (_, _, mean) in enumerate(group["measures"]["measures"]["aggregated"]):
            assert mean == sum(value(n, i) for n in members) / len(members), (group["group"], i)
    memory = Costs(client).before["memory"]
    assert memory < MOST_MEMORY, "%d MiB" % (memory / (1 << 20))
    return queries, reads, memory


def check_limits(client):
    series = [["aggregate", "mean", ["metric", "cpu", method]] for method in ("mean", "max")]
    for path, body, cause, limit in (
            ("/v1/aggregates", search(cluster=None), "Too many metrics", METRICS),
            ("/v1/aggregates?groupby=id", search(cluster=None), "Too many metrics", METRICS),
            ("/v1/aggregation/resource/vm/metric/cpu", None, "Too many metrics", METRICS),
            ("/v1/aggregates", search(operations=["+"] + series), "Too many points", MOST_POINTS)):
        answer = client.post(path, body)
        assert answer.status == 400, (path, answer.status)
        refusal = answer.json["description"]
        assert refusal["cause"] == cause and str(limit) in json.dumps(refusal), refusal


def main():
    build, kind = sys.argv[1:3]
    with harness.workspace() as where:
        database = harness.Database(kind, where)
        gnocchi = harness.Deployment(build, where, database)
        with open(gnocchi.conf) as f:
            text = f.read()
        with open(gnocchi.conf, "w") as f:
            f.write(text.replace("[api]\n", OPTIONS, 1))
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            gnocchi.start_metricd()
            client = gnocchi.client()
            fill(client)
            queries, reads, memory = check_answers(client)
            check_limits(client)
            print("%d of %d resources: %d calls of the index, %d of the storage, %d MiB" % (
                METRICS, RESOURCES, queries, reads, memory / (1 << 20)))
            gnocchi.stop()
        finally:
            gnocchi.kill()
            database.drop()


main()
