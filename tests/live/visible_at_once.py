"""A measure is visible as soon as its POST is answered, whether metricd runs or not, in every way to
read: measures of a metric by id and by resource, /v1/aggregates, /v1/aggregation, /v1/search/metric.

1. metricd stopped: random measures (late, repeated, of several granularities, with rates) are
   accepted; what is answered then must be, to the byte, what is answered once metricd has stored it.
2. metricd running: thousands of single measures are sent and looked for at once, and must be there
   with the value that all measures accepted so far come to. How long that took is printed.
3. The options: [api] immediate_reads and max_pending_bytes.

usage: visible_at_once.py BUILD_DIRECTORY sqlite|mysql [file|ceph|rocksdb [REQUESTS]]
"""
import collections
import http.client
import json
import os
import random
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

BASE = 1704067200  # 2024-01-01
POLICIES = {
    "plain": {"back_window": 3, "aggregation_methods": ["mean", "sum", "count", "max", "std", "95pct"],
              "definition": [{"granularity": "10s"}, {"granularity": "60s", "points": 500}]},
    "rates": {"back_window": 2, "aggregation_methods": ["mean", "last", "rate:mean", "rate:last"],
              "definition": [{"granularity": "60s"}, {"granularity": "300s", "points": 100}]},
    # So few points that every pass drops old ones, and splits with them.
    "short": {"back_window": 0, "aggregation_methods": ["mean", "min", "median", "first"],
              "definition": [{"granularity": "1s", "points": 50},
                             {"granularity": "10s", "points": 4000}]},
}
METRICS_OF_EACH = 6
THREADS = 3


class Connection:
    """One connection that is kept alive."""

    def __init__(self, client):
        self.headers = dict(client.headers, **{"Content-Type": "application/json"})
        self.address = client.url.partition("//")[2]
        self.http = http.client.HTTPConnection(self.address, timeout=60)

    def ask(self, method, path, body=None, status=200):
        self.http.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = self.http.getresponse()
        text = answer.read()
        assert answer.status == status, (method, path, answer.status, text[:500])
        return answer, text

    def rows(self, method, path, body=None):
        return json.loads(self.ask(method, path, body)[1])


class Metric:
    def __init__(self, policy, resource, name, id_):
        self.policy, self.resource, self.name, self.id = policy, resource, name, id_
        self.newest = BASE


class Programs:
    """gnocchi-api with or without gnocchi-metricd. On RocksDB, which one process can use, both are
    gnocchi-server; without metricd means that it is told to wait for an hour."""

    def __init__(self, deployment, one_process):
        self.deployment, self.one_process = deployment, one_process

    def restart(self, metricd, options=""):
        self.deployment.stop()
        self.deployment.write_conf(options, "basic")
        if not self.one_process:
            self.deployment.start_api()
            if metricd:
                self.deployment.start_metricd()
            return
        if not metricd:
            with open(self.deployment.conf) as f:
                text = f.read()
            delay = "metric_processing_delay = 1\n"
            assert delay in text
            with open(self.deployment.conf, "w") as f:
                f.write(text.replace(delay, "metric_processing_delay = 3600\ngreedy = false\n"))
        self.deployment.start_server()

    def process(self, metrics, by_metricd):
        """Has everything stored, by metricd or by refreshing each metric."""
        client = self.deployment.client()
        if by_metricd and not self.one_process:
            metricd = self.deployment.start_metricd()
            harness.wait_for_empty_backlog(client)
            metricd.stop()
            self.deployment.processes.remove(metricd)
            return
        for metric in metrics:
            client.expect(200, "GET", "/v1/metric/%s/measures?refresh=true" % metric.id)


def create(client):
    metrics = []
    for name, policy in POLICIES.items():
        client.expect(201, "POST", "/v1/archive_policy", dict(policy, name=name))
        for i in range(METRICS_OF_EACH):
            resource = str(uuid.uuid4())
            made = client.expect(201, "POST", "/v1/resource/generic", {
                "id": resource, "metrics": {name: {"archive_policy_name": name}}})
            metrics.append(Metric(name, resource, name, made["metrics"][name]))
    return metrics


def random_measures(metric):
    """Around the newest time, some of them beyond any back window; one is new."""
    measures = []
    reach = random.choice([20, 20, 200, 4000])
    for _ in range(random.randint(0, 30)):
        when = max(BASE, metric.newest + random.randint(-reach, reach))
        measures.append((when + random.choice([0, 0, 0.25]), random.randint(-400, 400) / 8))
    metric.newest = max([metric.newest] + [int(when) for when, _ in measures])
    metric.newest += random.randint(1, 40)
    measures.insert(random.randint(0, len(measures)), (metric.newest, random.random()))
    return [{"timestamp": when, "value": value} for when, value in measures]


