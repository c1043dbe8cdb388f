"""Hours at half load: memory, descriptors, threads and latency must stay flat, and every measure
that was acknowledged must be there in the end, once.

usage: soak.py BUILD_DIRECTORY [--minutes 60] [--metrics 1000] [--engine rocksdb|file|ceph]
               [--database sqlite|mysql] [--csv FILE] [--short]

Clients send batches, single measures, and queries, each time of the next point of each metric. First
as fast as they are answered, for a while; then at half that rate, for so many minutes, with a line
of samples every ten seconds. Ends with a straight line through the samples of each kind, without the
first six minutes: what it comes to in an hour, beside the mean (after a quarter of an hour or more).
Status 1 if a measure is wrong or a request fails, or if descriptors, threads or memory grow.
"""
import argparse
import os
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from systems import gnocchi  # noqa: E402
import data  # noqa: E402
import harness  # noqa: E402
import load  # noqa: E402
import processes  # noqa: E402

CLIENTS = 4
BATCH = 50  # metrics of a batch
POINTS = 10  # of a metric in a batch
STEP = 2  # seconds
SETTLING = 6  # minutes, until caches are full
JUDGED = 15  # minutes that can be judged
POLICY = {"name": "soak", "aggregation_methods": ["sum", "count", "mean"],
          "definition": [{"granularity": 60, "points": 1000000}]}


class Pace:
    """Lets requests through, all clients' together, at a rate; none: as they come."""

    def __init__(self, rate=None):
        self.rate, self.begin, self.sent = rate, time.monotonic(), 0
        self.lock = threading.Lock()

    def wait(self):
        if self.rate is None:
            return
        with self.lock:
            self.sent += 1
            due = self.begin + self.sent / self.rate
        time.sleep(max(0, due - time.monotonic()))


class Client(threading.Thread):
    """Sends to its own metrics only, and knows what they come to."""

    def __init__(self, system, series, pace, over):
        super().__init__()
        self.system, self.series, self.pace, self.over = system, series, pace, over
        self.connection = load.Connection(system)
        self.points = {s.name: 0 for s in series}
        self.sums = {s.name: 0.0 for s in series}
        self.seconds, self.requests, self.fault = [], 0, None

    def run(self):
        try:
            while not self.over.is_set():
                self.pace.wait()
                begin = time.monotonic()
                self.send(self.requests)
                self.seconds.append(time.monotonic() - begin)
                self.requests += 1
        except BaseException as e:  # shown by the main thread
            self.fault = e

    def send(self, number):
        first = number * BATCH % len(self.series)
        kind = number % 8
        if kind < 3:
            self.write(self.series[first:first + BATCH], POINTS)
        elif kind < 5:
            self.write([self.series[number % len(self.series)]], 1)
        elif kind < 7:
            self.read(self.series[number % len(self.series)])
        else:
            self.connection.ask(load.json_request("POST", "/v1/aggregates", {
                "operations": ["aggregate", "sum", ["metric"] + [
                    [s.name, "sum"] for s in self.series[:10]]]})._replace(
                        path="/v1/aggregates?fill=0&" + self.recent(self.series[0])))

    def write(self, series, count):
        """As many points of each, where each one is. Counted only when acknowledged."""
        bodies = {}
        for s in series:
            times = data.times(self.points[s.name] * STEP, count, STEP)
            bodies[s.name] = gnocchi.measures_text(s.number, times)
        self.connection.ask(gnocchi.post("/v1/batch/metrics/measures", gnocchi.object_text(bodies)))
        for s in series:
            self.points[s.name] += count
            self.sums[s.name] += sum(data.values(s.number, count))

    def recent(self, series):
        return "start=%d" % (data.BASE + max(0, self.points[series.name] * STEP - 3600))

    def read(self, series):
        self.connection.ask(load.Request("GET", "/v1/metric/%s/measures?aggregation=mean&%s" % (
            series.name, self.recent(series))))


class Clients:
    """The threads, started anew for each pace; what they know of their metrics stays."""

    def __init__(self, system, series):
        self.system, self.over = system, threading.Event()
        share = [series[i::CLIENTS] for i in range(CLIENTS)]
        self.clients = [Client(system, s, Pace(), self.over) for s in share]

    def start(self, pace):
        self.over.clear()
        fresh = []
        for old in self.clients:
            client = Client(self.system, old.series, pace, self.over)
            client.points, client.sums, client.requests = old.points, old.sums, old.requests
            fresh.append(client)
        self.clients = fresh
        for client in fresh:
            client.start()

    def stop(self):
        self.over.set()
        for client in self.clients:
            client.join()
        self.check()

    def check(self):
        for client in self.clients:
            if client.fault:
                raise client.fault

    def requests(self):
        return sum(c.requests for c in self.clients)

    def take_seconds(self):
        """Of the requests since it was asked last."""
        taken = []
        for client in self.clients:
            client.seconds, seconds = [], client.seconds
            taken += seconds
        return sorted(taken)


