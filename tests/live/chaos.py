"""Three gnocchi-api and three gnocchi-metricd on one database and one storage, while they are
killed (kill -9), stopped for longer than a lease and waked (SIGSTOP, SIGCONT), and while MariaDB
and Ceph's OSD are restarted and killed: every measure that was answered with 202 is in the
aggregates exactly once.

usage: chaos.py BUILD_DIRECTORY [--storage file|ceph] [--coordinator mysql|ceph] [--seconds N]
                [--seed N]

A measure that was not answered with 202 may be there or not. Some are sent again with the same
value, as clients do, some are given up; some that were accepted are replaced by another value of
the same time seconds later. Of each time, the value at the end must be the one accepted last, or
one whose fate its sender does not know: a stopped API may take it when it wakes.
"""
import argparse
import calendar
import heapq
import http.client
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fleet  # noqa: E402
import harness  # noqa: E402

LEASE = 3
APIS, METRICDS, WRITERS, METRICS, POINTS = 3, 3, 4, 48, 5
BASE = 1700000040  # a multiple of 60
# Nothing comes too late for this back window.
POLICY = {"name": "chaos", "back_window": 1000, "aggregation_methods": ["count", "sum"],
          "definition": [{"granularity": 1}, {"granularity": 60}]}


class Account:
    """What was sent of one metric: for each second the value accepted last, and those whose fate is
    unknown."""

    def __init__(self):
        self.accepted, self.unknown, self.history = {}, {}, {}

    def note(self, second, value, what, status):
        self.history.setdefault(second, []).append("%s %s: %s" % (what, value, status))
        if status == 202:
            self.accepted[second] = value
        else:
            self.unknown.setdefault(second, set()).add(value)

    def possible(self, second):
        values = set(self.unknown.get(second, ()))
        values.add(self.accepted.get(second))  # None: it need not be there
        return values


class Writer(threading.Thread):
    """Posts a few seconds' measures of its metrics again and again."""

    def __init__(self, balancer, metrics, seed, stop):
        super().__init__(daemon=True)
        self.balancer, self.stop, self.rng = balancer, stop, random.Random(seed)
        self.accounts = {metric: Account() for metric in metrics}
        self.next_second, self.failure = 0, None
        self.accepted = self.unanswered = self.given_up = 0
        self.replaceable = []  # (not before, first second)

    def run(self):
        try:
            while not self.stop.is_set():
                first, what = self.next_second, "new"
                if self.replaceable and self.replaceable[0][0] < time.monotonic():
                    first, what = self.replaceable.pop(0)[1], "replaced by"
                else:
                    self.next_second += POINTS
                self.send(first, what)
                time.sleep(self.rng.uniform(0, 0.1))
        except Exception as e:  # shown by the main thread
            self.failure = e

    def send(self, first, what):
        values = {metric: [self.rng.randrange(1, 1000) for _ in range(POINTS)]
                  for metric in self.accounts}
        body = {metric: [{"timestamp": BASE + first + i, "value": value}
                         for i, value in enumerate(own)] for metric, own in values.items()}
        tries = self.rng.choice([1, 2, 1000])
        for attempt in range(tries):
            status = self.post(body)
            for metric, own in values.items():
                for i, value in enumerate(own):
                    self.accounts[metric].note(first + i, value, what, status)
            if status == 202:
                self.accepted += 1
                # Once is enough, and late enough that clocks of whole seconds tell them apart.
                if what == "new" and self.rng.random() < 0.15:
                    self.replaceable.append((time.monotonic() + 3, first))
                return
            self.unanswered += 1
            if self.stop.is_set():
                break
            time.sleep(0.1)
        self.given_up += 1

    def post(self, body):
        try:
            return self.balancer.client().post("/v1/batch/metrics/measures", body,
                                               timeout=15).status
        except (OSError, http.client.HTTPException) as e:
            return type(e).__name__


class Chaos:
    """What is done to whom, and undone: of any one target one thing at a time."""

    def __init__(self, rng, group, database, cluster):
        self.rng, self.begin = rng, time.monotonic()
        self.undo = []  # heap of (when, number, target, function)
        self.busy, self.number, self.counts = set(), 0, {}
        self.deeds = []
        for member in group.apis + group.metricds:
            self.deeds += [(member.name, "kill -9", member.kill, member.start, (0.1, 2)),
                           (member.name, "stop", member.pause, member.go_on,
                            (LEASE * 1.2, LEASE * 2.5)),
                           (member.name, "stop shortly", member.pause, member.go_on, (0.2, 2))]
        for what in ("down", "kill"):
            self.deeds.append(("MariaDB", what, lambda what=what: database.run(what),
                               lambda: database.run("up"), (0.1, 3)))
        if cluster:
            self.deeds += 3 * [("OSD", "kill -9", lambda: cluster.run("kill-osd"),
                                lambda: cluster.run("start-osd"), (0.1, 4))]

    def say(self, text):
        print("%6.2f %s" % (time.monotonic() - self.begin, text), flush=True)

    def do_something(self):
        free = [d for d in self.deeds if d[0] not in self.busy]
        if not free:
            return
        # The target first, so that servers have their turn among many processes.
        target = self.rng.choice(sorted({d[0] for d in free}))
        name, what, do, back, (least, most) = self.rng.choice(
            [d for d in free if d[0] == target])
        duration = self.rng.uniform(least, most)
        self.say("%s: %s for %.1f s" % (name, what, duration))
        do()
        self.busy.add(name)
        self.counts[what] = self.counts.get(what, 0) + 1
        self.number += 1
        heapq.heappush(self.undo, (time.monotonic() + duration, self.number, name, back))

    def undo_due(self, all_of_it=False):
        while self.undo and (all_of_it or self.undo[0][0] <= time.monotonic()):
            _, _, name, back = heapq.heappop(self.undo)
            back()
            self.busy.discard(name)

    def run(self, seconds):
        end = time.monotonic() + seconds
        next_deed = time.monotonic() + 1
        while time.monotonic() < end:
            self.undo_due()
            if time.monotonic() >= next_deed:
                self.do_something()
                next_deed = time.monotonic() + self.rng.uniform(0.2, 1.5)
            time.sleep(0.02)
        self.undo_due(all_of_it=True)
        self.say("all is well again")


