import json
import urllib.parse

import data
import load
import processes
from systems import line_protocol, promql


class VictoriaMetrics(promql.PromQlSystem):
    key, title = "victoriametrics", "VictoriaMetrics 1.79"
    promise = "in memory, written and synced later"
    programs = ("victoria-metrics",)
    metric = "m_value"  # line protocol: measurement and field
    # Results of the same query before would answer it otherwise.
    parameters = {"nocache": "1"}

    def start_programs(self):
        self.start_with(["victoria-metrics", "-httpListenAddr=127.0.0.1:%d" % self.port,
                         "-storageDataPath=" + self.where + "/data", "-retentionPeriod=100y",
                         "-loggerLevel=ERROR"], "/health")

    def stored_bytes(self):
        return processes.disk_bytes(self.where + "/data")

    def write(self, series, times):
        return line_protocol.write("/write?precision=s", series, times)

    def read(self, series, points, step):
        """What it has of the series, as it is: twice as fast as a query over the range."""
        return load.Request("GET", "/api/v1/export?" + urllib.parse.urlencode({
            "match[]": '%s{set="%s",id="%s"}' % (self.metric, series.set, series.name),
            "start": data.BASE, "end": data.BASE + points * step}))

    def points_of(self, answer):
        found = json.loads(answer)
        if "values" not in found:
            return super().points_of(answer)
        return [(t / 1000, v) for t, v in zip(found["timestamps"], found["values"])]

    def settle(self):
        self.ask(load.Request("GET", "/internal/force_flush"))


class CachedVictoriaMetrics(VictoriaMetrics):
    """Answers a query that was asked before by what it has kept of its result."""

    key, title = "victoriametrics-cached", "VictoriaMetrics, from its cache"
    parameters = {}
