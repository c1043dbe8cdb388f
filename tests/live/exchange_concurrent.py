"""Python Gnocchi 4.4.2 and ours at the same time on one MariaDB database and one storage.

usage: exchange_concurrent.py BUILD_DIRECTORY SCENARIO [STORAGE]       STORAGE: file or ceph

SCENARIO  python_api  Python's API takes the measures, two of our metricd process them
          our_api     our API takes them, Python's metricd processes them (ceph only: measures that
                      our API accepts into files are in a log that Python does not know)
          both        both metricd process, on Ceph from both APIs, with files from Python's; ours
                      hears of each measure at once and would leave Python's none, so it stops and
                      comes back all the while

While measures come in, both sides' APIs are read. At the end, the same measures go to metrics of
their own through Python's API and Python's metricd alone: both sides must serve the same for
either. On Ceph the objects of both must have the same names, omap keys and bytes, and so must the
bundles that either API makes of the same measures.
"""
import math
import os
import random
import re
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import exchange  # noqa: E402
import harness  # noqa: E402
from pool import Pool  # noqa: E402

SECONDS, SACKS = 20, 128
TURN_SECONDS = 3
BASE = 1700000000
# What comes out must not depend on which measures a pass takes together. So none comes too late; no
# two points are further apart than the finest granularity that rates are taken at (a pass takes the
# point before its first one from that far back, and no further); and no timespan is over, since old
# points that no pass has written and such as one has are different bytes.
POLICIES = [
    {"name": "all", "back_window": 10, "aggregation_methods": exchange.methods(),
     "definition": [{"granularity": "60s"}, {"granularity": "300s"}]},
    # Splits of six minutes, which leave the back window while measures come in.
    {"name": "fine", "back_window": 10, "aggregation_methods": ["mean", "count"],
     "definition": [{"granularity": 0.1}, {"granularity": 10}]},
    {"name": "star", "back_window": 10, "aggregation_methods": ["-std", "+5pct"],
     "definition": [{"granularity": "300s"}]},
]
METRICS_EACH = 4
# The time from the first measure of a batch to that of the next.
STRIDE = {"all": 97, "fine": 11, "star": 600}


def batch(metric_number, policy, number):
    """Overlaps its neighbours, so that points are replaced and arrive late."""
    stride = STRIDE[policy["name"]]
    return exchange.measures("%d/%d" % (metric_number, number), BASE + number * stride, 25,
                             stride / 20, stride / 40)


class Writer(threading.Thread):
    """Posts the batches of its metrics, each metric's in turn to all APIs that take measures."""

    def __init__(self, clients, metrics, stop):
        super().__init__(daemon=True)
        self.clients, self.metrics, self.stop = clients, metrics, stop
        self.sent, self.failure = 0, None

    def run(self):
        try:
            while not self.stop.is_set():
                body = {metric: batch(n, policy, self.sent) for n, metric, policy in self.metrics}
                client = self.clients[self.sent % len(self.clients)]
                client.expect(202, "POST", "/v1/batch/metrics/measures", body)
                self.sent += 1
                time.sleep(0.1)
        except Exception as e:  # shown by the main thread
            self.failure = e


class Reader(threading.Thread):
    """Reads while all goes on; what it reads must be sound, whatever it is."""

    def __init__(self, client, metrics, stop):
        super().__init__(daemon=True)
        self.client, self.metrics, self.stop = client, metrics, stop
        self.read, self.failure = 0, None

    def run(self):
        rng = random.Random(1)
        try:
            while not self.stop.is_set():
                _, metric, policy = rng.choice(self.metrics)
                rows = self.client.expect(
                    200, "GET", "/v1/metric/%s/measures?aggregation=mean" % metric)
                times = [(row[1], row[0]) for row in rows if row[1] >= 1]
                assert len(set(times)) == len(times), "a time twice in %s" % metric
                self.read += 1
                time.sleep(0.05)
        except Exception as e:  # shown by the main thread
            self.failure = e


