"""What rows ask of a system. Times are data.times() or data.moving_times(); steps are seconds."""
import collections
import contextlib
import shutil
import socket
import time
import urllib.request

import data
import harness
import load
import processes

# number: that its values come from (data.value); name: how the system calls it; set: those made
# together; project: whose it is.
Series = collections.namedtuple("Series", "number name set project", defaults=["p0"])


class Unsupported(Exception):
    """The system has nothing like that."""


class System:
    key = title = ""
    promise = ""  # what a successful write means
    headers = {}
    programs = ()  # that must be installed
    takes_single_measures = True
    # How many times fewer metrics a row takes, so that it ends.
    patience = 1

    def __init__(self, where):
        self.where, self.processes, self.sets = where, [], 0
        self.port = harness.free_port()
        self.url = "http://127.0.0.1:%d" % self.port

    @classmethod
    def missing(cls):
        """What keeps it from being measured here, or None."""
        for program in cls.programs:
            if not shutil.which(program):
                return program + " is not installed"
        return None

    # Life

    def start(self):
        """Makes what it needs and starts it; returns when it answers."""
        self.start_programs()

    def start_programs(self):
        """Starts it, perhaps again; returns when it answers."""
        raise NotImplementedError

    def restart(self):
        self.stop()
        self.start_programs()

    def start_with(self, arguments, ready_path):
        self.processes.append(harness.Process(arguments, self.where + "/" + self.key + ".log"))
        self.wait_for_answer(ready_path)

    def wait_for_answer(self, path, seconds=60):
        end = time.monotonic() + seconds
        while True:
            # A request that is refused takes the processors that the program needs.
            with contextlib.suppress(OSError):
                if self.listens() and self.ask(load.Request("GET", path)) is not None:
                    return
            assert self.processes[-1].alive(), self.processes[-1].tail()
            assert time.monotonic() < end, self.processes[-1].tail()
            time.sleep(0.001)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        for process in reversed(self.processes):
            process.stop(120)
        self.processes = []

    def kill(self):
        for process in self.processes:
            process.kill()

    def groups(self):
        return {p.popen.pid for p in self.processes}

    def resident_bytes(self):
        return processes.resident_bytes(self.groups())

    def stored_bytes(self):
        """On disk, of data and series; of a system that is stopped."""
        raise Unsupported

    # Requests

    def ask(self, request, timeout=300):
        """The body of a successful answer."""
        asked = urllib.request.Request(self.url + request.path, data=request.body,
                                       headers={**self.headers, **request.headers},
                                       method=request.method)
        with urllib.request.urlopen(asked, timeout=timeout) as answer:
            return answer.read()

    # Series

    def make_series(self, count, policy="low"):
        """policy: one of gnocchi.POLICIES, for systems that have any."""
        return self.make_projects_series(count, 1)

    def make_projects_series(self, count, projects):
        """Each of a resource of its own, the resources of so many projects in turn; with ten
        seconds between points."""
        self.sets += 1
        return [Series(i, "s%d" % i, "set%d" % self.sets, "p%d" % (i % projects))
                for i in range(count)]

    def write(self, series, times):
        """One request that writes the first data.values() of each."""
        raise NotImplementedError

    def moving_writes(self, sets, count, step, rounds):
        """Requests, one for each list of series, that go on in time with each round. More than
        that many rounds will not come."""
        times = data.moving_times(count, step)
        return load.Moving([self.write(series, times) for series in sets], count * step)

    def moving_resource_writes(self, resources, names, step, rounds):
        """One request with one measure of each of `names` of so many resources: the series and
        what moving_writes() makes."""
        series = self.make_series(resources * len(names))
        return series, self.moving_writes([series], 1, step, rounds)

    def fill(self, series, times, most=10000):
        """Writes, at most so many measures a request, and returns when all can be read."""
        at_once = max(1, most // len(times))
        for i in range(0, len(series), at_once):
            self.ask(self.write(series[i:i + at_once], times))
        self.settle()

    def settle(self):
        """Returns when everything that was accepted can be read."""

    def count(self, series):
        """Measures stored of all of these, which are all of their set."""
        raise NotImplementedError

    def read(self, series, points, step):
        """The request for its newest `points`, which begin at data.BASE."""
        raise NotImplementedError

    def mean(self, series, points, step):
        """The request for the mean over these, which are all of their set, at each time."""
        raise NotImplementedError

    def mean_by_project(self, series, points, step):
        """As mean(), of each project's series by themselves, which a search finds."""
        raise Unsupported

    def points_of(self, answer):
        """[(seconds since the epoch, value)] of the answer to read() or mean()."""
        raise NotImplementedError

    def points_by_project(self, answer):
        """{project: as points_of()} of the answer to mean_by_project()."""
        raise Unsupported
