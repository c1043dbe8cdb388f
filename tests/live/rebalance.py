"""A gnocchi-metricd that joins, dies, is stopped or leaves: its sacks are looked after by others
within seconds, and new measures of all sacks are processed.

usage: rebalance.py BUILD_DIRECTORY

Every sack belongs to one member only (processing_replicas = 1), so that a sack whose member is gone
waits until it has another. Prints the time from the event until measures accepted right after it
were processed, in every sack.
"""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fleet  # noqa: E402
import harness  # noqa: E402

LEASE, SACKS, METRICDS = 3, 128, 3
BASE = 1700000000
OPTIONS = """[coordination]
lease = %d
[metricd]
processing_replicas = 1
""" % LEASE


class Measures:
    """A metric in each sack, and a measure for all of them at a time."""

    def __init__(self, client):
        self.client, self.sent, self.metrics = client, 0, {}
        while len(self.metrics) < SACKS:
            made = client.expect(201, "POST", "/v1/resource/generic", {
                "id": "host %d" % self.sent, "metrics": {
                    "m%d" % i: {"archive_policy_name": "one"} for i in range(200)}})
            self.sent += 1
            for metric in made["metrics"].values():
                self.metrics.setdefault(int(metric.replace("-", ""), 16) % SACKS, metric)

    def send(self):
        self.sent += 1
        self.client.expect(202, "POST", "/v1/batch/metrics/measures", {
            metric: [{"timestamp": BASE + self.sent, "value": 1}]
            for metric in self.metrics.values()})

    def processed_within(self, seconds):
        """Sends, and returns how long it took until nothing was left."""
        self.send()
        begin = time.monotonic()
        harness.wait_until(
            lambda: self.client.get("/v1/status?details=False").json["storage"]["summary"][
                "measures"] == 0, "all sacks are processed", seconds)
        return time.monotonic() - begin


def shares(group):
    """The sacks that each living metricd last said it has."""
    found = []
    for member in group.metricds:
        if member.alive():
            with open(member.log, errors="replace") as f:
                said = re.findall(r"sacks assigned members=(\d+) sacks=(\d+)", f.read())
            found.append(tuple(map(int, said[-1])) if said else (0, 0))
    return found


def wait_for_shares(group, members):
    """Until all living ones say that there are so many members, and have all sacks between them."""
    def fair():
        said = shares(group)
        return all(m == members for m, _ in said) and sum(sacks for _, sacks in said) == SACKS
    harness.wait_until(fair, "%d members share the sacks: %s" % (members, shares(group)), 20)


def main():
    build = sys.argv[1]
    with harness.workspace() as where:
        database = fleet.mariadb(where)
        gnocchi = harness.Deployment(build, where, harness.Database("mysql", where),
                                     options=OPTIONS)
        group = None
        try:
            gnocchi.upgrade()
            group = fleet.Fleet(gnocchi, 1, METRICDS)
            group.wait_until_ready()
            run(group)
            group.stop()
        finally:
            if group:
                group.kill()
            database.run("down")


def run(group):
    client = group.balancer.client()
    client.expect(201, "POST", "/v1/archive_policy", {
        "name": "one", "definition": [{"granularity": 60}], "aggregation_methods": ["count"],
        "back_window": 100})
    measures = Measures(client)
    wait_for_shares(group, METRICDS)
    print("steady: %.2f s" % measures.processed_within(5))

    joined = group.add_metricd()
    begin = time.monotonic()
    print("while one joins: %.2f s" % measures.processed_within(5))
    wait_for_shares(group, METRICDS + 1)
    print("the one that joined has its sacks after %.2f s" % (time.monotonic() - begin))
    print("shares (members, sacks): %s" % shares(group))
    assert all(sacks > SACKS / 16 for _, sacks in shares(group)), "an unfair share"

    joined.kill()
    group.metricds.remove(joined)
    print("after kill -9: %.2f s" % measures.processed_within(5))
    wait_for_shares(group, METRICDS)

    stopped = group.metricds[0]
    stopped.pause()
    print("after SIGSTOP, with a lease of %d s: %.2f s" % (
        LEASE, measures.processed_within(LEASE + 5)))
    stopped.go_on()
    print("after SIGCONT: %.2f s" % measures.processed_within(5))
    wait_for_shares(group, METRICDS)

    assert stopped.process.stop() == 0, stopped.process.tail()
    print("after SIGTERM: %.2f s" % measures.processed_within(5))
    wait_for_shares(group, METRICDS - 1)
    stopped.start()
    wait_for_shares(group, METRICDS)

    for metric in measures.metrics.values():
        rows = client.expect(200, "GET", "/v1/metric/%s/measures?aggregation=count" % metric)
        count = sum(row[2] for row in rows)
        assert count == 6, "metric %s has %d measures" % (metric, count)


main()