class Sides:
    """Both deployments on the same database and storage, with the same locks."""

    def __init__(self, build, where, storage):
        self.database = harness.Database("mysql", where)
        places = {who: os.path.join(where, who) for who in ("python", "ours")}
        for place in places.values():
            os.makedirs(place, exist_ok=True)
        self.metrics_port = harness.free_port()
        self.python = harness.PythonDeployment(places["python"], self.database, storage)
        locks = self.database.url.replace("mysql+pymysql:", "mysql:").split("?")[0]
        with open(self.python.conf, "a") as f:  # the last one counts
            f.write("[DEFAULT]\ndebug = true\ncoordination_url = %s\n" % locks)
        self.ours = harness.Deployment(build, places["ours"], self.database, storage,
                                       "[metricd]\nmetrics_port = %d\n" % self.metrics_port)
        self.python.upgrade()
        self.ours.upgrade()

    def start(self, our_metricds, python_metricds):
        self.python.start_api()
        self.ours.start_api()
        for _ in range(our_metricds):
            self.ours.start_metricd()
        for _ in range(python_metricds):
            self.python.start_metricd()

    def take_turns(self):
        """Our metricd, the last process started, stops and comes back until both had something to
        do. Returns how many measures ours processed and how many passes Python's made."""
        ours, until = 0, time.monotonic() + SECONDS
        while True:
            time.sleep(TURN_SECONDS)
            ours += self.processed_by_ours()
            passes = self.processed_by_python()
            if time.monotonic() > until and (min(ours, passes) > 0 or
                                             time.monotonic() > until + 60):
                return ours, passes
            self.ours.processes.pop().stop()
            time.sleep(TURN_SECONDS)
            self.ours.start_metricd()

    def processed_by_ours(self):
        """Measures, as our metricd counts them since it started."""
        def page():
            try:
                return harness.Client("http://127.0.0.1:%d" % self.metrics_port).get("/metrics").body
            except OSError:
                return None
        text = harness.wait_until(page, "our metricd shows its statistics")
        found = re.search(rb'gnocchi_measures_processed_total\{origin="metricd"\} (\d+)', text)
        return int(found.group(1))

    def processed_by_python(self):
        """Passes that had something to do."""
        log = os.path.join(self.python.where, "python-metricd.log")
        with open(log, errors="replace") as f:
            return len(re.findall(r"Measures for [1-9]\d* metrics processed", f.read()))

    def errors_of_python(self):
        """With their tracebacks; but for the one that its metricd logs when it meets the directory
        that its API has made for a metric and not yet put a file into. It comes back then."""
        log = os.path.join(self.python.where, "python-metricd.log")
        if not os.path.exists(log):
            return []
        with open(log, errors="replace") as f:
            entries = re.split(r"^(?=\d{4}-\d\d-\d\d )", f.read(), flags=re.MULTILINE)
        return [entry for entry in entries if " ERROR " in entry and
                "index 0 is out of bounds for axis 0 with size 0" not in entry]

    def stop(self):
        self.python.stop()
        self.ours.stop()

    def kill(self):
        self.python.kill()
        self.ours.kill()
        self.database.drop()


def create(client, first):
    made = []
    for policy in POLICIES:
        for _ in range(METRICS_EACH):
            id = client.expect(201, "POST", "/v1/metric",
                               {"archive_policy_name": policy["name"]})["id"]
            made.append((first + len(made), id, policy))
    return made


def series_of(client, metrics):
    """What is served of each metric, by number and url."""
    found = {}
    for number, metric, policy in metrics:
        for method in methods_of(client, metric):
            url = "/v1/metric/%s/measures?aggregation=" + method
            found[(number, method)] = exchange.normal(client.expect(200, "GET", url % metric))
    return found


def methods_of(client, metric):
    policy = client.expect(200, "GET", "/v1/metric/" + metric)["archive_policy"]
    return sorted(policy["aggregation_methods"])


