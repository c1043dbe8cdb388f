#!/usr/bin/python3
"""Asks Python Gnocchi and ours, on one database and storage, for the same aggregates.

    aggregates_like_python.py BUILD [SEED]

Answers must be equal: status, cause and reason of refusals, and every number to the bit.
"""
import itertools
import json
import math
import os
import random
import sys
import urllib.parse

import harness

START = 1425652440  # 2015-03-06T14:34:00
REDUCTIONS = ["mean", "median", "std", "min", "max", "sum", "var", "count", "rate:mean", "rate:max"]


class Content:
    """Resources of one type, and metrics that belong to none; measures with gaps."""

    def __init__(self, client, seed):
        self.rng = random.Random(seed)
        client.expect(201, "POST", "/v1/archive_policy", {
            "name": "fine", "aggregation_methods": ["mean", "max", "min", "sum", "count", "rate:mean"],
            "definition": [{"granularity": "10s"}, {"granularity": "60s"}, {"granularity": "300s"}]})
        client.expect(201, "POST", "/v1/archive_policy", {
            "name": "other", "aggregation_methods": ["mean"], "definition": [{"granularity": "7s"}]})
        client.expect(201, "POST", "/v1/resource_type", {"name": "vm", "attributes": {
            "host": {"type": "string"}, "flavor": {"type": "string", "required": False},
            "size": {"type": "number", "required": False}}})
        batch = {}
        for i in range(12):
            names = ["cpu", "disk.read", "disk.write"] if i % 3 else ["cpu"]
            flavor = {} if i % 5 == 0 else {"flavor": "f%d" % (i % 3)}
            made = client.expect(201, "POST", "/v1/resource/vm", dict(flavor, **{
                "id": "vm%d" % i, "host": "h%d" % (i % 4), "project_id": "p%d" % (i % 2), "size": i,
                "metrics": {name: {"archive_policy_name": "fine"} for name in names}}))
            for name in names:
                batch[made["metrics"][name]] = self.measures()
        client.expect(201, "POST", "/v1/resource/generic", {
            "id": "odd", "metrics": {"cpu": {"archive_policy_name": "other"}}})
        self.metrics = []
        for _ in range(9):
            metric = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "fine"})["id"]
            self.metrics.append(metric)
            batch[metric] = self.measures()
        self.empty = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "fine"})["id"]
        self.other = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "other"})["id"]
        client.expect(202, "POST", "/v1/batch/metrics/measures", batch)

    def measures(self):
        return [{"timestamp": START + 5 * i, "value": self.rng.gauss(10, 1e3)}
                for i in range(120) if self.rng.random() < 0.9]


def operations(content):
    one, two = content.metrics[:2]
    several = ["metric"] + [[m, "mean"] for m in content.metrics]
    yield several
    yield ["metric", one, "max"]
    for method in REDUCTIONS:
        yield ["aggregate", method, several]
        yield ["rolling", method, 9, several]
        if "var" not in method:
            yield ["resample", method, 120, several]
    for name in ["abs", "neg", "floor", "ceil", "rateofchange"]:
        yield [name, several]
    for name in ["+", "-", "*", "/", "%", ">", "<=", "!=", "clip_min", "clip_max"]:
        yield [name, several, 3.5]
        yield [name, 3.5, several]
        yield [name, ["metric", one, "mean"], ["metric", two, "max"]]
    yield ["clip", several, -5, "5"]
    yield ["aggregate", "sum", ["metric", content.empty, "mean"]]
    yield "(* (aggregate mean (metric (%s mean) (%s mean))) 2)" % (one, two)
    # Refused, each for a reason of its own.
    yield ["metric", [one, "mean"], [content.other, "mean"]]
    yield ["metric", one, "last"]
    yield ["metric", "00000000-0000-0000-0000-000000000000", "mean"]
    yield ["metric", "foo", "mean"]
    yield ["rolling", "mean", 1000, several]
    yield ["+", several, ["resample", "mean", 120, several]]
    yield ["+", 1, 2]
    yield []
    yield ["metric"]
    yield "(metric foo"
    yield ["nonsense", several]