def rows_of(client, metric, method, granularity):
    """A process that slept through the OSD's restarts may first have to find it again."""
    path = "/v1/metric/%s/measures?aggregation=%s&granularity=%d" % (metric, method, granularity)

    def read():
        answer = client.get(path, timeout=60)
        assert answer.status in (200, 503, 504), "%s: %d %s" % (path, answer.status, answer.body)
        return answer if answer.status == 200 else None
    rows = harness.wait_until(read, path, 60).json
    return {seconds_of(row[0]) - BASE: row[2] for row in rows}


def seconds_of(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def differences(client, metric, account):
    """What is wrong with a metric, a line each."""
    bad = []
    counts, sums = rows_of(client, metric, "count", 1), rows_of(client, metric, "sum", 1)
    for second in sorted(set(account.history) | set(sums) | set(counts)):
        found, possible = sums.get(second), account.possible(second)
        if found in possible and counts.get(second) == (None if found is None else 1):
            continue
        bad.append("second %d: sum %s, count %s; sent: %s" % (
            second, found, counts.get(second), "; ".join(account.history.get(second, ["never"]))))
    for method, of_point in (("count", lambda v: 1), ("sum", lambda v: v)):
        want = {}
        for second, value in sums.items():
            minute = second // 60 * 60
            want[minute] = want.get(minute, 0) + of_point(value)
        got = rows_of(client, metric, method, 60)
        bad += ["minute at %d: %s %s, its seconds come to %s" % (
            minute, method, got.get(minute), want.get(minute))
            for minute in sorted(set(want) | set(got)) if want.get(minute) != got.get(minute)]
    return bad


def check(client, writers):
    bad = 0
    for writer in writers:
        for metric, account in writer.accounts.items():
            wrong = differences(client, metric, account)
            for line in wrong[:3 if bad < 30 else 0]:
                print("metric %s, %s" % (metric, line))
            bad += len(wrong)
    return bad


def run(arguments, where, rng):
    database = fleet.mariadb(where)
    cluster = None
    try:
        storage = None
        options = "[coordination]\nlease = %d\n" % LEASE
        if arguments.storage == "ceph":
            cluster = fleet.ceph(where)
            storage = harness.CephPool()
        if arguments.coordinator == "ceph":
            options = ("[DEFAULT]\ncoordination_url = ceph://\n[coordination]\n"
                       "ceph_lease = %d\n" % LEASE)
            options += "".join(line + "\n" for line in storage.section().splitlines()
                               if line.startswith("ceph_"))
        gnocchi = harness.Deployment(arguments.build, where, harness.Database("mysql", where),
                                     storage, options)
        gnocchi.upgrade()
        group = fleet.Fleet(gnocchi, APIS, METRICDS)
        try:
            return suffer(arguments, group, database, cluster, rng)
        finally:
            group.kill()
    finally:
        if cluster:
            cluster.run("down")
        database.run("down")


def suffer(arguments, group, database, cluster, rng):
    group.wait_until_ready()
    client = group.balancer.client()
    client.expect(201, "POST", "/v1/archive_policy", POLICY)
    metrics = [client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "chaos"})["id"]
               for _ in range(METRICS)]
    stop = threading.Event()
    writers = [Writer(group.balancer, metrics[i::WRITERS], rng.random(), stop)
               for i in range(WRITERS)]
    for writer in writers:
        writer.start()
    chaos = Chaos(rng, group, database, cluster)
    chaos.run(arguments.seconds)
    stop.set()
    for writer in writers:
        writer.join()
        assert writer.failure is None, repr(writer.failure)
    group.wait_until_ready()
    harness.wait_for_empty_backlog(client, 120)
    bad = check(client, writers)
    print("%s; %d batches of %d measures accepted, %d answers without 202, %d batches given up; "
          "%d passes ended for a lost lock; %d differences" % (
              ", ".join("%d x %s" % (n, what) for what, n in sorted(chaos.counts.items())),
              sum(w.accepted for w in writers), METRICS // WRITERS * POINTS,
              sum(w.unanswered for w in writers), sum(w.given_up for w in writers),
              group.logged("the lock of a sack was lost"), bad))
    assert sum(w.accepted for w in writers) > arguments.seconds / 2, "too little load"
    group.stop()
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--storage", choices=["file", "ceph"], default="file")
    parser.add_argument("--coordinator", choices=["mysql", "ceph"], default="mysql")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    if arguments.coordinator == "ceph" and arguments.storage != "ceph":
        parser.error("--coordinator ceph needs --storage ceph")
    print("seed %d" % arguments.seed, flush=True)
    with harness.workspace() as where:
        bad = run(arguments, where, random.Random(arguments.seed))
        if bad:
            print("seed %d" % arguments.seed)
    sys.exit(1 if bad else 0)


main()
