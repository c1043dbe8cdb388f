"""What clients that Debian does not have send, request by request: collectd-gnocchi, Grafana's
plug-in, Watcher, exporters that walk lists. (Newton's dispatcher, InfluxDB and Prometheus have tests
of their own.)

usage: other_clients.py BUILD_DIRECTORY
"""
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

BASE = 1714557600  # 2024-05-01T10:00:00Z
BATCH = "/v1/batch/resources/metrics/measures?create_metrics=True"


def collectd(client):
    """It posts first and makes what is missing after any 400; a conflict is fine."""
    host = "collectd:node-1.example.org"
    names = ["cpu-0@cpu-idle-value", "df-root@df_complex-used-value", "load@load-midterm"]

    def write(at):
        return client.post(BATCH, {host: {name: [{"timestamp": at + 0.5, "value": i + at % 7}]
                                          for i, name in enumerate(names)}})

    refused = write(BASE)
    assert refused.status == 400, refused.body
    body = {"name": "collectd", "attributes": {"host": {"required": True, "type": "string"}}}
    resource = {"id": host, "host": "node-1.example.org"}
    absent = client.post("/v1/resource/collectd", resource)
    assert absent.status == 404, absent.body
    assert absent.json["description"] == "Resource type collectd does not exist", absent.body
    for status in (201, 409):
        assert client.post("/v1/resource_type", body).status == status
        made = client.post("/v1/resource/collectd", resource)
        assert made.status == status, made.body
    assert made.json["description"].startswith("Resource ") and "already exists" in made.json[
        "description"], made.body
    for i in range(5):
        answer = write(BASE + 300 * i)
        assert answer.status == 202 and not answer.body, answer.body
    harness.wait_for_empty_backlog(client)
    for i, name in enumerate(names):
        rows = client.expect(200, "GET", "/v1/resource/collectd/%s/metric/%s/measures" % (
            host, urllib.parse.quote(name)))
        assert [r[2] for r in rows] == [i + (BASE + 300 * n) % 7 for n in range(5)], rows


