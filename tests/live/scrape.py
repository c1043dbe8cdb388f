"""A real Prometheus scrapes gnocchi-api and gnocchi-metricd while clients work, and its queries give
back what was done; promtool finds nothing wrong with the pages nor with the documented rules.

usage: scrape.py BUILD_DIRECTORY SOURCE_DIRECTORY
"""
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

METRICS, POSTS, POINTS = 5, 4, 3
JOBS = {"gnocchi-api": "api", "gnocchi-metricd": "metricd"}


def page(port):
    with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % port, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer.headers
        return answer.read().decode()


def check_page(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()


def documented(source, language):
    """The first block of this language in the operators' page."""
    with open(os.path.join(source, "docs/operators/observing.md")) as f:
        return re.search(r"```%s\n(.*?)```" % language, f.read(), re.S).group(1)


def start_prometheus(where, source, ports):
    """With the documented scrape configuration and rules, at other addresses and more often."""
    config = documented(source, "yaml scrape")
    config = re.sub(r"scrape_interval: \w+", "scrape_interval: 1s", config)
    for job, port in ports.items():
        config, count = re.subn(r"(job_name: %s\n(?:.*\n)*?.*targets: )\[.*\]" % job,
                                r"\1['127.0.0.1:%d']" % port, config)
        assert count == 1, config
    rules = os.path.join(where, "gnocchi-rules.yml")
    with open(rules, "w") as f:
        f.write(documented(source, "yaml rules"))
    config = config.replace("gnocchi-rules.yml", rules)
    path = os.path.join(where, "prometheus.yml")
    with open(path, "w") as f:
        f.write(config)
    for command in (["check", "config", path], ["check", "rules", rules]):
        done = subprocess.run(["promtool"] + command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()
    port = harness.free_port()
    prometheus = harness.Process(
        ["prometheus", "--config.file", path, "--storage.tsdb.path", os.path.join(where, "tsdb"),
         "--web.listen-address", "127.0.0.1:%d" % port], os.path.join(where, "prometheus.log"))
    return prometheus, "http://127.0.0.1:%d" % port


def query(url, expression):
    with urllib.request.urlopen(url + "/api/v1/query?query=" + urllib.parse.quote(expression),
                                timeout=10) as answer:
        return json.load(answer)["data"]["result"]


def value(url, expression):
    found = query(url, expression)
    return float(found[0]["value"][1]) if found else None


def work(client):
    client.expect(201, "POST", "/v1/archive_policy", {
        "name": "p", "definition": [{"granularity": "60s"}]})
    for n in range(METRICS):
        metric = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "p"})["id"]
        for post in range(POSTS):
            client.expect(202, "POST", "/v1/metric/%s/measures" % metric, [
                {"timestamp": 1700000000 + 60 * (POINTS * post + i), "value": i}
                for i in range(POINTS)])
        assert client.get("/v1/metric/%s/measures?start=never" % metric).status == 400
    harness.wait_for_empty_backlog(client)


def check_queries(url):
    all_measures = METRICS * POSTS * POINTS
    route = "route=\"/v1/metric/{id}/measures\""
    wanted = {
        "gnocchi_http_requests_total{%s,method=\"POST\",status=\"202\"}" % route: METRICS * POSTS,
        "gnocchi_http_requests_total{%s,method=\"GET\",status=\"400\"}" % route: METRICS,
        "gnocchi_http_request_duration_seconds_count{%s,method=\"POST\"}" % route: METRICS * POSTS,
        "gnocchi_measures_accepted_total{job=\"gnocchi-api\"}": all_measures,
        "gnocchi_measures_processed_total{job=\"gnocchi-metricd\"}": all_measures,
        "sum(gnocchi_backlog_bundles{job=\"gnocchi-api\"})": 0,
        "count(gnocchi_backlog_metrics{job=\"gnocchi-metricd\"})": 128,
        "sum(gnocchi_driver_errors_total)": 0,
        "gnocchi_build_info{program=\"gnocchi-metricd\"}": 1,
    }

    def as_wanted():
        return all(value(url, expression) == number for expression, number in wanted.items())
    try:
        harness.wait_until(as_wanted, "Prometheus has seen all of it", 20)
    except AssertionError:
        for expression, number in wanted.items():
            print("%s = %s, not %s" % (expression, value(url, expression), number))
        raise
    assert value(url, "gnocchi_metrics_processed_total{job=\"gnocchi-metricd\"}") >= METRICS
    assert value(url, "gnocchi_pass_duration_seconds_count{job=\"gnocchi-metricd\"}") >= 1
    assert value(url, "histogram_quantile(0.99, sum by (le) "
                      "(gnocchi_http_request_duration_seconds_bucket))") > 0
    assert value(url, "process_resident_memory_bytes{job=\"gnocchi-api\"}") > 1e6


def check_status(client):
    """Of one metricd, what it has done, as it publishes it to the other processes."""
    def told():
        metricd = client.expect(200, "GET", "/v1/status")["metricd"]
        assert len(metricd["processors"]) == 1, metricd
        done = metricd["statistics"][metricd["processors"][0]]
        return done if done.get("processed measures") == METRICS * POSTS * POINTS else None
    done = harness.wait_until(told, "the status tells of all measures", 10)
    assert done["passes"] >= 1 and done["pass time"] > 0, done
    assert done["processed metrics"] >= METRICS, done
    assert done["failed passes"] == 0 and done["dropped metrics"] == 0, done


def check_rules(url):
    with urllib.request.urlopen(url + "/api/v1/rules", timeout=10) as answer:
        groups = json.load(answer)["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules, "no rule was loaded"
    for rule in rules:
        assert rule["health"] in ("ok", "unknown"), rule
        assert rule["state"] == "inactive", rule
    return len(rules)


def main():
    build, source = sys.argv[1:3]
    for program in ("prometheus", "promtool"):
        if not shutil.which(program):
            harness.skip(program + " is not installed")
    with harness.workspace() as where:
        port = harness.free_port()
        gnocchi = harness.Deployment(build, where, harness.Database("sqlite", where))
        with open(gnocchi.conf, "a") as f:
            f.write("[metricd]\nmetrics_port = %d\n" % port)
        prometheus = None
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            gnocchi.start_metricd()
            prometheus, url = start_prometheus(where, source, {"gnocchi-api": gnocchi.port,
                                                               "gnocchi-metricd": port})
            work(gnocchi.client())
            for each in (gnocchi.port, port):
                check_page(page(each))
            check_queries(url)
            check_status(gnocchi.client())
            print("scraped; %d rules evaluated, none fires" % check_rules(url))
            gnocchi.stop()
        finally:
            gnocchi.kill()
            if prometheus:
                prometheus.kill()


main()
