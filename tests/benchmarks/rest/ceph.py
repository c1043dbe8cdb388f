"""Python Gnocchi's metricd and ours on the same work in one Ceph pool, one after the other; prints a
table.

usage: ceph.py BUILD_DIRECTORY [--methods 1,2,6] [--points 1,300] [--metrics 1000] [--sacks 16]
               [--rounds 3] [--only ours|python] [--options TEXT] [--minutes 30]

Each side has metrics of its own. A first drain makes their objects. Then, in each round, metricd
stands still while measures come, and goes on until nothing waits. Our gnocchi-api accepts and reads
them for both sides; what is stored in the end must have every measure once.
"""
import argparse
import collections
import contextlib
import os
import signal
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from systems import gnocchi  # noqa: E402
import ceph_cluster  # noqa: E402
import data  # noqa: E402
import harness  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402

METHODS = ["count", "mean", "max", "min", "sum", "std"]  # of "low"; the first tells what is there
STEPS = {1: 60}  # seconds between points, otherwise 1
DELAY = 1  # of metric_processing_delay
OPTIONS = """[metricd]
metric_processing_delay = %d
metric_cleanup_delay = 3600
metric_reporting_delay = 3600
[api]
immediate_reads = false
""" % DELAY
HEADER = """\
drained      median of the rounds; beside it how far the furthest round is from it
operations   that the OSD has counted, for a metric; without our questions whether anything waits
osd, metricd, database: their processor time for a metric
ours is      how many times more is drained; in parentheses: how many times less processor time
             metricd takes; how many times less all three together
"""
LINE = "%-38s %18s %5s %11s %9s %9s %9s  %s"

# For a metric; rate: metrics a second.
Drained = collections.namedtuple("Drained", "rate operations osd metricd database")


class Pool(gnocchi.Gnocchi):
    """One configuration: our API, and the metricd of one side at a time."""

    def __init__(self, where, args):
        self.args = args
        super().__init__(where, harness.Database("mysql", where))
        self.python = harness.PythonDeployment(os.path.join(where, "python"), self.database,
                                               harness.CephPool(), OPTIONS)

    def make_deployment(self):
        pool = harness.CephPool()
        pool.clear()
        os.makedirs(os.path.join(self.where, "python"))
        return harness.Deployment(self.args.build, self.where, self.database, pool,
                                  OPTIONS + self.args.options)

    def start_programs(self):
        self.deployment.start_api()

    def start(self):
        self.deployment.upgrade("--sacks-number", str(self.args.sacks))
        self.start_programs()
        self.osd = ceph_cluster.Osd()
        self.backlog = ceph_cluster.Backlog(self.args.sacks, 300)

    def make_policy(self, name):
        if name not in self.policies:
            self.ask_json("POST", "/v1/archive_policy", {
                "name": name, "aggregation_methods": METHODS[:int(name)],
                "definition": [{"granularity": 300, "timespan": "30 days"}]})
            self.policies.add(name)

    def settle(self):
        self.backlog.wait_until_empty()

    @contextlib.contextmanager
    def metricd(self, side):
        """The process group of that side's metricd."""
        deployment = self.deployment if side == "ours" else self.python
        process = deployment.start_metricd()
        try:
            yield process.popen.pid
        finally:
            process.stop(60)
            deployment.processes.remove(process)

    def kill(self):
        self.python.kill()
        super().kill()


