"""A load whose every accepted measure can be checked afterwards; see kill9.py."""
import http.client
import threading
import time

METRICS, POINTS = 24, 5
BASE = 1700000040  # a multiple of 60
POLICY = {"name": "exact", "back_window": 100, "aggregation_methods": ["count", "sum", "max"],
          "definition": [{"granularity": 60}]}


class Load(threading.Thread):
    """Posts consecutive measures of its own metrics, each batch until it is accepted."""

    def __init__(self, client, metrics, stop):
        super().__init__(daemon=True)
        self.client, self.metrics, self.stop = client, metrics, stop
        self.sent, self.accepted, self.refused, self.failure = 0, 0, 0, None

    def body(self):
        return {m: [{"timestamp": BASE + self.sent + i, "value": value_of(self.sent + i)}
                    for i in range(POINTS)] for m in self.metrics}

    def run(self):
        try:
            while not self.stop.is_set():
                self.post_until_accepted(self.body())
                self.sent += POINTS
        except Exception as e:  # shown by the main thread
            self.failure = e

    def post_until_accepted(self, body):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                answer = self.client.post("/v1/batch/metrics/measures", body, timeout=10)
            except (OSError, http.client.HTTPException):
                self.refused += 1  # killed meanwhile: whether it was stored nobody knows
                time.sleep(0.01)
                continue
            if answer.status == 202:
                self.accepted += 1
                return
            assert answer.status == 503, (answer.status, answer.body)
            time.sleep(0.05)
        raise AssertionError("not accepted within 60 s")


def value_of(second):
    return (second * 7) % 1000


def expected_groups(count):
    groups = {}
    for second in range(count):
        groups.setdefault(second // 60, []).append(value_of(second))
    return [groups[k] for k in sorted(groups)]


def check(client, load):
    bad = 0
    groups = expected_groups(load.sent)
    for metric in load.metrics:
        for method, f in (("count", len), ("sum", sum), ("max", max)):
            rows = client.expect(200, "GET", "/v1/metric/%s/measures?aggregation=%s" % (
                metric, method))
            got, want = [r[2] for r in rows], [float(f(g)) for g in groups]
            if got != want:
                bad += 1
                wrong = [(i, w, g) for i, (w, g) in enumerate(zip(want, got)) if w != g][:3]
                print("metric %s %s: %d groups, want %d; (group, want, got): %s" % (
                    metric, method, len(got), len(want), wrong))
    return bad