def accept(connection, metrics):
    """In one of the ways to send measures."""
    chosen = random.sample(metrics, random.randint(1, len(metrics)))
    if random.random() < 0.5:
        connection.ask("POST", "/v1/batch/metrics/measures",
                       {m.id: random_measures(m) for m in chosen}, 202)
        return
    for metric in chosen:
        connection.ask("POST", "/v1/metric/%s/measures" % metric.id, random_measures(metric), 202)


def questions(metrics):
    """Of each way to read, over all aggregates, and with ranges and resampling."""
    asked = []
    for metric in metrics:
        policy = POLICIES[metric.policy]
        method = random.choice(policy["aggregation_methods"])
        step = random.choice(policy["definition"])["granularity"]
        near = metric.newest - random.randint(0, 3000)
        stop = metric.newest - random.randint(-60, 1000)
        by_id = "/v1/metric/%s/measures?aggregation=%s" % (metric.id, method)
        by_name = "/v1/resource/generic/%s/metric/%s/measures?aggregation=%s" % (
            metric.resource, metric.name, method)
        resampled = "&granularity=%s&resample=%s" % (step, random.choice(["90s", "600s"]))
        asked += [("GET", by_id, None), ("GET", by_name + "&granularity=" + step, None),
                  ("GET", by_id + "&start=%d" % near, None),
                  ("GET", by_name + "&start=%d&stop=%d" % (near, stop), None),
                  ("GET", by_id + resampled, None),
                  ("POST", "/v1/search/metric?metric_id=%s&aggregation=%s" % (metric.id, method),
                   {">": -20})]
    for name, policy in POLICIES.items():
        ids = [m.id for m in metrics if m.policy == name]
        method = random.choice(policy["aggregation_methods"])
        operations = ["aggregate", random.choice(["sum", "mean", "max"]),
                      ["metric"] + [[id_, method] for id_ in ids]]
        asked += [("POST", "/v1/aggregates?fill=null", {"operations": operations}),
                  ("POST", "/v1/aggregates?fill=0&groupby=id", {
                      "resource_type": "generic", "search": {},
                      "operations": ["+", 1, ["metric", name, method]]}),
                  ("GET", "/v1/aggregation/metric?fill=0&reaggregation=max&aggregation=%s&%s" % (
                      method, "&".join("metric=" + id_ for id_ in ids)), None),
                  ("POST", "/v1/aggregation/resource/generic/metric/%s?fill=null&reaggregation=sum&aggregation=%s" % (
                      name, method), {})]
    return asked


def check_same_answers(programs, metrics, rounds):
    connection = Connection(programs.deployment.client())
    compared = points = 0
    for number in range(rounds):
        for _ in range(random.randint(1, 3)):
            accept(connection, metrics)
        asked = questions(metrics)
        before = [connection.ask(*question)[1] for question in asked]
        programs.process(metrics, by_metricd=number % 5 == 0)
        for question, text in zip(asked, before):
            after = connection.ask(*question)[1]
            assert text == after, "round %d, %s\nbefore: %s\nafter:  %s" % (
                number, question, text[-1500:], after[-1500:])
            compared += 1
            points += text.count(b"2024-")
    assert points > compared, "hardly any points were compared"
    print("%d answers with %d points were the same before a pass and after it" % (compared, points))


class Sender(threading.Thread):
    """Sends measures of its own metrics and looks for each of them at once."""

    def __init__(self, client, metrics, requests):
        super().__init__()
        self.connection, self.requests = Connection(client), requests
        self.random = random.Random(random.random())
        self.accepted = {m.id: collections.defaultdict(dict) for m in metrics}  # by group, by time
        self.metrics, self.seconds, self.fault = metrics, [], None

    def run(self):
        try:
            for i in range(self.requests):
                self.send_and_look(self.random.choice(self.metrics), i)
        except BaseException as e:  # shown by the main thread
            self.fault = e

    def send_and_look(self, metric, number):
        metric.newest += self.random.choice([0, 0, 1, 3])
        when = metric.newest - self.random.choice([0, 0, 0, 5, 40, 150])  # within the back window
        value = self.random.randint(-4000, 4000) / 8
        group = when - when % 10
        times = self.accepted[metric.id][group]
        times[when] = value
        self.connection.ask("POST", "/v1/metric/%s/measures" % metric.id,
                            [{"timestamp": when, "value": value}], 202)
        sent = time.perf_counter()
        found = self.look(metric, group, number % 5)
        self.seconds.append(time.perf_counter() - sent)
        assert found == sum(times.values()), (number % 5, metric.id, group, found, times)

    def look(self, metric, group, way):
        """The sum of the group of ten seconds."""
        span = "start=%d&stop=%d&granularity=10" % (group, group + 10)
        ask = self.connection.rows
        if way == 0:
            rows = ask("GET", "/v1/metric/%s/measures?aggregation=sum&%s" % (metric.id, span))
        elif way == 1:
            rows = ask("GET", "/v1/resource/generic/%s/metric/%s/measures?aggregation=sum&%s" % (
                metric.resource, metric.name, span))
        elif way == 2:
            answer = ask("POST", "/v1/aggregates?" + span, {
                "operations": ["metric", metric.id, "sum"]})
            rows = answer["measures"][metric.id]["sum"]
        elif way == 3:
            rows = ask("GET", "/v1/aggregation/metric?aggregation=sum&metric=%s&%s" % (
                metric.id, span))
        else:
            rows = ask("POST", "/v1/search/metric?metric_id=%s&aggregation=sum&%s" % (
                metric.id, span), {">": -1e9})[metric.id]
        assert len(rows) == 1, (way, metric.id, rows)
        return rows[0][2]