def preflight(client, method, path):
    answer = client.request("OPTIONS", path, headers={
        "Origin": "http://grafana.example.org", "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "X-Auth-Token, Content-Type"})
    assert answer.status == 200, answer.status
    assert answer.headers["Access-Control-Allow-Origin"] == "http://grafana.example.org"
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "x-auth-token" in allowed, allowed


def grafana(client, metrics):
    """Tests the source, fills its lists, draws panels; the browser asks for leave before."""
    build = client.expect(200, "GET", "/")["build"].split(".")
    assert build[0] == "4" and int(build[1]) >= 2, build
    preflight(client, "POST", "/v1/search/resource/generic")
    preflight(client, "GET", "/v1/aggregation/metric")
    assert "generic" in client.expect(200, "GET", "/v1/resource")
    assert "generic" in [t["name"] for t in client.expect(200, "GET", "/v1/resource_type")]
    found = client.expect(200, "POST", "/v1/search/resource/vm?filter=" + urllib.parse.quote(
        "host like 'compute%' and ended_at = null") + "&attrs=id&attrs=host",
        None, headers={"Content-Type": "application/json"})
    assert len(found) == 3 and set(found[0]) == {"id", "host"}, found
    span = "start=2024-05-01T10:00:00.000Z&stop=2024-05-01T11:00:00.000Z&end=now"
    rows = client.expect(200, "GET", "/v1/metric/%s/measures?%s&aggregation=mean&granularity=300" % (
        metrics[0], span))
    assert [r[2] for r in rows] == [0.0, 1.0, 2.0, 3.0], rows
    # Hundreds of metrics are named in one URL.
    many = "&".join("metric=" + m for m in metrics * 200)
    rows = client.expect(200, "GET", "/v1/aggregation/metric?%s&%s&aggregation=mean&reaggregation=sum"
                         "&granularity=300" % (many, span))
    assert [r[2] for r in rows] == [30.0, 33.0, 36.0, 39.0], rows
    rows = client.expect(200, "POST", "/v1/aggregation/resource/vm/metric/cpu?%s&aggregation=mean&"
                         "reaggregation=max&needed_overlap=0" % span, {"=": {"host": "compute-1"}})
    assert [r[2] for r in rows] == [10.0, 11.0, 12.0, 13.0], rows
    answer = client.expect(
        200, "POST", "/v1/aggregates?details=true&groupby=host&" + span,
        {"operations": "(aggregate mean (metric cpu mean))", "resource_type": "vm",
         "search": "host like 'compute%'"})
    drawn = {g["group"]["host"]: g["measures"] for g in answer}
    assert [r[2] for r in drawn["compute-0"]["measures"]["aggregated"]] == [10.0, 11.0, 12.0, 13.0]
    assert {r["host"] for r in drawn["compute-0"]["references"]} == {"compute-0"}, drawn
    # It shows the line after <br /> of an error in HTML.
    error = client.get("/v1/metric/%s/measures?aggregation=nosuch" % metrics[0],
                       headers={"Accept": "application/json, text/plain, */*"})
    assert error.status == 404 and b"<br /><br />\n{" in error.body, error.body


def watcher(client):
    found = client.expect(200, "POST", "/v1/search/resource/vm?limit=1",
                          {"=": {"original_resource_id": "vm 2"}})
    assert [r["original_resource_id"] for r in found] == ["vm 2"], found
    rows = client.expect(200, "GET", "/v1/metric/%s/measures?aggregation=rate:mean&granularity=300&"
                         "start=2024-05-01T10:00:00&stop=2024-05-01T10:20:00" % (
                             found[0]["metrics"]["cpu"]))
    assert rows[-1][2] == 1.0, rows


def exporter(client, metrics):
    """Lists walked by marker and by Link give everything once; the end is an empty page."""
    for path in ("/v1/metric", "/v1/resource/generic"):
        by_marker, marker = [], ""
        while True:
            page = client.expect(200, "GET", "%s?limit=2&sort=id:asc%s" % (path, marker))
            if not page:
                break
            by_marker += [r["id"] for r in page]
            marker = "&marker=" + page[-1]["id"]
        by_link, url = [], path + "?limit=2"
        while url:
            answer = client.get(url)
            by_link += [r["id"] for r in answer.json]
            link = answer.headers["Link"] or ""
            assert not link or link.endswith('; rel="next"'), link
            url = link[len("<" + client.url):link.index(">")] if link else None
        assert len(set(by_marker)) == len(by_marker) and sorted(by_link) == sorted(by_marker)
    assert set(metrics) <= set(
        m["id"] for m in client.expect(200, "GET", "/v1/metric?limit=1000")), metrics
    summary = client.expect(200, "GET", "/v1/status?details=False")["storage"]["summary"]
    assert summary == {"metrics": 0, "measures": 0}, summary


def fill(client):
    client.expect(201, "POST", "/v1/archive_policy", {
        "name": "fives", "definition": [{"granularity": 300, "points": 100}],
        "aggregation_methods": ["mean", "max", "rate:mean"]})
    client.expect(201, "POST", "/v1/archive_policy_rule", {
        "name": "all", "metric_pattern": "*", "archive_policy_name": "fives"})
    client.expect(201, "POST", "/v1/resource_type", {"name": "vm", "attributes": {
        "host": {"type": "string"}}})
    metrics = []
    for n in range(3):
        made = client.expect(201, "POST", "/v1/resource/vm", {
            "id": "vm %d" % n, "host": "compute-%d" % (n % 2), "metrics": {"cpu": {}}})
        metrics.append(made["metrics"]["cpu"])
        client.expect(202, "POST", "/v1/metric/%s/measures" % metrics[-1], [
            {"timestamp": BASE + 300 * i, "value": 10 * n + i} for i in range(4)])
    harness.wait_for_empty_backlog(client)
    return metrics


def main():
    build = sys.argv[1]
    with harness.workspace() as where:
        gnocchi = harness.Deployment(
            build, where, harness.Database("sqlite", where),
            options="[cors]\nallowed_origin = http://grafana.example.org\n")
        try:
            gnocchi.upgrade("--skip-archive-policies-creation")
            gnocchi.start_api()
            gnocchi.start_metricd()
            client = gnocchi.client()
            metrics = fill(client)
            grafana(client, metrics)
            watcher(client)
            collectd(client)
            exporter(client, metrics)
            print("collectd, Grafana, Watcher, exporters: answered as they want")
            gnocchi.stop()
        finally:
            gnocchi.kill()


main()
