"""How many operations the cluster does for a drained metric: Python Gnocchi's metricd and ours on the
same work, counted by the OSD itself, and what /metrics says of ours.

Ours runs all the time, and remembers what it has written: so it is asked twice, once where the other
has made the metrics' last pass, and in the steady state.

usage: ceph_operations.py BUILD_DIRECTORY
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

BASE = 1700000000
METRICS = 100
SACKS = "4"  # so that one holds many metrics, as 128 do of an installation
# Methods of a policy of one granularity, and what of Python's operations ours may take at most. Every
# split is an object of its own, which each side has to write, and the raw series another: N + 1 for
# N methods. Python takes 5 more; so the more methods, the less that weighs.
POLICIES = [(["mean"], 0.32),
            (["mean", "max"], 0.40),
            (["mean", "max", "min", "sum"], 0.52),
            (["mean", "max", "min", "sum", "std", "count"], 0.61)]
OPTIONS = """[metricd]
metrics_port = %d
metric_processing_delay = 3600
metric_cleanup_delay = 3600
metric_reporting_delay = 3600
"""


def osd_operations():
    socket = os.path.join(os.environ["GNOCCHI_TEST_CEPH_DIR"], "run", "osd.0.asok")
    dump = subprocess.run(["/usr/bin/ceph", "daemon", socket, "perf", "dump", "osd"],
                          stdout=subprocess.PIPE, check=True)
    return json.loads(dump.stdout)["osd"]["op"]


# What Python's metricd does, in one process: its own --stop-after-processing-metrics is broken in
# 4.4.2. Locks are no matter of the pool.
PYTHON_METRICD = """
import sys, threading, types
from gnocchi import chef, incoming, indexer, service, storage
conf = service.prepare_service(sys.argv[1:2], log_to_std=False)
inc = incoming.get_driver(conf)
coordinator = types.SimpleNamespace(get_lock=lambda name: threading.Lock())
worker = chef.Chef(coordinator, inc, indexer.get_driver(conf), storage.get_driver(conf))
done = sum(worker.process_new_measures_for_sack(sack, True, True) for sack in inc.iter_sacks())
assert done >= int(sys.argv[2]), done
"""


def drain_python(side, count):
    """Operations of a process that processes so many metrics and ends."""
    program = [harness.PYTHON, "-c", PYTHON_METRICD, "--config-file=" + side.conf, str(count)]
    before = osd_operations()
    done = subprocess.run(program, env=side.env, timeout=120, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()[-3000:]
    return osd_operations() - before


class OurMetricd:
    """Ours, which stands still but while it drains."""

    def __init__(self, side, port):
        self.page = harness.Client("http://127.0.0.1:%d" % port)
        self.process = side.start_metricd()
        harness.wait_until(self.is_up, "metricd looks after its sacks")
        self.pause()

    def told(self, name):
        text = self.page.get("/metrics").body.decode()
        return int(re.search(r"^%s (\d+)$" % re.escape(name), text, re.M).group(1))

    def is_up(self):
        try:
            return self.told("gnocchi_metricd_sacks") == int(SACKS)
        except OSError:
            return False

    def processed(self):
        return self.told('gnocchi_metrics_processed_total{origin="metricd"}')

    def pause(self):
        time.sleep(0.5)  # whatever it has in hand
        os.killpg(self.process.popen.pid, signal.SIGSTOP)

    def catch_up(self):
        """After a while in which it stood still: it looks for what it may have missed."""
        os.killpg(self.process.popen.pid, signal.SIGCONT)
        time.sleep(2)
        self.pause()

    def drain(self, count):
        before = osd_operations()
        os.killpg(self.process.popen.pid, signal.SIGCONT)
        wanted = self.processed_before + count
        harness.wait_until(lambda: self.processed() >= wanted, "%d metrics processed" % count, 60)
        self.pause()
        self.processed_before = wanted
        return osd_operations() - before

    processed_before = 0


def post(client, metrics, minute):
    for metric in metrics:
        client.expect(202, "POST", "/v1/metric/%s/measures" % metric,
                      [{"timestamp": BASE + 60 * minute, "value": float(minute)}])


def counted_by_driver(client):
    text = client.get("/metrics").body.decode()
    found = re.findall(r'^gnocchi_driver_operations_total\{kind="(\w+)",driver="ceph",'
                       r'operation="(\w+)"\} (\d+)$', text, re.M)
    return {(kind, operation): int(count) for kind, operation, count in found}


class Work:
    """Metrics of one policy, and the same work for either side."""

    def __init__(self, client, methods):
        self.client, self.minute = client, 0
        name = "methods-%d" % len(methods)
        client.expect(201, "POST", "/v1/archive_policy", {
            "name": name, "aggregation_methods": methods, "back_window": 0,
            "definition": [{"granularity": "60s", "timespan": "10d"}]})
        self.metrics = [client.expect(201, "POST", "/v1/metric", {"archive_policy_name": name})["id"]
                        for _ in range(METRICS)]

    def operations(self, drain):
        """For a metric: of all of them, without what it costs to find one."""
        self.post(self.metrics[:1])
        base = drain(1)
        self.post(self.metrics)
        return (drain(METRICS) - base) / (METRICS - 1)

    def post(self, metrics):
        self.minute += 1
        at = BASE + 60 * self.minute  # two of a minute, so that each method has a value
        self.client.expect(202, "POST", "/v1/batch/metrics/measures", {
            metric: [{"timestamp": at + i, "value": float(self.minute + i)} for i in range(2)]
            for metric in metrics})


def main():
    build = sys.argv[1]
    bad = 0
    with harness.workspace() as where:
        database = harness.Database("mysql", where)
        pool = harness.CephPool()
        for place in ("python", "ours"):
            os.makedirs(os.path.join(where, place))
        python = harness.PythonDeployment(os.path.join(where, "python"), database, pool)
        port = harness.free_port()
        ours = harness.Deployment(build, os.path.join(where, "ours"), database, pool, OPTIONS % port)
        try:
            pool.clear()
            ours.upgrade("--sacks-number", SACKS)
            ours.start_api()
            client = ours.client()
            metricd = OurMetricd(ours, port)
            for methods, share in POLICIES:
                work = Work(client, methods)
                work.operations(lambda count: drain_python(python, count))  # makes the objects
                theirs = work.operations(lambda count: drain_python(python, count))
                metricd.catch_up()
                first = work.operations(metricd.drain)
                own = work.operations(metricd.drain)
                print("%d methods: Python %.2f operations a metric, ours %.2f: %.2f of them "
                      "(and %.2f where Python was there before)" % (
                          len(methods), theirs, own, own / theirs, first))
                if own > share * theirs or own > len(methods) + 1.2:
                    print("  more than the %.2f expected, or than N + 1" % share)
                    bad += 1
            counted = counted_by_driver(client)
            print("counted by the API's drivers: %s" % counted)
            assert counted["incoming", "write"] >= len(POLICIES), counted
            assert counted["storage", "write"] == 0, counted
        finally:
            for side in (python, ours):
                side.kill()
            database.drop()
    sys.exit(1 if bad else 0)


main()