def questions(content):
    plain = ["", "granularity=60", "granularity=10&fill=null", "granularity=10&fill=-2",
             "granularity=60&needed_overlap=50", "needed_overlap=100", "granularity=11",
             "granularity=10&start=2015-03-06T14:35:03&stop=2015-03-06T14:40:00&fill=dropna",
             "granularity=10&needed_overlap=100&start=2015-03-06T14:35&stop=2015-03-06T14:40"]
    for query, asked in itertools.product(plain, operations(content)):
        yield "/v1/aggregates?" + query, {"operations": asked}
    for query in ["fill=x", "needed_overlap=x", "start=x", "stop=x", "granularity=x", "details=x"]:
        yield "/v1/aggregates?" + query, {"operations": ["metric", content.metrics[0], "mean"]}
    yield "/v1/aggregates?details=true", {"operations": ["metric", content.metrics[0], "mean"]}

    searches = [{}, {"=": {"host": "h1"}}, "project_id = 'p1' and size > 4", {"=": {"host": "nowhere"}}]
    wanted = ["(aggregate sum (metric cpu mean))", "(metric disk.* max)",
              "(aggregate rate:mean (metric cpu mean))", "(metric (cpu mean) (*.read min))",
              "(/ (aggregate sum (metric disk.read mean)) (aggregate sum (metric disk.write mean)))",
              "(metric nothing mean)", "(metric cpu last)", "(rolling mean 4 (metric cpu mean))"]
    groups = ["", "groupby=host", "groupby=project_id&groupby=flavor", "groupby=id", "groupby=unit"]
    for search, asked, group, query in itertools.product(
            searches, wanted, groups, ["granularity=60", "granularity=10&fill=null&details=true"]):
        yield "/v1/aggregates?%s&%s" % (query, group), {
            "resource_type": "vm", "search": search, "operations": asked}
    yield "/v1/aggregates", {"resource_type": "generic", "search": {}, "operations": wanted[0]}
    yield "/v1/aggregates", {"resource_type": "nothing", "search": {}, "operations": wanted[0]}

    ids = "&".join("metric=" + m for m in content.metrics)
    for query in ["", "granularity=60&needed_overlap=90", "granularity=10&fill=0&reaggregation=max",
                  "granularity=60&resample=120&needed_overlap=0", "aggregation=max&needed_overlap=20",
                  "granularity=60&resample=M&fill=null&reaggregation=sum", "aggregation=wtf",
                  "granularity=11", "resample=60", "fill=x", "granularity=60&fill=null&aggregation=rate:mean"]:
        yield "/v1/aggregation/metric?%s&%s" % (ids, query), None
        yield "/v1/aggregation/metric?metric=%s&%s" % (content.metrics[0], query), None
        yield "/v1/aggregation/metric?" + query, content.metrics[:3]
        for group in ["", "groupby=host", "groupby=project_id&groupby=flavor", "groupby=nothing"]:
            yield "/v1/aggregation/resource/vm/metric/cpu?%s&%s" % (query, group), {"=": {"host": "h1"}}
            yield "/v1/aggregation/resource/vm/metric/cpu?%s&%s" % (query, group), {}
    yield "/v1/aggregation/resource/vm/metric/nothing", {}
    yield "/v1/aggregation/resource/nothing/metric/cpu", {}

    found = "/v1/search/metric?metric_id=%s&metric_id=%s" % tuple(content.metrics[:2])
    for predicate in [{">=": 50}, {"and": [{">=": [{"+": 23}, 50]}, {"!=": 55}]}, {"%": 2},
                      {"or": [{"<": [{"*": 2}, -900]}, {"gt": 900}]}]:
        for query in ["", "&granularity=60", "&granularity=60&granularity=300&aggregation=max",
                      "&start=2015-03-06T14:38&granularity=10", "&granularity=11", "&start=x"]:
            yield found + query, predicate


def normal(value):
    """JSON without what has no order, and with NaN equal to itself."""
    if isinstance(value, dict):
        if "references" in value:
            value = dict(value, references=sorted(value["references"], key=lambda r: r["id"]))
        return {k: sorted(v) if k == "aggregation_methods" else normal(v) for k, v in value.items()}
    if isinstance(value, list):
        return [normal(v) for v in value]
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value


def answer_of(client, path, body):
    try:
        answer = client.get(path) if body is None else client.post(path, body)
    except ConnectionError:  # uwsgi breaks the connection where Python does not read the body
        return 599, None
    if answer.status == 200:
        return 200, normal(answer.json)
    said = answer.json["description"] if answer.status < 500 else None
    if isinstance(said, dict):
        detail = said.get("detail")
        if isinstance(detail, list):
            detail = sorted(json.dumps(d) for d in detail)
        if said["cause"] in ("Invalid input", "Operations is invalid"):  # numbers as Python takes them
            said = {"cause": said["cause"], "reason": said["reason"].split(" @ ")[0]}
        else:
            said = {"cause": said["cause"], "detail": detail,
                    "reason": said.get("reason", "").split(" granularity [")[0]}
    return answer.status, said


def main():
    build = sys.argv[1]
    seed = sys.argv[2] if len(sys.argv) > 2 else str(random.SystemRandom().randrange(2**32))
    print("seed " + seed, flush=True)
    asked = failing = different = 0
    with harness.workspace() as where:
        database = harness.Database("mysql", where)
        storage = os.path.join(where, "storage")
        for name in ("ours", "python"):
            os.makedirs(os.path.join(where, name))
        ours = harness.Deployment(build, os.path.join(where, "ours"), database, storage)
        python = harness.PythonDeployment(os.path.join(where, "python"), database, storage)
        try:
            python.upgrade()
            ours.upgrade()
            ours.start_api()
            ours.start_metricd()
            content = Content(ours.client(), seed)
            harness.wait_for_empty_backlog(ours.client())
            python.start_api()
            for path, body in questions(content):
                theirs = next((a for a in (answer_of(python.client(), path, body) for _ in range(3))
                               if a[0] != 599), (599, None))
                mine = answer_of(ours.client(), path, body)
                asked += 1
                if theirs[0] >= 500:  # it has crashed: we must not
                    failing += 1
                    same = mine[0] < 500
                else:
                    same = mine == theirs
                if not same:
                    different += 1
                    if different <= 8:
                        print("%s %s\n  python %.700s\n  ours   %.700s" % (
                            urllib.parse.unquote(path)[-200:], json.dumps(body)[:300], theirs, mine))
        finally:
            ours.stop()
            python.stop()
            database.drop()
    print("%d questions, %d differ; Python failed at %d" % (asked, different, failing))
    sys.exit(1 if different or asked < 1000 else 0)


main()
