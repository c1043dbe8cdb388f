"""Python Gnocchi 4.4.2 and ours take turns on one MariaDB database and one storage.

usage: exchange.py BUILD_DIRECTORY FIRST [STORAGE]      FIRST: python or ours; STORAGE: file or ceph

FIRST makes the schema and writes; the other serves the same JSON, appends; then FIRST again, and
so on. After each turn both sides' answers to every GET are compared.
"""
import datetime
import math
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

BASE = 1700000000  # 2023-11-14T22:13:20Z
TYPE = "exchange_host"


def methods():
    plain = ["mean", "sum", "last", "max", "min", "std", "median", "first", "count",
             "1pct", "50pct", "95pct", "99pct"]
    return plain + ["rate:" + m for m in plain]


POLICIES = [
    {"name": "all", "back_window": 2, "aggregation_methods": methods(),
     "definition": [{"granularity": "1s", "points": 7200}, {"granularity": "60s"}]},
    {"name": "fine", "back_window": 0, "aggregation_methods": ["mean", "count"],
     "definition": [{"granularity": 0.1, "points": 100}, {"granularity": 3600, "timespan": "30d"}]},
    {"name": "star", "back_window": 1, "aggregation_methods": ["-std", "+5pct"],
     "definition": [{"granularity": "300s", "points": 50}]},
]
TYPE_BODY = {"name": TYPE, "attributes": {
    "label": {"type": "string", "required": False, "max_length": 40},
    "size": {"type": "number", "required": False, "min": 0},
    "on": {"type": "bool", "required": False},
    "image": {"type": "uuid", "required": False},
    "boot": {"type": "datetime", "required": False}}}


def measures(seed, start, count, step, spread=0.0):
    rng = random.Random(seed)
    found = []
    for i in range(count):
        time = start + i * step + (rng.uniform(-spread, spread) if spread else 0)
        value = rng.choice([rng.uniform(-1e6, 1e6), rng.randint(-50, 50), rng.gauss(0, 1e-6), 0.1])
        found.append({"timestamp": time, "value": value})
    rng.shuffle(found)
    return found


class Content:
    """What is written, turn by turn; remembers ids so that both sides can be asked for them."""

    def __init__(self):
        self.metrics, self.resources, self.turn = [], [], 0

    def create(self, client):
        for policy in POLICIES:
            client.expect(201, "POST", "/v1/archive_policy", policy)
        client.expect(201, "POST", "/v1/archive_policy_rule", {
            "name": "exchange", "metric_pattern": "disk.*", "archive_policy_name": "fine"})
        client.expect(201, "POST", "/v1/resource_type", TYPE_BODY)
        for policy in POLICIES:
            made = client.expect(201, "POST", "/v1/metric",
                                 {"archive_policy_name": policy["name"], "unit": "B/s"})
            self.metrics.append((made["id"], policy))

    def append(self, client, who):
        """One turn: a new resource, a change of all older ones, new and late measures."""
        self.turn += 1
        if self.turn == 1:
            self.create(client)
        made = client.expect(201, "POST", "/v1/resource/" + TYPE, {
            "id": "host %d of %s" % (self.turn, who),
            "user_id": "u%d" % self.turn, "project_id": "p", "started_at": "2014-01-01T00:00:00",
            "label": "é %s's \"label\"" % who, "size": self.turn * 1.5, "on": bool(self.turn % 2),
            "image": "6868da77-fa82-4e67-aba9-270c5ae8cbca", "boot": "2015-06-01T12:30:00.123456",
            "metrics": {"disk.read": {}, "cpu": {"archive_policy_name": "star"}}})
        for older in self.resources:
            client.expect(200, "PATCH", "/v1/resource/%s/%s" % (TYPE, older),
                          {"size": 100.25 + self.turn, "label": "new %d" % self.turn})
        if self.resources:
            client.expect(200, "PATCH", "/v1/resource/%s/%s" % (TYPE, self.resources[0]),
                          {"ended_at": "2040-01-0%dT00:00:00" % self.turn})
        self.resources.append(made["id"])
        by_name = {"disk.read": POLICIES[1], "cpu": POLICIES[2]}
        self.metrics += [(id, by_name[name]) for name, id in sorted(made["metrics"].items())]
        for n, (metric, policy) in enumerate(self.metrics):
            start = BASE + self.turn * (40 if policy["name"] == "fine" else 2500)
            step = 0.07 if policy["name"] == "fine" else 11.3
            batches = [measures("%d/%d" % (self.turn, n), start, 300, step, step / 2),
                       measures("late %d/%d" % (self.turn, n), start - 30 * step, 20, step)]
            for batch in batches:
                client.expect(202, "POST", "/v1/metric/%s/measures" % metric, batch)
                harness.wait_for_empty_backlog(client, 120)

    def snapshot(self, client):
        urls = ["/v1/archive_policy", "/v1/archive_policy_rule", "/v1/resource_type", "/v1/metric",
                "/v1/resource", "/v1/resource/generic", "/v1/resource/generic?history=true",
                "/v1/resource/%s?details=true" % TYPE, "/v1/resource/%s?history=true" % TYPE,
                "/v1/resource_type/" + TYPE]
        for resource in self.resources:
            urls += ["/v1/resource/%s/%s%s" % (TYPE, resource, rest)
                     for rest in ("", "/history", "/history?details=true", "/metric")]
        for metric, policy in self.metrics:
            urls += ["/v1/metric/" + metric, "/v1/metric/%s/measures" % metric,
                     "/v1/metric/%s/measures?start=%d&stop=%d" % (metric, BASE + 2600, BASE + 4000)]
            stored = client.expect(200, "GET", "/v1/metric/" + metric)["archive_policy"]
            urls += ["/v1/metric/%s/measures?aggregation=%s" % (metric, m)
                     for m in sorted(stored["aggregation_methods"])]
        found = {url: normal(client.expect(200, "GET", url)) for url in urls}
        # With details, 4.4.2 forgets the order asked for.
        details = "/v1/resource/%s?details=true" % TYPE
        found[details].sort(key=lambda r: r["id"])
        found["search"] = normal(client.expect(
            200, "POST", "/v1/search/resource/" + TYPE,
            {"and": [{"like": {"label": "%s%"}}, {">=": {"size": 1}}]}))
        return found


