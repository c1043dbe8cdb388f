"""What the processes of process groups take: processor time, memory, descriptors, threads."""
import contextlib
import os
import signal
import sys
import threading
import time


def end_in_order():
    """Lets SIGTERM end this program as an exception does, so that what it started is ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def members(groups):
    """Process ids."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open("/proc/%s/stat" % pid) as f:
                fields = f.read().rsplit(") ", 1)[1].split()
            if int(fields[2]) in groups:
                found.append(int(pid))
    return found


def cpu_seconds(groups):
    """Processor time so far, to the nanosecond (clock_getcpuclockid(3))."""
    total = 0.0
    for pid in members(groups):
        with contextlib.suppress(OSError):
            total += time.clock_gettime((~pid << 3) | 2)
    return total


def resident_bytes(groups):
    """Resident memory; of several processes each one's share of what they share."""
    pids = members(groups)
    field = "Rss:" if len(pids) == 1 else "Pss:"
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            with open("/proc/%d/smaps_rollup" % pid) as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith(field))
    return total * 1024


def descriptors(groups):
    return sum(len(os.listdir("/proc/%d/fd" % pid)) for pid in members(groups))


def threads(groups):
    return sum(len(os.listdir("/proc/%d/task" % pid)) for pid in members(groups))


class PeakMemory:
    """Context: resident_bytes, the most of what was seen every 50 ms."""

    def __init__(self, groups):
        self.groups, self.most, self._over = groups, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._over.wait(0.05):
            self.most = max(self.most, resident_bytes(self.groups))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self._over.set()
        self._thread.join()


def disk_bytes(directory):
    """What the file system has allocated below it."""
    total = 0
    for where, _, files in os.walk(directory):
        for name in files + ["."]:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
    return total
