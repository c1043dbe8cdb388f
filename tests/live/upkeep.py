"""What operators do to data, with the running programs: a smaller back window, measures of the
future, deleted measures, resources that end and go, another number of sacks, the injector.

    upkeep.py BUILD sqlite|mysql
"""
import datetime
import signal
import subprocess
import sys
import time

import harness
from harness import wait_for_empty_backlog, wait_until

OPTIONS = """[metricd]
metric_inactive_after = {inactive}
resource_cleanup_after = {cleanup}
resource_cleanup_dry_run = {dry}
workers = {workers}
"""


def options(inactive=0, cleanup=0, dry="false", workers=2):
    return OPTIONS.format(inactive=inactive, cleanup=cleanup, dry=dry, workers=workers)


def iso(offset):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset)
    return now.strftime("%Y-%m-%dT%H:%M:%S")


class Upkeep:
    def __init__(self, deployment):
        self.deployment = deployment
        self.client = deployment.client()

    def metric(self, policy):
        return self.client.expect(201, "POST", "/v1/metric", {"archive_policy_name": policy})["id"]

    def post(self, metric, times, value=1):
        self.client.expect(202, "POST", "/v1/metric/%s/measures" % metric,
                           [{"timestamp": t, "value": value} for t in times])
        wait_for_empty_backlog(self.client)

    def measures(self, metric, query=""):
        return self.client.expect(200, "GET", "/v1/metric/%s/measures%s" % (metric, query))

    def policy(self, name, back_window):
        self.client.expect(201, "POST", "/v1/archive_policy", {
            "name": name, "back_window": back_window, "aggregation_methods": ["sum"],
            "definition": [{"granularity": 1, "points": 86400}]})

    def back_window(self):
        self.policy("shrinking", 600)
        metric = self.metric("shrinking")
        base = datetime.datetime(2024, 5, 1, 12, 0, 0)
        at = lambda s: (base + datetime.timedelta(seconds=s)).isoformat()
        self.post(metric, [at(s) for s in range(100)])
        self.post(metric, [at(10)], value=7)
        assert self.measures(metric, "?aggregation=sum")[10][2] == 7.0
        changed = self.client.expect(200, "PATCH", "/v1/archive_policy/shrinking", {
            "back_window": 2, "definition": [{"granularity": 1, "points": 86400}]})
        assert changed["back_window"] == 2, changed
        self.wait_for_log("raw series held against their back windows count=")
        time.sleep(1.1)  # processors know policies as they were up to a second ago
        self.post(metric, [at(10)], value=9)
        assert self.measures(metric, "?aggregation=sum")[10][2] == 7.0
        assert len(self.measures(metric, "?aggregation=sum")) == 100

    def future(self):
        self.policy("present", 2)
        metric = self.metric("present")
        path = "/v1/metric/%s/measures" % metric
        refused = self.client.expect(400, "POST", path, [{"timestamp": iso(0), "value": 1},
                                                         {"timestamp": "2115-01-01", "value": 1}])
        assert "2115-01-01T00:00:00+00:00" in refused["description"], refused
        assert "3600.0" in refused["description"], refused
        assert self.measures(metric, "?aggregation=sum") == []
        self.post(metric, [iso(0)])
        self.post(metric, [iso(1800)])
        frozen = self.measures(metric, "?aggregation=sum")
        self.post(metric, [iso(2)])
        assert self.measures(metric, "?aggregation=sum") == frozen, "not frozen at all"
        self.client.expect(204, "DELETE", path + "?start=%2B10%20minutes")
        self.post(metric, [iso(5)])
        cured = self.measures(metric, "?aggregation=sum")
        assert len(cured) == 2 and cured[0] == frozen[0], (frozen, cured)
        # Pending measures go too, whether metricd has seen them or not.
        self.client.expect(202, "POST", path, [{"timestamp": iso(20), "value": 5}])
        self.client.expect(204, "DELETE", path + "?start=%2B10%20seconds")
        wait_for_empty_backlog(self.client)
        assert self.measures(metric, "?aggregation=sum") == cured

    def resources(self):
        self.client.expect(201, "POST", "/v1/resource_type",
                           {"name": "vm", "attributes": {"host": {"type": "string"}}})
        made = self.client.expect(201, "POST", "/v1/resource/vm", {
            "id": "short-lived", "host": "h1", "started_at": "2020-01-01",
            "metrics": {"cpu": {"archive_policy_name": "present", "unit": "ns"}}})
        url = "/v1/resource/vm/" + made["id"]
        self.post(made["metrics"]["cpu"], [iso(0)])
        self.reload(options(inactive=2))
        ended = wait_until(lambda: self.client.expect(200, "GET", url)["ended_at"],
                           "the resource ends", 20)
        assert ended[:10] == iso(0)[:10], ended
        history = self.client.expect(200, "GET", url + "/history")
        assert [r["host"] for r in history] == ["h1", "h1"], history
        assert [r["ended_at"] is None for r in history] == [True, False], history
        self.reload(options(inactive=3600))
        self.post(made["metrics"]["cpu"], [iso(1)])
        wait_until(lambda: self.client.expect(200, "GET", url)["ended_at"] is None,
                   "the resource goes on", 10)

        self.client.expect(200, "PATCH", url, {"ended_at": "2021-01-01"})
        self.reload(options(cleanup=3600, dry="true", workers=1))
        self.wait_for_log("processing started workers=1")
        self.wait_for_log("dry run: would remove expired resource id=" + made["id"])
        self.client.expect(200, "GET", url)
        self.reload(options(cleanup=3600))
        wait_until(lambda: self.client.get(url).status == 404, "the resource goes", 20)
        self.client.expect(404, "GET", "/v1/metric/" + made["metrics"]["cpu"])

    def reload(self, text):
        self.deployment.write_conf(API + text, "basic")
        before = self.log().count("processing started")
        self.metricd.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log().count("processing started") > before, "metricd starts anew")

    def log(self):
        with open(self.metricd.log, errors="replace") as f:
            return f.read()

    def wait_for_log(self, line):
        wait_until(lambda: line in self.log(), "metricd logs " + line, 20)

    def run(self, program, *arguments):
        done = subprocess.run(self.deployment.program(program, *arguments), timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode()

    def change_sacks(self, number, refusal=None):
        status, output = self.run("gnocchi-change-sack-size", "--sacks-number", str(number))
        if refusal is None:
            assert status == 0 and "sacks=%d" % number in output, output
        else:
            assert status == 1 and refusal in output, output

    def sacks(self):
        deployment = self.deployment
        metric = self.metric("present")
        self.change_sacks(7, "gnocchi-metricd still runs")
        self.metricd.stop()
        # Sure that nothing drains it: it waits for ever now.
        self.client.expect(202, "POST", "/v1/metric/%s/measures" % metric,
                           [{"timestamp": iso(0), "value": 3}])
        self.change_sacks(7, "1 bundles of measures of 1 metrics wait")
        status, output = self.run("gnocchi-metricd", "--stop-after-processing-metrics", "1")
        assert status == 0 and "processed metrics=1" in output, output
        self.change_sacks(7, "other programs still work with it")
        deployment.stop()
        self.change_sacks(7)
        deployment.start_api()
        self.metricd = deployment.start_metricd()
        self.client.expect(202, "POST", "/v1/metric/%s/measures" % metric,
                           [{"timestamp": iso(4), "value": 4}])
        wait_for_empty_backlog(self.client)
        assert [row[2] for row in self.measures(metric, "?aggregation=sum")] == [3.0, 4.0]

    def injector(self):
        status, output = self.run("gnocchi-injector", "--metrics", "20", "--measures", "50",
                                  "--archive-policy-name", "nosuch")
        assert status != 0 and "there is no such policy" in output, output
        status, output = self.run("gnocchi-injector", "--metrics", "20", "--measures", "50",
                                  "--process")
        assert status == 0, output
        assert "pushed measures=1000 " in output and "processed measures=1000 " in output, output
        wait_for_empty_backlog(self.client)
        made = [m for m in self.client.expect(200, "GET", "/v1/metric")
                if m["creator"] == "admin" and m["archive_policy"]["name"] == "low"]
        assert len(made) == 20, made
        counts = [self.measures(m["id"], "?aggregation=count") for m in made]
        assert all(sum(row[2] for row in rows) == 50 for rows in counts), counts
        status, output = self.run("gnocchi-injector", "--metrics", "0")
        assert status == 2, output


API = "[api]\nmax_future = 3600\n"


def main(build, kind):
    with harness.workspace() as where:
        database = harness.Database(kind, where)
        deployment = harness.Deployment(build, where, database, options=API + options())
        try:
            deployment.upgrade("--sacks-number", "5")
            deployment.start_api()
            upkeep = Upkeep(deployment)
            upkeep.metricd = deployment.start_metricd()
            for step in (upkeep.back_window, upkeep.future, upkeep.resources, upkeep.sacks,
                         upkeep.injector):
                start = time.monotonic()
                step()
                print("%s: passed in %.1f s" % (step.__name__, time.monotonic() - start))
        except BaseException:
            for process in deployment.processes:
                print(process.tail(40))
            raise
        finally:
            deployment.stop()
            database.drop()


if __name__ == "__main__":
    main(*sys.argv[1:])