def normal(value):
    """JSON without what has no order, and with NaN equal to itself."""
    if isinstance(value, dict):
        return {k: sorted(v) if k == "aggregation_methods" else
                v.split("/v1/", 1)[-1] if isinstance(v, str) and v.startswith("http://") else
                normal(v) for k, v in value.items()}
    if isinstance(value, list):
        if len(value) == 3 and isinstance(value[1], float) and 0 < value[1] < 1:
            # 4.4.2 prints a time within a second as "+00:00" alone: its order is all there is.
            return [value[1], normal(value[2])]
        return [normal(v) for v in value]
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value


def compare(ours, python, when):
    bad = 0
    for url in sorted(python):
        if ours[url] == python[url]:
            continue
        bad += 1
        if bad <= 5:
            print("%s: %s differs\n  python %.500s\n  ours   %.500s" % (
                when, url, python[url], ours[url]))
            if isinstance(ours[url], list) and isinstance(python[url], list):
                both = enumerate(zip(python[url], ours[url]))
                pairs = [(i, a, b) for i, (a, b) in both if a != b]
                print("  first difference (index, python, ours): %s; lengths %d %d" % (
                    pairs[:1], len(python[url]), len(ours[url])))
    print("%s: %d answers, %d differ" % (when, len(python), bad))
    return bad


def main():
    build, first = sys.argv[1], sys.argv[2]
    started = datetime.datetime.now()
    bad = 0
    with harness.workspace() as where:
        database = harness.Database("mysql", where)
        on_ceph = sys.argv[3:] == ["ceph"]
        storage = harness.CephPool() if on_ceph else os.path.join(where, "storage")
        content = Content()

        def deployment(who):
            place = os.path.join(where, who)
            os.makedirs(place, exist_ok=True)
            if who == "python":
                return harness.PythonDeployment(place, database, storage)
            return harness.Deployment(build, place, database, storage)

        try:
            order = [first, "ours" if first == "python" else "python"] * 2
            previous = None
            for turn, who in enumerate(order):
                side = deployment(who)
                if turn < 2 and not (turn == 1 and who == "python"):
                    side.upgrade()  # ours takes over Python's schema; Python's knows no newer one
                side.start_api()
                side.start_metricd()
                client = side.client()
                try:
                    if previous:
                        now = content.snapshot(client)
                        pair = (previous, now) if who == "python" else (now, previous)
                        bad += compare(*pair, "turn %d, %s reads" % (turn + 1, who))
                    content.append(client, who)
                    previous = content.snapshot(client)
                finally:
                    side.stop()
            side = deployment(order[0])
            side.start_api()
            now = content.snapshot(side.client())
            side.stop()
            bad += compare(*((previous, now) if order[0] == "python" else (now, previous)),
                           "at the end, %s reads" % order[0])
        finally:
            database.drop()
    print("exchange took %s" % (datetime.datetime.now() - started))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
