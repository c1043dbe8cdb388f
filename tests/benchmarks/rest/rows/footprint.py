"""Delay, memory, disk, start, and many connections: in all of these, less is better."""
import contextlib
import http.client
import resource
import socket
import time

import data
import load
import processes
from rows.accept import batch_post, single_post
from rows.row import Row, Sample
from systems import base, gnocchi

MIB = 1 << 20


def percentile(seconds, share):
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))]


def visible(system, sizes):
    """From the answer to a POST to the end of the GET that shows the measure, which is asked again
    until it does. One client, one connection."""
    if not isinstance(system, gnocchi.Gnocchi):
        raise base.Unsupported
    series = system.make_series(10, "ten-seconds")
    connection = load.Connection(system)
    sent = [0]

    def post_and_see():
        point, number = divmod(sent[0], len(series))
        sent[0] += 1
        one = series[number]
        connection.ask(system.write([one], data.times(point * 10, 1, 10)))
        begin = time.monotonic()
        while True:
            points = system.points_of(connection.ask(system.read(one, point, 10)))
            if points and points[-1] == (data.BASE + point * 10, data.value(number, 0)):
                return time.monotonic() - begin
            time.sleep(0.001)

    def measure():
        count = max(10, sizes(2000, 50) // system.patience ** 2)
        return Sample(1000 * percentile([post_and_see() for _ in range(count)], 0.99))
    return measure


def bytes_per_point(step):
    """What is on disk after a restart, without the index, by aggregated points: of six methods, at
    five minutes. Of other systems by measures, as they store these, if there are as many."""
    def prepare(system, sizes):
        if step < 300 and not isinstance(system, gnocchi.Gnocchi):
            raise base.Unsupported
        points, aggregates = 300, 6
        series = system.make_series(max(50, sizes(5000, 50) // system.patience))
        system.fill(series, data.times(0, points, step), 100000)
        assert system.count(series) == points * len(series)
        system.restart()
        assert system.count(series) == points * len(series)
        system.stop()
        stored = points
        if isinstance(system, gnocchi.Gnocchi):
            stored = aggregates * len({t // 300 for t in range(0, points * step, step)})
        return lambda: Sample(system.stored_bytes() / (stored * len(series)))
    return prepare


def memory_idle(system, sizes):
    def measure():
        time.sleep(sizes(3, 0))
        return Sample(system.resident_bytes() / MIB)
    return measure


def memory_loaded(system, sizes):
    """The most while batches come as fast as they are taken, then single measures."""
    loads = [batch_post(system, sizes)]
    if system.takes_single_measures:
        loads.append(single_post(system, sizes))

    def measure():
        with processes.PeakMemory(system.groups()) as memory:
            for run in loads:
                run()
        return Sample(memory.most / MIB)
    return measure


def start(system, sizes):
    """From the start of the program to the end of its first answer, with data of a run before."""
    system.fill(system.make_series(sizes(1000, 10)), data.times(0, 10, 60))

    def measure():
        system.stop()
        begin = time.monotonic()
        system.start_programs()
        return Sample(1000 * (time.monotonic() - begin), processes.cpu_seconds(system.groups()))
    return measure


def idle_connections(system, sizes):
    """The 99th percentile of requests over new connections, while so many others are kept open
    which have had an answer each."""
    if not isinstance(system, gnocchi.Ours):
        raise base.Unsupported
    count = sizes(10000, 100)
    raise_descriptor_limit(count + 1000)
    request = system.read(system.make_series(1)[0], 0, 1)

    def measure():
        with contextlib.ExitStack() as idle:
            for _ in range(count):
                ask_over(idle.enter_context(socket_to(system)), system, request)
            seconds = []
            for _ in range(sizes(1000, 20)):
                begin = time.monotonic()
                with socket_to(system) as connection:
                    ask_over(connection, system, request)
                seconds.append(time.monotonic() - begin)
        return Sample(1000 * percentile(seconds, 0.99))
    return measure


def raise_descriptor_limit(wanted):
    """For this process; programs that it starts have it too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise base.Unsupported
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def socket_to(system):
    return socket.create_connection(("127.0.0.1", system.port), timeout=60)


def ask_over(connection, system, request):
    headers = "".join("%s: %s\r\n" % h for h in system.headers.items())
    connection.sendall(("%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (
        request.method, request.path, headers)).encode())
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()
    assert answer.status == 200, answer.status


ROWS = {
    "visible": Row("POST answered to visible in GET, p99", "ms", visible, 10, {}, True),
    "disk": Row("disk, 300 points 300 s apart, each aggregated point", "bytes",
                bytes_per_point(300), 2, {"python": 100}, True),
    "disk-young": Row("disk, 300 points 1 s apart, each aggregated point", "bytes",
                      bytes_per_point(1), None, {"python": 100}, True),
    "memory-idle": Row("resident memory, idle", "MiB", memory_idle, 30, {"python": 10}, True),
    "memory-load": Row("resident memory, full load, at most", "MiB", memory_loaded, 300,
                       {"python": 10}, True),
    "start": Row("start to first answer", "ms", start, 50, {}, True),
    "idle-connections": Row("a request beside 10,000 idle connections, p99", "ms",
                            idle_connections, 5, {}, True),
}
