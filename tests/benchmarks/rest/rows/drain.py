"""How fast metricd makes aggregates of what was accepted. Other systems do it as they accept."""
import time

import processes
from rows.row import Row, Sample
from systems import base, gnocchi
import data
import load


def drain(points, policy, metrics, small, step=1):
    """In the steady state: every metric has measures before; points come on top of them."""
    def prepare(system, sizes):
        if not isinstance(system, gnocchi.Gnocchi):
            raise base.Unsupported
        series = system.make_series(max(10, sizes(metrics, small) // system.patience), policy)
        system.fill(series, data.times(0, points, step), 100000)
        rounds = [1]

        def measure():
            system.hold()
            send(system, series, data.times(rounds[0] * points * step, points, step))
            before = processes.cpu_seconds(system.groups())
            seconds = release(system)
            cpu = processes.cpu_seconds(system.groups()) - before
            rounds[0] += 1
            found = system.count(series)
            assert found == rounds[0] * points * len(series), found
            done = points * len(series)
            return Sample(done / seconds, cpu / done)
        return measure
    return prepare


def send(system, series, times):
    at_once = max(1, 100000 // len(times))
    for i in range(0, len(series), at_once):
        system.ask(system.write(series[i:i + at_once], times))


def release(system):
    """Seconds until nothing is pending."""
    ask = load.Connection(system).ask
    assert system.backlog(ask) > 0, "measures were processed that were to wait"
    system.release()
    begin = time.monotonic()
    while system.backlog(ask) > 0:
        time.sleep(0.005)
    return time.monotonic() - begin


ROWS = {
    "drain300": Row("drain, 300 points a metric, policy low", "points/s",
                    drain(300, "low", 5000, 50), 2000000, {"python": 50}),
    "drain1": Row("drain, 1 point a metric, policy low", "metrics/s",
                  drain(1, "low", 20000, 100, 60), 100000, {"python": 500}),
    "drain18": Row("drain, 300 points a metric, 18 aggregates at 3 granularities", "points/s",
                   drain(300, "three-granularities", 2000, 20), 500000, {"python": 20}),
}