class Work:
    """Metrics of one policy for one side, drained by it again and again."""

    def __init__(self, system, methods, points):
        self.system, self.points, self.sent = system, points, 0
        self.series = system.make_series(system.args.metrics, str(methods))

    def send(self):
        """The next points of each metric, at most 100,000 measures a request."""
        step = STEPS.get(self.points, 1)
        times = data.times(self.sent * self.points * step, self.points, step)
        at_once = max(1, 100000 // self.points)
        for i in range(0, len(self.series), at_once):
            self.system.ask(self.system.write(self.series[i:i + at_once], times))
        self.sent += 1

    def drain(self, metricd):
        system = self.system
        groups = [system.osd.groups(), {metricd}, {system.database.process()}]
        os.killpg(metricd, signal.SIGSTOP)
        self.send()
        time.sleep(1.2 * DELAY)  # so that it looks at its sacks at once
        assert not system.backlog.is_empty()
        operations, questions = system.osd.operations(), system.backlog.questions
        before = [processes.cpu_seconds(group) for group in groups]
        os.killpg(metricd, signal.SIGCONT)
        begin = time.monotonic()
        system.backlog.wait_until_empty()
        seconds = time.monotonic() - begin
        spent = [processes.cpu_seconds(group) - was for group, was in zip(groups, before)]
        questions = system.backlog.questions - questions
        operations = system.osd.operations() - operations - questions
        count = len(self.series)
        return Drained(count / seconds, operations / count, *[cpu / count for cpu in spent])

    def check(self):
        found, expected = self.system.count(self.series), self.sent * self.points * len(self.series)
        assert found == expected, "%d measures are stored of %d" % (found, expected)


def measure(system, side, methods, points):
    """Of each round."""
    work = Work(system, methods, points)
    with system.metricd(side) as metricd:
        work.send()
        system.settle()
        # Its splits are known to be there after the second.
        rounds = [work.drain(metricd) for _ in range(1 + system.args.rounds)][1:]
        work.check()
    return rounds


def middle(rounds):
    return Drained(*[statistics.median(values) for values in zip(*rounds)])


def comparison(ours, python):
    whole = [side.osd + side.metricd + side.database for side in (ours, python)]
    return "%s (metricd %s, all %s)" % (
        report.times(ours.rate / python.rate), report.times(python.metricd / ours.metricd),
        report.times(whole[1] / whole[0]))


def print_side(side, points, rounds, compared):
    found = middle(rounds)
    spread = 100 * max(abs(one.rate - found.rate) for one in rounds) / found.rate
    rate = "%s %s" % (report.number(found.rate * points), "points/s" if points > 1 else "metrics/s")
    print(LINE % ("  " + side, rate, "%.0f %%" % spread, "%.2f" % found.operations,
                  report.duration(found.osd), report.duration(found.metricd),
                  report.duration(found.database), compared), flush=True)


def print_row(methods, points, found):
    print(LINE % ("%d methods, %d points a metric" % (methods, points), "drained", "",
                  "operations", "osd", "metricd", "database", "ours is"))
    python = found.get("python")
    if python:
        print_side("Python Gnocchi 4.4.2", points, python, "")
    if "ours" in found:
        compared = comparison(middle(found["ours"]), middle(python)) if python else ""
        print_side("ours", points, found["ours"], compared)


def arguments():
    def numbers(text):
        return [int(n) for n in text.split(",")]
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--methods", type=numbers, default=[1, 2, 6], help="of the policies")
    parser.add_argument("--points", type=numbers, default=[1, 300], help="of a metric, each round")
    parser.add_argument("--metrics", type=int, default=1000)
    parser.add_argument("--sacks", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["ours", "python"])
    parser.add_argument("--options", default="", help="added to our gnocchi.conf")
    parser.add_argument("--minutes", type=int, default=30, help="after which it gives up")
    args = parser.parse_args()
    if not all(0 < methods <= len(METHODS) for methods in args.methods):
        parser.error("there are 1 to %d methods" % len(METHODS))
    return args


def give_up(*_):
    raise TimeoutError("not done in the time that --minutes gives")


def main():
    args = arguments()
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60 * args.minutes)
    print(HEADER)
    with harness.workspace() as where:
        system = Pool(where, args)
        try:
            system.start()
            for points in args.points:
                for methods in args.methods:
                    print_row(methods, points, {
                        side: measure(system, side, methods, points)
                        for side in ([args.only] if args.only else ["python", "ours"])})
        finally:
            system.kill()


processes.end_in_order()
main()
