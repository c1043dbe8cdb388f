import importlib.util
import os

import data
import load
import processes
from systems import promql, remote_write

CONFIGURATION = """
storage:
  tsdb:
    out_of_order_time_window: 1h
"""


class Prometheus(promql.PromQlSystem):
    key, title = "prometheus", "Prometheus 2.42"
    promise = "in its log, synced by segments"
    programs = ("prometheus",)
    takes_single_measures = False  # it scrapes, and others write what they have scraped

    @classmethod
    def missing(cls):
        if not importlib.util.find_spec("snappy"):
            return "python3-snappy is not installed"
        return super().missing()

    def start_programs(self):
        configuration = os.path.join(self.where, "prometheus.yml")
        with open(configuration, "w") as f:
            f.write(CONFIGURATION)
        self.start_with(["prometheus", "--config.file=" + configuration,
                         "--storage.tsdb.path=" + self.where + "/data",
                         "--storage.tsdb.retention.time=100y", "--web.enable-remote-write-receiver",
                         "--web.listen-address=127.0.0.1:%d" % self.port, "--log.level=error"],
                        "/-/ready")

    def stored_bytes(self):
        return processes.disk_bytes(self.where + "/data")

    def write(self, series, times):
        return remote_write.Writer(series, len(times)).request(times, 0)

    def fill(self, series, times, most=10000):
        """In the order of time, which it wants."""
        at_once = max(1, most // len(series))
        writer = remote_write.Writer(series, len(times))
        for i in range(0, len(times), at_once):
            self.ask(writer.request(times[i:i + at_once], i))

    def moving_writes(self, sets, count, step, rounds):
        """All of them in advance: marks do not survive compression."""
        writers = [remote_write.Writer(series, count) for series in sets]
        return [w.request(data.times(n * count * step, count, step), 0)
                for n in range(rounds) for w in writers]
