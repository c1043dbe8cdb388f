"""Measures and aggregates as CSV and as ndjson, read with Python's own csv and json, are those of the
JSON answer.

usage: rows.py BUILD_DIRECTORY
"""
import csv
import io
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

BASE = 1704067200  # 2024-01-01
POLICY = {"name": "p", "aggregation_methods": ["mean", "max"],
          "definition": [{"granularity": "60s"}, {"granularity": "1h"}]}
HOSTS = ["plain", "with, comma", 'with "quotes"', "\u00fcmlaut"]


def make(client):
    client.expect(201, "POST", "/v1/archive_policy", POLICY)
    client.expect(201, "POST", "/v1/resource_type", {"name": "vm", "attributes": {
        "host": {"type": "string", "required": False}}})
    for n, host in enumerate(HOSTS + [None]):
        body = {"id": "vm%d" % n, "metrics": {"cpu": {"archive_policy_name": "p"}}}
        if host is not None:
            body["host"] = host
        client.expect(201, "POST", "/v1/resource/vm", body)
        client.expect(202, "POST", "/v1/resource/vm/vm%d/metric/cpu/measures" % n, [
            {"timestamp": BASE + 60 * i, "value": n + i / 8} for i in range(90)])
    harness.wait_for_empty_backlog(client)


def text_of(client, method, url, kind, body=None):
    answer = client.request(method, url, body, headers={"Accept": kind})
    assert answer.status == 200, "%s %s as %s: %d: %.300s" % (
        method, url, kind, answer.status, answer.body)
    assert answer.headers["Content-Type"].startswith(kind), answer.headers["Content-Type"]
    return answer.body.decode()


def csv_rows(client, method, url, body=None):
    text = text_of(client, method, url, "text/csv", body)
    assert text.count("\r\n") == text.count("\n") and text.endswith("\r\n"), text[:300]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def ndjson_rows(client, method, url, body=None):
    text = text_of(client, method, url, "application/x-ndjson", body)
    return [json.loads(line) for line in text.splitlines()]


def number(text):
    return float(text) if text.replace(".", "").replace("-", "").isdigit() else text


def check_measures(client, url):
    wanted = [tuple(row) for row in client.expect(200, "GET", url)]
    got = [(r["timestamp"], number(r["granularity"]), float(r["value"]))
           for r in csv_rows(client, "GET", url)]
    assert got == wanted, (url, got[:3], wanted[:3])
    got = [(r["timestamp"], r["granularity"], r["value"]) for r in ndjson_rows(client, "GET", url)]
    assert got == wanted, (url, got[:3], wanted[:3])
    return len(wanted)


def flat(answer, group=()):
    """The JSON form of aggregates as rows: (group, names of the series, time, granularity, value)."""
    if isinstance(answer, list):
        return [row for g in answer for row in flat(g["measures"], tuple(g["group"].items()))]

    def walk(value, names):
        if isinstance(value, list):
            return [(group, names) + tuple(row) for row in value]
        return [row for name, below in value.items()
                for row in walk(below, () if name == "aggregated" else names + (name,))]
    return walk(answer["measures"], ())


def check_aggregates(client, url, body):
    wanted = flat(client.expect(200, "POST", url, body))
    assert wanted, "nothing to compare"
    got = []
    for r in ndjson_rows(client, "POST", url, body):
        names = tuple(r[c] for c in ("resource", "metric", "aggregation") if c in r)
        got.append((tuple(r.get("group", {}).items()), names, r["timestamp"], r["granularity"],
                    r["value"]))
    assert sorted(got, key=str) == sorted(wanted, key=str), (url, got[:2], wanted[:2])
    got = []
    for r in csv_rows(client, "POST", url, body):
        group = tuple((k[6:], v or None) for k, v in r.items() if k.startswith("group."))
        names = tuple(r[c] for c in ("resource", "metric", "aggregation") if c in r)
        value = r["value"] == "true" if r["value"] in ("true", "false") else float(r["value"])
        got.append((group, names, r["timestamp"], number(r["granularity"]), value))
    assert sorted(got, key=str) == sorted(wanted, key=str), (url, got[:2], wanted[:2])
    return len(wanted)


def check_refusals(client):
    for kind in ("text/csv", "application/x-ndjson"):
        for method, url, body, status in (
                ("GET", "/v1/resource/vm/vm0/metric/nosuch/measures", None, 404),
                ("GET", "/v1/resource/vm/vm0/metric/cpu/measures?start=never", None, 400),
                ("POST", "/v1/aggregates", {"operations": ["nosuch"]}, 400),
                ("POST", "/v1/aggregates?details=true",
                 {"operations": ["metric", "cpu", "mean"], "resource_type": "vm"}, 400)):
            answer = client.request(method, url, body, headers={"Accept": kind})
            assert answer.status == status, (method, url, answer.status, answer.body)
            assert answer.headers["Content-Type"] == "application/json", answer.headers
            assert answer.json["code"] == status and answer.json["description"], answer.body
        assert client.get("/v1/metric", headers={"Accept": kind}).status == 406


def main():
    build = sys.argv[1]
    with harness.workspace() as where:
        gnocchi = harness.Deployment(build, where, harness.Database("sqlite", where))
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            gnocchi.start_metricd()
            client = gnocchi.client()
            make(client)
            measures = "/v1/resource/vm/vm1/metric/cpu/measures"
            metric = client.expect(200, "GET", "/v1/resource/vm/vm1")["metrics"]["cpu"]
            rows = check_measures(client, measures)
            assert rows == 92, rows
            for url in ("/v1/metric/%s/measures?aggregation=max" % metric,
                        measures + "?granularity=60&resample=600",
                        measures + "?granularity=60&resample=M",
                        measures + "?start=2030-01-01"):
                rows += check_measures(client, url)
            series = ["metric", "cpu", "mean"]
            search = {"resource_type": "vm", "search": {}}
            for query, operations in (
                    ("", series), ("", ["metric", ["cpu", "mean"], ["cpu", "max"]]),
                    ("?groupby=host", series), ("?groupby=host&groupby=id", series),
                    ("?groupby=host", ["aggregate", "mean", series]),
                    ("?top=2&groupby=host", ["aggregate", "max", series]),
                    ("?granularity=60", [">", series, 3]),
                    ("?granularity=60", ["aggregate", "sum", series])):
                rows += check_aggregates(client, "/v1/aggregates" + query,
                                         dict(search, operations=operations))
            rows += check_aggregates(client, "/v1/aggregates", {
                "operations": ["metric", metric, "mean"]})
            check_refusals(client)
            print("%d rows are the same in all three forms" % rows)
            gnocchi.stop()
        finally:
            gnocchi.kill()


main()