def check_visible_at_once(client, metrics, requests):
    plain = [m for m in metrics if m.policy == "plain"]
    for metric in plain:
        metric.newest += 10_000  # groups of their own
    senders = [Sender(client, plain[i::THREADS], requests // THREADS) for i in range(THREADS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    for sender in senders:
        if sender.fault:
            raise sender.fault
    seconds = sorted(s for sender in senders for s in sender.seconds)
    print("%d measures were visible at once; POST answered -> seen: median %.2f ms, p99 %.2f ms, "
          "most %.2f ms" % (len(seconds), seconds[len(seconds) // 2] * 1000,
                            seconds[len(seconds) * 99 // 100] * 1000, seconds[-1] * 1000))


def check_options(programs, metric):
    deployment = programs.deployment
    path = "/v1/metric/%s/measures" % metric.id
    measures = [{"timestamp": metric.newest + 60, "value": 5}]
    header = "Gnocchi-Pending-Measures"

    programs.restart(False, "[api]\nimmediate_reads = false\n")
    connection = Connection(deployment.client())
    stored = connection.ask("GET", path)[1]
    connection.ask("POST", path, measures, 202)
    answer, text = connection.ask("GET", path)
    assert text == stored and answer.getheader(header) is None, text
    fresh = connection.ask("GET", path + "?refresh=true")[1]
    assert fresh != stored

    programs.restart(False, "[api]\nmax_pending_bytes = 100\n")
    connection = Connection(deployment.client())
    connection.ask("POST", path, [{"timestamp": metric.newest + 120, "value": 6}], 202)
    answer, text = connection.ask("GET", path)
    assert text != fresh and answer.getheader(header) is None, text
    connection.ask("POST", path, [{"timestamp": metric.newest + 120 + i, "value": 7}
                                  for i in range(20)], 202)
    for method, way, body in (
            ("GET", path, None), ("GET", "/v1/aggregation/metric?metric=" + metric.id, None),
            ("POST", "/v1/aggregates", {"operations": ["metric", metric.id, "mean"]}),
            ("POST", "/v1/search/metric?metric_id=" + metric.id, {">": -1e9})):
        answer = connection.ask(method, way, body)[0]
        assert answer.getheader(header) == "left out", way
    assert connection.ask("GET", path)[1] == fresh


def main():
    build, kind = sys.argv[1], sys.argv[2]
    requests = int(sys.argv[4]) if len(sys.argv) > 4 else 3000
    seed = int(os.environ.get("GNOCCHI_TEST_SEED", time.time_ns() % 1_000_000))
    print("seed %d (GNOCCHI_TEST_SEED)" % seed)
    random.seed(seed)
    with harness.workspace() as where:
        database = harness.Database(kind, where)
        kind_of_storage = sys.argv[3] if len(sys.argv) > 3 else "file"
        storage = {"file": lambda: None, "ceph": harness.CephPool,
                   "rocksdb": lambda: harness.RocksDatabase(where)}[kind_of_storage]()
        if kind_of_storage == "ceph":
            storage.clear()
        deployment = harness.Deployment(build, where, database, storage)
        programs = Programs(deployment, kind_of_storage == "rocksdb")
        try:
            deployment.upgrade()
            programs.restart(metricd=False)
            metrics = create(deployment.client())
            check_same_answers(programs, metrics, 25)
            print("metricd stopped:")
            check_visible_at_once(deployment.client(), metrics, requests // 3)
            programs.restart(metricd=True)
            print("metricd running:")
            check_visible_at_once(deployment.client(), metrics, requests)
            harness.wait_for_empty_backlog(deployment.client())
            check_options(programs, metrics[0])
        finally:
            deployment.stop()
            database.drop()


if __name__ == "__main__":
    main()
