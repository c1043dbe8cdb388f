"""Reading over Prometheus's HTTP API, which VictoriaMetrics has too."""
import json
import urllib.parse

import data
import load
from systems import base


class PromQlSystem(base.System):
    metric = "m"
    parameters = {}  # of every query over a range

    def query_range(self, query, points, step):
        return load.Request("GET", "/api/v1/query_range?" + urllib.parse.urlencode({
            "query": query, "start": data.BASE, "end": data.BASE + (points - 1) * step,
            "step": step, **self.parameters}))

    def read(self, series, points, step):
        return self.query_range('%s{set="%s",id="%s"}' % (self.metric, series.set, series.name),
                                points, step)

    def mean(self, series, points, step):
        return self.query_range('avg(%s{set="%s"})' % (self.metric, series[0].set), points, step)

    def mean_by_project(self, series, points, step):
        return self.query_range('avg(%s{set="%s"}) by (project)' % (self.metric, series[0].set),
                                points, step)

    def points_by_project(self, answer):
        return {r["metric"]["project"]: [(t, float(v)) for t, v in r["values"]]
                for r in json.loads(answer)["data"]["result"]}

    def points_of(self, answer):
        result = json.loads(answer)["data"]["result"]
        assert len(result) == 1, result
        return [(t, float(v)) for t, v in result[0]["values"]]

    def count(self, series):
        answer = self.ask(load.Request("GET", "/api/v1/query?" + urllib.parse.urlencode({
            "query": 'sum(count_over_time(%s{set="%s"}[900d]))' % (self.metric, series[0].set),
            "time": data.BASE + 800 * 86400})))
        return sum(int(r["value"][1]) for r in json.loads(answer)["data"]["result"])
