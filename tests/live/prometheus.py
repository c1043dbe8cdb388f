"""A real Prometheus writes what it scrapes of itself to gnocchi-server, which gives back the points
that Prometheus itself holds.

    prometheus.py BUILD
"""
import json
import os
import shutil
import sys
import urllib.request

import harness

NAMES = ["up", "scrape_samples_scraped", "prometheus_tsdb_head_series", "go_goroutines"]


def query(url, expression):
    with urllib.request.urlopen(url + "/api/v1/query?query=" + expression, timeout=10) as answer:
        return json.load(answer)["data"]["result"]


def start_prometheus(where, gnocchi):
    port = harness.free_port()
    config = os.path.join(where, "prometheus.yml")
    with open(config, "w") as f:
        f.write("""global:
  scrape_interval: 1s
scrape_configs:
  - job_name: self/test
    static_configs:
      - targets: ['127.0.0.1:%d']
remote_write:
  - url: %s/v1/prometheus/write
    basic_auth:
      username: admin
    queue_config:
      batch_send_deadline: 1s
""" % (port, gnocchi))
    process = harness.Process(
        ["prometheus", "--config.file", config, "--storage.tsdb.path", os.path.join(where, "tsdb"),
         "--web.listen-address", "127.0.0.1:%d" % port], os.path.join(where, "prometheus.log"))
    return process, "http://127.0.0.1:%d" % port, "self_test@127.0.0.1:%d" % port


def raw_points(url, name):
    """What Prometheus has: whole seconds and values."""
    result = query(url, name + "[60s]")
    assert len(result) == 1, result
    return {float(v) for _, v in result[0]["values"]}


def run(build):
    if not shutil.which("prometheus"):
        harness.skip("prometheus is not installed")
    with harness.workspace() as where:
        database = harness.Database("sqlite", where)
        deployment = harness.Deployment(build, where, database)
        prometheus = None
        try:
            deployment.upgrade("--skip-archive-policies-creation")
            deployment.start_api()
            deployment.start_metricd()
            client = deployment.client()
            client.expect(201, "POST", "/v1/archive_policy", {
                "name": "second", "aggregation_methods": ["last", "count"],
                "definition": [{"granularity": 1, "points": 3600}]})
            client.expect(201, "POST", "/v1/archive_policy_rule", {
                "name": "all", "metric_pattern": "*", "archive_policy_name": "second"})
            prometheus, url, resource = start_prometheus(where, deployment.url)
            path = "/v1/resource/prometheus/" + resource

            def measures(name):
                return client.get(path + "/metric/%s/measures?refresh=true&aggregation=last" % name)

            def enough():
                answers = [measures(name) for name in NAMES]
                return all(a.status == 200 and len(a.json) >= 5 for a in answers)
            harness.wait_until(enough, "five points of each: " + prometheus.tail(5), 40)
            made = client.expect(200, "GET", path)
            assert made["job"] == "self/test" and made["instance"] in url, made
            assert len(made["metrics"]) > 100, len(made["metrics"])
            for name in NAMES:
                rows = measures(name).json
                known = raw_points(url, name)
                assert len(rows) >= 5, (name, rows)
                assert {row[2] for row in rows} <= known, (name, rows, known)
            failed = query(url, "prometheus_remote_storage_samples_failed_total")
            assert all(float(one["value"][1]) == 0 for one in failed), failed
            print("%d metrics written by Prometheus, points of %d read back" % (
                len(made["metrics"]), len(NAMES)))
        finally:
            if prometheus:
                prometheus.stop()
            deployment.stop()
            database.drop()


run(sys.argv[1])