def load(sides, takers, metrics, meanwhile):
    """Writes and reads while `meanwhile` runs; returns how many batches each metric got."""
    stop = threading.Event()
    writers = [Writer(takers, metrics[i::2], stop) for i in range(2)]
    readers = [Reader(side.client(), metrics, stop) for side in (sides.python, sides.ours)]
    for thread in writers + readers:
        thread.start()
    try:
        meanwhile()
    finally:
        stop.set()
    for thread in writers + readers:
        thread.join()
        assert thread.failure is None, repr(thread.failure)
    print("%s batches of %d metrics written, %s series read by Python's and ours" % (
        [w.sent for w in writers], len(metrics) // 2, [r.read for r in readers]))
    return {number: writers[i % 2].sent for i, (number, _, _) in enumerate(metrics)}


def write_alone(sides, twins, batches):
    """The same by Python's API and metricd alone."""
    client = sides.python.client()
    for number, metric, policy in twins:
        for n in range(batches[number]):
            client.expect(202, "POST", "/v1/metric/%s/measures" % metric, batch(number, policy, n))
    harness.wait_for_empty_backlog(client, 200)


def same(method, one, other):
    """Bit for bit, but for percentiles: Python's depend in the last digits on how many points the
    pass had before the group."""
    if one == other or not method.endswith("pct") or len(one) != len(other):
        return one == other
    return all(a[:-1] == b[:-1] and (a[-1] == b[-1] or math.isclose(a[-1], b[-1], rel_tol=1e-9,
                                                                   abs_tol=1e-9))
               for a, b in zip(one, other))


def compare(served, judge, what):
    bad = [key for key in sorted(judge) if not same(key[1], served[key], judge[key])]
    for key in bad[:5]:
        pairs = [(a, b) for a, b in zip(judge[key], served[key]) if a != b]
        print("%s: metric %d %s differs: %d points, %d expected; first (expected, served): %s" % (
            (what,) + key + (len(served[key]), len(judge[key]), pairs[:1])))
    print("%s: %d series, %d differ" % (what, len(judge), len(bad)))
    return len(bad)


def compare_objects(ceph, metrics, twins):
    """The objects of each metric with those of its twin, which Python made alone."""
    pool = Pool(ceph)
    mixed = pool.of_metrics([metric for _, metric, _ in metrics])
    alone = pool.of_metrics([metric for _, metric, _ in twins])
    pool.close()
    bad = compared = 0
    for (number, metric, _), (_, twin, _) in zip(metrics, twins):
        one, other = mixed[metric], alone[twin]
        assert other, "no objects of metric %d" % number
        names = set(one) ^ set(other)
        if names:
            bad += 1
            print("metric %d: objects of one side only: %s" % (number, sorted(names)[:5]))
        for name in sorted(set(one) & set(other)):
            compared += 1
            # As in same(): the last digits of percentiles are nobody's.
            data_differs = one[name][0] != other[name][0] and "pct_" not in name
            if one[name][1] != other[name][1] or data_differs:
                bad += 1
                print("metric %d: %s differs: %d and %d bytes, first ones %s and %s, %d omap keys "
                      "of one side only" % (
                          number, name, len(one[name][0]), len(other[name][0]), one[name][0][:16],
                          other[name][0][:16], len(set(one[name][1]) ^ set(other[name][1]))))
    print("%d objects compared, %d differ" % (compared, bad))
    return bad


def compare_bundles(sides, ceph, metrics):
    """What both APIs make of the same measures, with nobody to take it."""
    sides.start(0, 0)
    body = {metric: batch(number, policy, 1000) for number, metric, policy in metrics}
    found = []
    pool = Pool(ceph)
    for side in (sides.python, sides.ours):
        side.client().expect(202, "POST", "/v1/batch/metrics/measures", body)
        bundles = pool.bundles(SACKS)
        for earlier in found:
            for bundle in earlier:
                bundles.remove(bundle)
        found.append(bundles)
    pool.close()
    sides.stop()
    python, ours = map(sorted, found)
    assert len(python) == len(metrics), len(python)
    print("%d bundles compared, %s" % (len(python), "all equal" if ours == python else "NOT equal"))
    return ours != python


def check_turns(sides):
    shares = sides.take_turns()
    print("ours processed %d measures, Python's metricd made %d passes" % shares)
    assert min(shares) > 0, "one of the two had nothing to do"


def run(sides, scenario, on_ceph):
    ours = {"python_api": 2, "our_api": 0, "both": 1}[scenario]
    python = {"python_api": 0, "our_api": 1, "both": 1}[scenario]
    sides.start(ours, python)
    python_client, our_client = sides.python.client(), sides.ours.client()
    for policy in POLICIES:
        python_client.expect(201, "POST", "/v1/archive_policy", policy)
    metrics = create(our_client, 0)
    takers = {"python_api": [python_client], "our_api": [our_client],
              "both": [python_client, our_client] if on_ceph else [python_client]}[scenario]
    if scenario == "both":
        batches = load(sides, takers, metrics, lambda: check_turns(sides))
    else:
        batches = load(sides, takers, metrics, lambda: time.sleep(SECONDS))
    harness.wait_for_empty_backlog(python_client, 200)
    harness.wait_for_empty_backlog(our_client, 60)
    served = {"Python's": series_of(python_client, metrics), "ours": series_of(our_client, metrics)}
    errors = sides.errors_of_python()
    assert not errors, errors[:3]
    sides.stop()

    sides.start(0, 1)
    twins = create(python_client, 0)
    write_alone(sides, twins, batches)
    judge = series_of(python_client, twins)
    assert sum(len(rows) for rows in judge.values()) > 1000, "too little to compare"
    bad = sum(compare(series, judge, "served by " + who) for who, series in served.items())
    bad += compare(series_of(our_client, twins), judge, "Python's own work, served by ours")
    sides.stop()
    if on_ceph:
        bad += compare_objects(sides.ours.storage, metrics, twins)
        bad += compare_bundles(sides, sides.ours.storage, metrics)
    return bad


def main():
    build, scenario = sys.argv[1], sys.argv[2]
    on_ceph = sys.argv[3:] == ["ceph"]
    with harness.workspace() as where:
        storage = os.path.join(where, "storage")
        if on_ceph:
            storage = harness.CephPool()
            storage.clear()
        sides = Sides(build, where, storage)
        try:
            bad = run(sides, scenario, on_ceph)
        finally:
            sides.kill()
    sys.exit(1 if bad else 0)


main()
