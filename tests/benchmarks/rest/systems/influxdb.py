import json
import os
import urllib.parse

import data
import load
import processes
from systems import base, line_protocol

CONFIGURATION = """reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{where}/meta"
  logging-enabled = false
[data]
  dir = "{where}/data"
  wal-dir = "{where}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
[logging]
  level = "error"
"""


class InfluxDb(base.System):
    key, title = "influxdb", "InfluxDB 1.6"
    promise = "synced to its log"
    programs = ("influxd",)

    def start(self):
        self.start_programs()
        self.ask(self.query("CREATE DATABASE benchmark"))

    def start_programs(self):
        configuration = os.path.join(self.where, "influxdb.conf")
        with open(configuration, "w") as f:
            f.write(CONFIGURATION.format(where=self.where, port=self.port,
                                         rpc=base.harness.free_port()))
        self.start_with(["influxd", "-config", configuration], "/ping")

    def query(self, statement):
        return load.Request("POST", "/query?" + urllib.parse.urlencode({
            "db": "benchmark", "epoch": "s", "q": statement}))

    def stored_bytes(self):
        return sum(processes.disk_bytes(os.path.join(self.where, part)) for part in ("data", "wal"))

    def write(self, series, times):
        return line_protocol.write("/write?db=benchmark&precision=s", series, times)

    def result(self, answer):
        series = json.loads(answer)["results"][0].get("series", [])
        return [s["values"] for s in series]

    def count(self, series):
        [[[_, found]]] = self.result(self.ask(self.query(
            "SELECT count(value) FROM m WHERE \"set\"='%s'" % series[0].set)))
        return found

    def period(self, points, step):
        return "time >= %ds AND time < %ds" % (data.BASE, data.BASE + points * step)

    def read(self, series, points, step):
        return self.query("SELECT value FROM m WHERE \"set\"='%s' AND id='%s' AND %s" % (
            series.set, series.name, self.period(points, step)))

    def mean(self, series, points, step):
        return self.query("SELECT mean(value) FROM m WHERE \"set\"='%s' AND %s GROUP BY time(%ds)" % (
            series[0].set, self.period(points, step), step))

    def mean_by_project(self, series, points, step):
        return self.query(
            "SELECT mean(value) FROM m WHERE \"set\"='%s' AND %s GROUP BY time(%ds), project" % (
                series[0].set, self.period(points, step), step))

    def points_by_project(self, answer):
        found = json.loads(answer)["results"][0]["series"]
        return {s["tags"]["project"]: [(t, v) for t, v in s["values"]] for s in found}

    def points_of(self, answer):
        [values] = self.result(answer)
        return [(t, v) for t, v in values]