def fastest_rate(clients, seconds):
    clients.start(Pace())
    before, begin = clients.requests(), time.monotonic()
    time.sleep(seconds)
    rate = (clients.requests() - before) / (time.monotonic() - begin)
    clients.stop()
    clients.take_seconds()
    return rate


SAMPLED = ["resident MiB", "descriptors", "threads", "p50 ms", "p99 ms"]


def sample(system, clients):
    clients.check()
    seconds = clients.take_seconds() or [0.0]
    groups = system.groups()
    return [processes.resident_bytes(groups) / (1 << 20), processes.descriptors(groups),
            processes.threads(groups), 1000 * seconds[len(seconds) // 2],
            1000 * seconds[len(seconds) * 99 // 100]]


def run_for(system, clients, pace, seconds, every, note):
    """Rows of [seconds since the start] + sample(); note(row) is called with each."""
    clients.start(pace)
    rows, begin = [], time.monotonic()
    try:
        while time.monotonic() - begin < seconds:
            time.sleep(every)
            rows.append([time.monotonic() - begin] + sample(system, clients))
            note(rows[-1])
    finally:
        clients.stop()
    return rows


class Notes:
    """Prints rows, and keeps them as CSV if there is a path."""

    def __init__(self, path):
        self.file = open(path, "w") if path else None
        self.keep("seconds," + ",".join(SAMPLED))

    def keep(self, line):
        if self.file:
            self.file.write(line + "\n")
            self.file.flush()

    def __call__(self, row):
        print("%6.0f s  %7.1f MiB  %4d descriptors  %3d threads  p50 %7.2f ms  p99 %7.2f ms" %
              tuple(row), flush=True)
        self.keep(",".join("%.4g" % v for v in row))


def slope(points):
    """Of the straight line through (x, y) with the least squares."""
    mean_x, mean_y = (statistics.fmean(p[i] for p in points) for i in (0, 1))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def judge(rows):
    """Prints what an hour adds to each; the kinds that grow more than their tenth in an hour, or by
    a descriptor or thread a minute."""
    growing = []
    settled = [r for r in rows if r[0] >= 60 * SETTLING]
    for column, name in enumerate(SAMPLED, 1):
        mean = statistics.fmean(r[column] for r in settled)
        hourly = 3600 * slope([(r[0], r[column]) for r in settled])
        allowed = 60 if name in ("descriptors", "threads") else 0.1 * mean
        flat = hourly <= allowed
        print("%-14s mean %9.2f, %+9.2f an hour: %s" % (
            name, mean, hourly, "flat" if flat else "GROWS"))
        if not flat:
            growing.append(name)
    return growing


def verify(system, clients):
    """Every metric's count and sum over all of its aggregates."""
    system.settle()
    measures = 0
    for client in clients.clients:
        for s in client.series:
            path = "/v1/metric/%s/measures?aggregation=" % s.name
            count = sum(r[2] for r in system.ask_json("GET", path + "count"))
            total = sum(r[2] for r in system.ask_json("GET", path + "sum"))
            assert count == client.points[s.name], (s.name, count, client.points[s.name])
            assert abs(total - client.sums[s.name]) < 1e-3, (s.name, total, client.sums[s.name])
            measures += round(count)
    print("all of the %d measures acknowledged are there, once" % measures)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--metrics", type=int, default=1000)
    parser.add_argument("--engine", choices=["rocksdb", "file", "ceph"], default="rocksdb")
    parser.add_argument("--database", choices=["sqlite", "mysql"], default="sqlite")
    parser.add_argument("--csv", help="file for the samples")
    parser.add_argument("--short", action="store_true")
    args = parser.parse_args()
    if args.short:
        args.minutes, args.metrics = 0.1, 200
    with harness.workspace() as where:
        system = gnocchi.Ours(where, args.build, args.engine, args.database)
        try:
            system.start()
            system.ask_json("POST", "/v1/archive_policy", POLICY)
            clients = Clients(system, system.make_series(args.metrics, "soak"))
            rate = fastest_rate(clients, 1 if args.short else 20)
            system.settle()
            print("%.0f requests/s at full load; %.1f minutes at half of it" % (rate, args.minutes))
            rows = run_for(system, clients, Pace(rate / 2), 60 * args.minutes,
                           1 if args.short else 10, Notes(args.csv))
            growing = judge(rows) if args.minutes >= JUDGED else []
            verify(system, clients)
        finally:
            system.kill()
    latency = {"p50 ms", "p99 ms"}  # depends on what else the machine does
    sys.exit(1 if set(growing) - latency else 0)


processes.end_in_order()
main()
