"""Writes: a success may count only if the measures are there afterwards, all of them and once."""
import time

import load
from rows.row import Row, per_second
from systems import base

NAMES = ["cpu", "memory", "disk.read", "disk.write", "network"]


def written(system, series, requests, connections, sizes, each):
    """Runs the writes to series that are new, and looks for what was acknowledged. At the end wrk
    abandons requests that are under way, which may have been stored."""
    run = load.run(system, requests, connections, sizes.seconds)
    system.settle()
    sent = run.requests * each, (run.requests + connections) * each
    found = count_soon(system, series, sent[0])
    assert sent[0] <= found <= sent[1], "%d measures are stored of %d to %d" % ((found,) + sent)
    return per_second(run, each)


def count_soon(system, series, at_least):
    """Measures stored of the series; some systems need seconds to show them."""
    end = time.monotonic() + 10
    while True:
        found = system.count(series)
        if found >= at_least or time.monotonic() > end:
            return found
        time.sleep(0.5)


def single_post(system, sizes):
    if not system.takes_single_measures:
        raise base.Unsupported

    def measure():
        series = system.make_series(100, "late")
        requests = system.moving_writes([[s] for s in series], 1, 10, 100 * sizes.seconds)
        return written(system, series, requests, 16, sizes, 1)
    return measure


def batch_post(system, sizes):
    sets, points = sizes(10, 2), 100

    def measure():
        series = system.make_series(sets * 100, "late")
        requests = system.moving_writes([series[i::sets] for i in range(sets)], points, 1,
                                        30 * sizes.seconds)
        return written(system, series, requests, 4, sizes, 100 * points)
    return measure


def ceilometer_post(system, sizes):
    if not system.takes_single_measures:
        raise base.Unsupported
    resources = sizes(100, 10)

    def measure():
        series, requests = system.moving_resource_writes(resources, NAMES, 60, 200 * sizes.seconds)
        return written(system, series, requests, 4, sizes, resources * len(NAMES))
    return measure


ROWS = {
    "post": Row("single POST, 16 connections, sync = interval", "req/s", single_post, 25000,
                {"python": 150, "victoriametrics": 1}, options={"sync": "interval"}),
    "post-commit": Row("single POST, 16 connections, sync = commit", "req/s", single_post, None,
                       {"python": 150, "influxdb": 1}),
    "batch": Row("batch of 100 metrics x 100 points, 4 connections", "points/s", batch_post,
                 2000000, {"python": 25, "victoriametrics": 1}),
    "ceilometer": Row("Ceilometer's batch: 100 resources x 5 metrics x 1 point", "points/s",
                      ceilometer_post, 500000, {"python": 500}),
}
