"""What single requests cost as the work grows: metrics, points a metric, resources in a search.

usage: curves.py BUILD_DIRECTORY [--only metrics,points,resources] [--output DIRECTORY]
                 [--engine rocksdb|file|ceph] [--database sqlite|mysql] [--large] [--short]

One client, one connection. Prints for each size the median time of a request and the processor time
of our programs for each, and how both grow from the smallest to the largest size: 0 is flat, 1 is
linear. A curve whose answer grows with the size says "linear" in its name. Writes plots (SVG) of
both for each kind of growth. --large goes on to a million metrics.
"""
import argparse
import json
import math
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from systems import gnocchi  # noqa: E402
import data  # noqa: E402
import harness  # noqa: E402
import load  # noqa: E402
import plot  # noqa: E402
import processes  # noqa: E402
from report import duration  # noqa: E402

SECONDS_POLICY = {"name": "seconds", "aggregation_methods": ["mean", "count"],
                  "definition": [{"granularity": 1, "points": 2000000}]}
STEP = 10
LAST = 300  # points that a GET asks for
LONGEST_REST = 120  # seconds to wait for what the programs do in the background, as compaction
# Of what is noted of a curve: the place, a name for files, a title.
COLUMNS = [(1, "time", "Time of a request"), (2, "processor-time", "Processor time of a request")]


class Bench:
    """Times requests of one system, which must be at rest: nothing pending, no pass soon."""

    def __init__(self, system, repeats):
        self.system, self.repeats = system, repeats
        self.connection = load.Connection(system)
        self.found = {}  # {curve: [(size, seconds, processor seconds)]}
        self.points = {}  # {series' name: how many were written}

    def time(self, curve, size, once, repeats=10 ** 9):
        """The median of calls of once(number)."""
        repeats = min(repeats, self.repeats)
        self.rest()
        cpu, seconds = self.cpu(), []
        for number in range(repeats):
            begin = time.monotonic()
            once(number)
            seconds.append(time.monotonic() - begin)
        self.note(curve, size, seconds, self.cpu() - cpu)

    def time_drain(self, curve, size, series, repeats=5):
        """From the answer to a POST of one point each until nothing is pending."""
        seconds, used = [], 0.0
        for _ in range(min(repeats, self.repeats)):
            self.rest()
            self.ask(self.next_write(series))
            cpu, begin = self.cpu(), time.monotonic()
            while self.system.backlog() > 0:
                time.sleep(0.001)
            seconds.append(time.monotonic() - begin)
            used += self.cpu() - cpu
        self.note(curve, size, seconds, used)

    def note(self, curve, size, seconds, cpu):
        self.found.setdefault(curve, []).append(
            (size, statistics.median(seconds), cpu / len(seconds)))

    def rest(self):
        self.system.settle()
        end = time.monotonic() + LONGEST_REST
        before = self.cpu()
        while True:
            time.sleep(0.4)
            now = self.cpu()
            if now - before < 0.02 or time.monotonic() > end:
                break
            before = now
        # The one before may have been idle for too long while the data grew.
        self.connection = load.Connection(self.system)

    def cpu(self):
        return processes.cpu_seconds(self.system.groups())

    def ask(self, request):
        return self.connection.ask(request)

    # Requests

    def fill(self, series, points, step):
        """In bulk, from data.BASE on."""
        for first in range(0, points, 50000):
            count = min(50000, points - first)
            self.system.fill(series, data.times(first * step, count, step), 100000)
        for s in series:
            self.points[s.name] = points

    def next_write(self, series, step=STEP):
        """The point that follows those that were written."""
        points = self.points[series[0].name]
        for s in series:
            self.points[s.name] = points + 1
        return self.system.write(series, data.times(points * step, 1, step))

    def get_last(self, series, step=STEP, points=LAST):
        first = max(0, self.points[series.name] - points)
        request = load.Request("GET", "/v1/metric/%s/measures?aggregation=mean&start=%d" % (
            series.name, data.BASE + first * step))
        found = json.loads(self.ask(request))
        assert len(found) == min(points, self.points[series.name]), len(found)

    def mean_last(self, series, step=STEP, points=LAST):
        first = max(0, self.points[series[0].name] - points)
        request = self.system.mean(series, points, step)
        found = self.system.points_of(self.ask(request._replace(
            path=request.path + "?start=%d" % (data.BASE + first * step))))
        assert len(found) == min(points, self.points[series[0].name]), len(found)

    def search(self, resource_type, query, count, parameters=""):
        request = load.json_request("POST", "/v1/search/resource/" + resource_type + parameters, query)
        assert len(json.loads(self.ask(request))) == count


