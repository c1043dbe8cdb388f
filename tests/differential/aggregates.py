"""Aggregates: operation trees, the older aggregation paths, and the search for values."""
import json
import re

import values

BINARY = ["==", "eq", "!=", "ne", ">=", "ge", "<=", "le", "<", "lt", ">", "gt", "+", "add", "-", "sub",
          "*", "mul", "×", "/", "div", "÷", "%", "mod", "**", "^", "pow", "≥", "≤", "≠"]
UNARY = ["abs", "absolute", "neg", "negative", "cos", "sin", "tan", "floor", "ceil"]
METHODS = ["mean", "sum", "min", "max", "count", "std", "median",
           "var"]  # var last: it does not resample
STORED = ["mean", "sum", "max", "min", "count"]
# Of these the last digits depend on the order of addition.
ROUNDED = ("mean", "std", "var", "median", "cos", "sin", "tan", "pow", "**", "^", "rateofchange")
TOLERANCE = 1e-12
WILD = re.compile(r"[*?\[]")


class Aggregates:
    def prepare_aggregates(self):
        """Resources with metrics of the same names and measures that partly overlap."""
        rng = self.rng
        self.add("POST", "/v1/archive_policy", {
            "name": "agNS", "back_window": 10, "aggregation_methods": STORED + ["rate:mean"],
            "definition": [{"granularity": 60, "points": 1440}, {"granularity": 300, "points": 288},
                           {"granularity": 3600, "points": 48}]}, user="admin")
        self.add("POST", "/v1/resource_type", {"name": "agtNS", "attributes": {
            "host": {"type": "string", "required": False},
            "size": {"type": "number", "required": False}}}, user="admin")
        self.types["agtNS"] = {"host": {"type": "string", "required": False},
                               "size": {"type": "number", "required": False}}
        for n in range(rng.choice([1, 2, 3, 5])):
            names = rng.sample(["cpu", "mem", "disk.io", "disk.iops"], rng.choice([1, 2, 3]))
            label = self.add("POST", "/v1/resource/agtNS", {
                "id": "ag%dNS" % n, "host": rng.choice(["h1", "h2"]), "size": rng.choice([1, 2.5]),
                "project_id": rng.choice(["p1", None]),
                "metrics": {name: {"archive_policy_name": "agNS"} for name in names}}, user="admin")
            self.grouped.append((label, names))
            body = {name: self.overlapping() for name in names if rng.random() < 0.9}
            if body:
                path = "/v1/resource/agtNS/ag%dNS/metric/" % n
                self.add("POST", "/v1/batch/resources/metrics/measures", {"ag%dNS" % n: body},
                         user="admin",
                         flush=[path + name + "/measures?refresh=true" for name in body])

    def overlapping(self):
        rng = self.rng
        start = values.BASE - values.BASE % 3600 + rng.choice([0, 0, 0, 600, 7200])
        step = rng.choice([30, 60, 60, 300])
        return [{"timestamp": start + i * step, "value": rng.choice(
            [rng.randint(-100, 100), rng.randint(-400, 400) / 4])}
            for i in range(rng.choice([1, 5, 20, 40]))]

    def aggregate(self):
        values.one_of(self.rng, (6, self.aggregates), (3, self.old_aggregation),
                      (3, self.search_metric))

    def metric_ids(self):
        return ["<<%d.metrics.%s>>" % (label, name) for label, names in self.grouped
                for name in names]

    def metric_node(self, by_id):
        rng = self.rng
        if by_id:
            names = self.metric_ids()
        else:
            names = ["cpu", "mem", "disk.io", "disk.*", "*", "c?u", "[cm]*"]

        def pair():
            name = rng.choice(names)
            if rng.faulty(0.02):
                name = rng.choice(["nosuch", values.UUIDS[0], ""])
            return [name, rng.choice(STORED + (["median", "nosuch"] if rng.faulty(0.05) else []))]
        if rng.random() < 0.6:
            return ["metric"] + pair()
        found = []
        for _ in range(rng.choice([1, 2, 3])):
            one = pair()
            # What two patterns match Python lists twice.
            if one not in found and (by_id or not found or not WILD.search(found[0][0] + one[0])):
                found.append(one)
        return ["metric"] + found

    def operations(self, by_id, depth):
        rng = self.rng
        if rng.faulty(0.02):
            return rng.choice([[], ["nosuch", 1], 5, "metric", ["metric"], ["+", 1, 2], None,
                               ["aggregate", "nosuch", ["metric", "cpu", "mean"]],
                               ["rolling", "mean", 0, ["metric", "cpu", "mean"]], ["aggregate"]])
        if depth == 0:
            return self.metric_node(by_id)
        inner = self.operations(by_id, depth - 1)
        how = rng.randrange(8)
        if how <= 1:
            return ["aggregate", rng.choice(METHODS), inner]
        if how == 2:
            return ["resample", rng.choice(METHODS[:-1]), rng.choice([300, 3600, 7200, "120"]), inner]
        if how == 3:
            return ["rolling", rng.choice(METHODS), rng.choice([1, 2, 5]), inner]
        if how == 4:
            return [rng.choice(UNARY), inner]
        if how == 5:
            # Of two searched nodes Python pairs the series in the order of their random ids.
            other = rng.choice([2, 0.5, -3, 10, inner, self.operations(by_id, 0) if by_id else 7])
            pair = [inner, other] if rng.random() < 0.7 else [other, inner]
            return [rng.choice(BINARY)] + pair
        if how == 6:
            return rng.choice([["clip_min", inner, 0], ["clip_max", inner, 10],
                               ["clip", inner, -5, 5]])
        return ["rateofchange", inner]

    def range(self):
        rng = self.rng
        start = values.BASE - values.BASE % 3600
        return {"start": rng.choice([None, None, None, start + 600, values.iso(start + 1200)]),
                "stop": rng.choice([None, None, None, start + 1800, values.iso(start + 5400)]),
                "granularity": values.wrong(rng, rng.choice([None, 60, 300, 3600, 3600]), 0.05)}

    def aggregates(self):
        rng = self.rng
        by_id = rng.random() < 0.5
        operations = self.operations(by_id, rng.choice([0, 1, 1, 2, 3]))
        sent = operations
        if isinstance(operations, list) and rng.random() < 0.15:
            sent = s_expression(operations)
        body = {"operations": sent}
        query = self.range()
        query["needed_overlap"] = values.wrong(rng, rng.choice([None, None, 0, 50, 100]), 0.05)
        query["fill"] = values.wrong(rng, rng.choice([None, None, None, 0, "null", "dropna", -1.5]),
                                     0.05)
        query["details"] = rng.choice([None, None, "true", "false"])
        if not by_id:
            body["resource_type"] = values.wrong(rng, rng.choice(["agtNS", "agtNS", "generic"]), 0.03)
            body["search"] = rng.choice([
                {"=": {"project_id": "p1"}}, {"like": {"original_resource_id": "ag%"}},
                "host = 'h1' or size > 1", "project_id = 'p1'", {"!=": {"host": "h2"}},
                {"=": {"host": "nosuch"}}])
            query["groupby"] = rng.choice([None, None, "host", "project_id", ["host", "size"], "id",
                                           "original_resource_id"])
            if rng.faulty(0.05):
                query["groupby"] = "nosuch"
        body = values.spoil(rng, body, 0.05)
        self.add("POST", "/v1/aggregates" + self.query(**query), body, unordered=True,
                 tolerance=tolerance(operations), user="admin")

    def old_aggregation(self):
        rng = self.rng
        query = self.range()
        query.update(aggregation=rng.choice([None, "mean", "sum", "max", "count"]),
                     reaggregation=rng.choice([None, None, "sum", "mean", "min", "max"]),
                     needed_overlap=values.wrong(rng, rng.choice([None, None, 0, 50]), 0.05),
                     fill=values.wrong(rng, rng.choice([None, None, None, 0, "null"]), 0.05),
                     resample=rng.choice([None, None, None, 7200, "1h", "H"]))
        if rng.random() < 0.5:
            ids = rng.sample(self.metric_ids(), min(len(self.metric_ids()), rng.choice([1, 2, 3])))
            if rng.faulty(0.05):
                ids.append(rng.choice(["x", values.UUIDS[0]]))
            if rng.random() < 0.5:
                self.add("GET", "/v1/aggregation/metric" + self.query(metric=ids, **query),
                         tolerance=TOLERANCE, user="admin")
            else:
                self.add("POST", "/v1/aggregation/metric" + self.query(**query), ids,
                         tolerance=TOLERANCE, user="admin")
        else:
            query["groupby"] = rng.choice([None, None, "host", "project_id", ["host", "size"]])
            type_name = "nosuch" if rng.faulty(0.03) else rng.choice(["agtNS", "generic"])
            if type_name == "generic" and query["groupby"]:
                query["groupby"] = "project_id"
            body = rng.choice([None, {"=": {"project_id": "p1"}},
                               {"like": {"original_resource_id": "ag%"}}])
            self.add("POST", "/v1/aggregation/resource/%s/metric/%s%s" % (
                type_name, rng.choice(["cpu", "mem", "disk.io", "nosuch"]), self.query(**query)),
                body, tolerance=TOLERANCE, unordered=True, user="admin")

    def predicate(self, depth=2):
        rng = self.rng
        if depth and rng.random() < 0.4:
            return {rng.choice(["and", "or", "∧", "∨"]): [
                self.predicate(depth - 1) for _ in range(rng.choice([1, 2]))]}
        if rng.faulty(0.08):
            return rng.choice([{}, {"nosuch": 1}, {"=": "x"}, {"=": [1]}, 5, {"and": []},
                               {"not": [{"=": 1}]}, {"=": 1, "<": 2}])
        operator = rng.choice(["=", "==", "eq", "<", "lt", ">", "gt", "<=", "≤", "le", ">=", "≥",
                               "ge", "!=", "≠", "ne"])
        if rng.random() < 0.7:
            return {operator: rng.choice([0, 10, -5.5, 25])}
        return {operator: [{rng.choice(["%", "mod", "+", "add", "-", "*", "mul"]): rng.choice(
            [2, 3.5])}, rng.choice([0, 1])]}

    def search_metric(self):
        rng = self.rng
        query = self.range()
        query["granularity"] = rng.choice([None, 60, 3600])
        ids = rng.sample(self.metric_ids(), min(len(self.metric_ids()), rng.choice([1, 2])))
        if rng.faulty(0.05):
            ids.append(rng.choice([values.UUIDS[0], "x"]))
        query["aggregation"] = rng.choice([None, "sum", "max"])
        self.add("POST", "/v1/search/metric" + self.query(metric_id=ids, **query),
                 values.wrong(rng, self.predicate(), 0.02), user="admin")


def tolerance(operations):
    text = json.dumps(operations)
    return TOLERANCE if any('"%s"' % name in text for name in ROUNDED) else 0.0


def s_expression(node):
    if isinstance(node, list):
        return "(" + " ".join(s_expression(one) for one in node) + ")"
    return str(node)
