#!/usr/bin/python3
"""Sends the same random requests to Python Gnocchi 4.4.2 and to us, and compares the answers.

usage: run.py BUILD_DIRECTORY [--seed N]... [--requests N] [--seconds N] [--scenario N] [--quick]

Needs GNOCCHI_TEST_MYSQL_URL (tests/services/mariadb up DIR). Each scenario is a sequence of requests
on empty databases; at the first difference it ends, the sequence is made as short as it can, and is
printed with its seed. Without --seed: seed 1, then one by the clock. Exit status 1 if anything
differed that known.py does not list, 77 if something is missing on this machine.
"""
import argparse
import collections
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pair  # noqa: E402
from answers import Comparison, Differs, Names  # noqa: E402
from known import known  # noqa: E402
from pair import harness  # noqa: E402
from scenario import Scenario  # noqa: E402
from shrink import as_text, shrink  # noqa: E402


class Found(Exception):
    def __init__(self, index, step, difference, python, ours):
        super().__init__(str(difference))
        self.index, self.step, self.difference = index, step, difference
        self.python, self.ours = python, ours

    @property
    def kind(self):
        return self.difference.where.split("[")[0].split(".")[0]


class Run:
    def __init__(self, servers):
        self.servers = servers
        self.requests, self.statuses = 0, collections.Counter()
        self.known = collections.Counter()

    def replay(self, steps, count=False):
        """Sends the steps to both, from nothing. Raises Found at the first difference."""
        self.servers.reset()
        names = Names()
        for index, step in enumerate(steps):
            python, ours = self.servers.send(step)
            if count:
                self.requests += 1
                if python.status == 0 and os.environ.get("SHOW_CRASHES"):
                    print("CRASH", as_text(step)[:300], ours.status, ours.body[:150])
                self.statuses[python.status] += 1
            before = names.copy()
            try:
                Comparison(names, step, self.servers.sides[0].token,
                           step.get("tolerance", 0.0)).answers(python, ours)
            except Differs as difference:
                entry = known(step, python, ours, difference)
                if entry is None:
                    raise Found(index, step, difference, python, ours)
                names.take(before)
                self.known[entry.name] += 1
                if entry.diverges and step["method"] != "GET":
                    return
            if python.status in step.get("last", ()):
                return

    def scenario(self, seed, quick=False):
        """Whether both agree on all of it."""
        steps = Scenario(seed).steps
        try:
            self.replay(steps, count=True)
            return True
        except Found as found:
            first = found
        steps = steps[:first.index + 1]

        def fails(candidate):
            try:
                self.replay(candidate)
                return False
            except Found as again:
                if again.index != len(candidate) - 1 or again.kind != first.kind:
                    return False
                latest[0] = again
                return True

        latest = [first]
        if not quick:
            steps = shrink(steps, fails)
        print("DIFFERENCE, scenario %s%s" % (seed, "" if quick else ", shortest sequence:"))
        for step in steps if not quick else steps[-1:]:
            print("  " + as_text(step))
        print("  " + str(latest[0].difference), flush=True)
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--requests", type=int, default=1500, help="for each seed")
    parser.add_argument("--seconds", type=int, default=240, help="at most, for each seed")
    parser.add_argument("--scenario", type=int, help="this one alone")
    parser.add_argument("--quick", action="store_true", help="print differences as they are found")
    parser.add_argument("--most", type=int, default=5, help="stop after that many differences")
    arguments = parser.parse_args()
    seeds = arguments.seed or [1, int(time.time())]
    bad = 0
    with harness.workspace() as where:
        servers = pair.Pair(arguments.build, where)
        try:
            servers.start()
            for seed in seeds:
                run, begin, number = Run(servers), time.monotonic(), arguments.scenario or 0
                print("seed %d" % seed, flush=True)
                while run.requests < arguments.requests and bad < arguments.most and \
                        time.monotonic() - begin < arguments.seconds:
                    bad += not run.scenario("%d/%d" % (seed, number), arguments.quick)
                    if arguments.scenario is not None:
                        break
                    number += 1
                print("seed %d: %d requests in %d scenarios, %.0f s; statuses %s; known: %s" % (
                    seed, run.requests, number, time.monotonic() - begin,
                    dict(sorted(run.statuses.items())), dict(run.known)), flush=True)
        finally:
            servers.stop()
    sys.exit(1 if bad else 0)


main()