def grow_metrics(bench, sizes):
    """Of all metrics ten points each; requests are about a hundred others."""
    system = bench.system
    read, written = (system.make_series(100, "ten-seconds") for _ in range(2))
    bench.fill(read, LAST, STEP)
    bench.fill(written, LAST, STEP)
    system.make_projects_series(1, 1)
    alone = {"=": {"user_id": "set%d" % system.sets}}
    there = 0
    for size in sizes:
        while there < size:
            more = system.make_series(min(10000, size - there), "ten-seconds")
            bench.fill(more, 10, STEP)
            there += len(more)
        bench.time("POST to one metric", size,
                   lambda n: bench.ask(bench.next_write(written[n % 50:][:1])))
        bench.time("GET of one metric's last 300 points", size, lambda n: bench.get_last(read[0]))
        bench.time_drain("drain of 1 point for 50 metrics", size, written[50:])
        bench.time("mean over 10 metrics", size, lambda n: bench.mean_last(read[:10]))
        bench.time("search for 1 resource", size, lambda n: bench.search("generic", alone, 1))


def grow_points(bench, sizes):
    """Ten metrics of so many points each, a second apart."""
    system = bench.system
    system.ask_json("POST", "/v1/archive_policy", SECONDS_POLICY)
    for size in sizes:
        series = system.make_series(10, SECONDS_POLICY["name"])
        bench.fill(series, size, 1)
        bench.time("POST to one metric", size, lambda n: bench.ask(bench.next_write(series[9:], 1)))
        bench.time("GET of one metric's last 300 points", size,
                   lambda n: bench.get_last(series[0], 1))
        bench.time("GET of all points (linear)", size,
                   lambda n: bench.get_last(series[1], 1, 10 ** 9), 5)
        bench.time_drain("drain of 1 point for 1 metric", size, series[8:9])
        bench.time("mean over 10 metrics, last 300 points", size,
                   lambda n: bench.mean_last(series[:8], 1))


def grow_resources(bench, sizes):
    """Resources of a type with attributes, fifty of each host."""
    bench.system.ask_json("POST", "/v1/resource_type", {"name": "instance", "attributes": {
        "host": {"type": "string", "required": True},
        "serial": {"type": "string", "required": True}}})
    there = 0
    for size in sizes:
        load.each_once(bench.system, [load.json_request("POST", "/v1/resource/instance", {
            "id": "00000000-0000-4000-8000-%012d" % i, "host": "h-%d" % (i // 50),
            "serial": "s-%d" % i}) for i in range(there, size)])
        there = size
        bench.time("search for 1 by its attribute", size,
                   lambda n: bench.search("instance", {"=": {"serial": "s-3"}}, 1))
        bench.time("search for 50 by theirs", size,
                   lambda n: bench.search("instance", {"=": {"host": "h-0"}}, min(50, size)))
        bench.time("search for 1 by its id", size, lambda n: bench.search(
            "instance", {"=": {"id": "00000000-0000-4000-8000-000000000003"}}, 1))
        bench.time("first 50 of all", size, lambda n: bench.search(
            "instance", {"like": {"host": "h-%"}}, min(50, size), "?limit=50"))
        bench.time("GET of 1", size, lambda n: bench.ask(load.Request(
            "GET", "/v1/resource/instance/00000000-0000-4000-8000-000000000003")))


GROWTHS = {
    "metrics": (grow_metrics, "metrics", [100, 1000, 10000, 100000]),
    "points": (grow_points, "points of each metric", [1, 10, 100, 1000, 10000, 100000, 1000000]),
    "resources": (grow_resources, "resources", [10, 100, 1000, 10000, 100000]),
}


def growth(curve, column):
    """The exponent of the straight line, on logarithmic axes, from the first to the last size."""
    (first, *_), (last, *_) = curve[0], curve[-1]
    return math.log(curve[-1][column] / curve[0][column]) / math.log(last / first)


def print_growth(what, found):
    sizes = [size for size, *_ in next(iter(found.values()))]
    for column, _, title in COLUMNS:
        print("\n%-42s" % title + "".join("%11s" % "{:,}".format(s) for s in sizes) +
              "     growth   (%s)" % what)
        for name, curve in found.items():
            print("%-42s" % name + "".join("%11s" % duration(c[column]) for c in curve) +
                  "%11.2f" % growth(curve, column))
    print(flush=True)


def write_plots(directory, key, what, found):
    os.makedirs(directory, exist_ok=True)
    for column, name, title in COLUMNS:
        curves = {curve: [(p[0], p[column]) for p in points] for curve, points in found.items()}
        with open(os.path.join(directory, "%s-by-%s.svg" % (name, key)), "w") as f:
            f.write(plot.log_log("%s, by %s" % (title, what), what, title, curves, duration))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--only", default=",".join(GROWTHS))
    parser.add_argument("--output", help="directory for the plots")
    parser.add_argument("--engine", choices=["rocksdb", "file", "ceph"], default="rocksdb")
    parser.add_argument("--database", choices=["sqlite", "mysql"], default="sqlite")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--short", action="store_true")
    args = parser.parse_args()
    for key in args.only.split(","):
        grow, what, sizes = GROWTHS[key]
        if args.short:
            sizes = sizes[:2]
        elif args.large and key == "metrics":
            sizes = sizes + [1000000]
        with harness.workspace() as where:
            system = gnocchi.Ours(where, args.build, args.engine, args.database)
            try:
                system.start()
                bench = Bench(system, 3 if args.short else 100)
                grow(bench, sizes)
            finally:
                system.kill()
        print_growth(what, bench.found)
        if args.output:
            write_plots(args.output, key, what, bench.found)


processes.end_in_order()
main()
