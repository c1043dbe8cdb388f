"""Ours against Python Gnocchi 4.4.2 in one run, over REST, on loopback; prints a table.

usage: compare.py BUILD_DIRECTORY [--seconds 5] [--database mysql|sqlite] [--only ROW,...]
                  [--without-python] [--rounds 1]

Both sides use file storage of their own; Python the MariaDB of GNOCCHI_TEST_MYSQL_URL, ours the
database asked for. wrk is the client (one of the cores is its). Ours syncs what it accepts to disk
(file_sync = commit); Python never does. Answers are checked: a wrong status ends the run.
"""
import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "live"))
import harness  # noqa: E402

BASE = 1700000000
AUTHORIZATION = "basic YWRtaW46"
OPTIONS = "[archive_policy]\ndefault_aggregation_methods = mean,min,max,sum,std,count\n"


def measures(start, count, step=1):
    return [{"timestamp": BASE + start + i * step, "value": (i * 7919 % 1000) / 8}
            for i in range(count)]


class Side:
    """One implementation, with what the rows need created in it."""

    def __init__(self, deployment, seconds):
        self.deployment, self.seconds = deployment, seconds
        deployment.upgrade()
        self.api = deployment.start_api()
        self.metricd = deployment.start_metricd()
        self.client = deployment.client()
        self.cpu = 0.0

    def metrics(self, count, policy="low"):
        return [self.client.expect(201, "POST", "/v1/metric",
                                   {"archive_policy_name": policy})["id"] for _ in range(count)]

    def batch(self, metrics, start, count):
        for i in range(0, len(metrics), 200):
            self.client.expect(202, "POST", "/v1/batch/metrics/measures",
                               {m: measures(start, count) for m in metrics[i:i + 200]},
                               timeout=120)

    def wrk(self, requests, connections):
        """requests: [(method, path, body)]; requests a second."""
        path = os.path.join(self.deployment.where, "requests")
        with open(path, "w") as f:
            for method, target, body in requests:
                f.write("%s %s\n%s\n" % (method, target, "" if body is None else json.dumps(body)))
        before = self.cpu_seconds()
        done = subprocess.run(
            ["wrk", "-t1", "-c%d" % connections, "-d%ds" % self.seconds, "--timeout", "60s",
             "-s", os.path.join(HERE, "request.lua"), self.deployment.url],
            env=dict(os.environ, REQUESTS=path, AUTHORIZATION=AUTHORIZATION),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout.decode()
        result = dict((k, int(v)) for k, v in re.findall(r"(\w+)=(-?\d+)", done))
        assert result["requests"] > 0, done
        assert result["non2xx"] == 0, "%d answers were no success: %s" % (result["non2xx"], done)
        self.cpu = (self.cpu_seconds() - before) / result["requests"]
        return result["requests"] / (result["duration_us"] / 1e6)

    def cpu_seconds(self):
        group = os.getpgid(self.api.popen.pid)
        total = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                fields = open("/proc/%s/stat" % pid).read().rsplit(") ", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def pause(self):
        os.killpg(self.metricd.popen.pid, signal.SIGSTOP)

    def drain(self):
        """Lets metricd go on; seconds until nothing is pending."""
        os.killpg(self.metricd.popen.pid, signal.SIGCONT)
        begin = time.monotonic()
        while True:
            status = self.client.get("/v1/status?details=False", timeout=120).json
            if status["storage"]["summary"]["measures"] == 0:
                return time.monotonic() - begin
            time.sleep(0.01)


def single_post(side):
    metrics = side.metrics(100)
    return side.wrk([("POST", "/v1/metric/%s/measures" % m, measures(0, 1)) for m in metrics], 16)


def batch_post(side):
    metrics = side.metrics(100)
    body = {m: measures(0, 100) for m in metrics}
    return 10000 * side.wrk([("POST", "/v1/batch/metrics/measures", body)], 4)


def ceilometer_post(side):
    names = ["cpu", "memory", "disk.read", "disk.write", "network"]
    body = {}
    for i in range(100):
        made = side.client.expect(201, "POST", "/v1/resource/generic", {
            "id": "instance-%d-%d" % (i, time.monotonic_ns()),
            "metrics": {n: {"archive_policy_name": "low"} for n in names}})
        body[made["original_resource_id"]] = {
            n: {"measures": measures(0, 1), "archive_policy_name": "low"} for n in names}
    path = "/v1/batch/resources/metrics/measures?create_metrics=true"
    return 500 * side.wrk([("POST", path, body)], 4)


def get_points(points):
    def row(side):
        policy = "points-%d" % points
        side.client.request("POST", "/v1/archive_policy", {
            "name": policy, "definition": [{"granularity": 10, "points": 10000}]})
        metrics = side.metrics(10, policy)
        for m in metrics:
            side.client.expect(202, "POST", "/v1/metric/%s/measures" % m,
                               measures(0, points, 10), timeout=120)
        harness.wait_for_empty_backlog(side.client, 300)
        for m in metrics:
            rows = side.client.expect(200, "GET", "/v1/metric/%s/measures" % m)
            assert len(rows) == points, (len(rows), points)
        return side.wrk([("GET", "/v1/metric/%s/measures" % m, None) for m in metrics], 8)
    return row


def drain(points, metrics_ours, metrics_python):
    def row(side):
        python = isinstance(side.deployment, harness.PythonDeployment)
        metrics = side.metrics(metrics_python if python else metrics_ours)
        side.batch(metrics, 0, points)  # the steady state: every object is there already
        harness.wait_for_empty_backlog(side.client, 600)
        side.pause()
        side.batch(metrics, points, points)
        rate = len(metrics) * points / side.drain()
        got = side.client.expect(
            200, "GET", "/v1/metric/%s/measures?aggregation=count" % metrics[-1])
        assert sum(r[2] for r in got) == 2 * points, got
        return rate
    return row


def create_metric(side):
    return side.wrk([("POST", "/v1/metric", {"archive_policy_name": "low"})], 16)


ROWS = {
    "post": ("single POST, 16 connections, req/s", single_post, 30),
    "batch": ("batch 100 x 100, points/s", batch_post, 50),
    "ceilometer": ("Ceilometer's batch, points/s", ceilometer_post, 50),
    "get300": ("GET 300 points, req/s", get_points(300), 50),
    "get8640": ("GET 8,640 points, req/s", get_points(8640), 50),
    "drain300": ("drain, 300 points a metric, points/s", drain(300, 2000, 200), 20),
    "drain1": ("drain, 1 point a metric, metrics/s", drain(1, 5000, 300), 20),
    "create": ("create a metric, req/s", create_metric, 8),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--database", default="mysql")
    parser.add_argument("--only", default=",".join(ROWS))
    parser.add_argument("--without-python", action="store_true")
    parser.add_argument("--options", default="", help="added to our gnocchi.conf")
    args = parser.parse_args()
    print("%-38s %12s %12s %8s %6s  %s" % (
        "", "ours", "Python", "ratio", "goal", "our API's CPU us/request"))
    with harness.workspace() as where:
        for key in args.only.split(","):
            title, row, goal = ROWS[key]
            found = {}
            for name in ["ours"] if args.without_python else ["ours", "python"]:
                rates = []
                for n in range(args.rounds if name == "ours" else 1):
                    place = os.path.join(where, "%s-%s-%d" % (key, name, n))
                    os.makedirs(place)
                    if name == "ours":
                        database = harness.Database(args.database, place)
                        deployment = harness.Deployment(args.build, place, database,
                                                        options=OPTIONS + args.options)
                    else:
                        database = harness.Database("mysql", place)
                        deployment = harness.PythonDeployment(place, database, options=OPTIONS)
                    try:
                        side = Side(deployment, args.seconds)
                        rates.append(row(side))
                        cpu = side.cpu
                    finally:
                        deployment.kill()
                        database.drop()
                    if name == "ours":
                        our_cpu = cpu
                found[name] = statistics.median(rates)
            python = found.get("python")
            print("%-38s %12.0f %12s %8s %5dx  %.0f" % (
                title, found["ours"], "%.0f" % python if python else "-",
                "%.1fx" % (found["ours"] / python) if python else "-", goal, our_cpu * 1e6),
                flush=True)


main()
