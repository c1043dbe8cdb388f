"""From Python's daemons to ours and back while clients go on posting: the order of moving-over.md on
one database and one file storage. No request fails, and every measure is counted once.

usage: rolling.py BUILD_DIRECTORY
"""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

START = 1767225600  # 2026-01-01T00:00:00Z


class Clients:
    """Post one measure after the other to whichever API stands behind the balancer now."""

    def __init__(self, client, metrics):
        self.metrics, self.sent, self.faults, self.stopping = metrics, 0, [], False
        self.behind = [client]
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while not self.stopping:
            client = self.behind[self.sent % len(self.behind)]
            batch = {metric: [{"timestamp": START + self.sent, "value": 1}] for metric in self.metrics}
            answer = client.post("/v1/batch/metrics/measures", batch)
            if answer.status != 202:
                self.faults.append((client.url, answer.status, answer.body[:300]))
            self.sent += 1
            time.sleep(0.01)

    def turn_to(self, *clients):
        """From now on; what is on the way to another has been answered when this returns."""
        self.behind = list(clients)
        sent = self.sent
        harness.wait_until(lambda: self.sent > sent + 20 or self.faults or not self.thread.is_alive(),
                           "the clients go on")
        assert not self.faults and self.thread.is_alive(), self.faults

    def stop(self):
        self.stopping = True
        self.thread.join()
        assert not self.faults, self.faults


def counted(client, metric):
    rows = client.expect(200, "GET", "/v1/metric/%s/measures?aggregation=count&granularity=300" % metric)
    return sum(row[2] for row in rows)


def main():
    build = sys.argv[1]
    with harness.workspace() as where:
        database = harness.Database("mysql", where)
        theirs = os.path.join(where, "python")
        ours = os.path.join(where, "ours")
        os.makedirs(theirs)
        os.makedirs(ours)
        storage = os.path.join(where, "storage")
        python = harness.PythonDeployment(theirs, database, storage)
        gnocchi = harness.Deployment(build, ours, database, storage)
        try:
            roll(python, gnocchi)
        finally:
            gnocchi.kill()
            python.kill()
            database.drop()
    print("over and back under load, nothing lost")


def roll(python, gnocchi):
    python.upgrade()
    python_api, python_metricd = python.start_api(), python.start_metricd()
    python_client, client = python.client(), gnocchi.client()
    metrics = [python_client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "low"})["id"]
               for _ in range(3)]
    clients = Clients(python_client, metrics)
    try:
        clients.turn_to(python_client)
        gnocchi.upgrade()  # the new schema, under Python's daemons
        clients.turn_to(python_client)
        api = gnocchi.start_api()
        clients.turn_to(python_client, client)
        clients.turn_to(client)
        python_api.stop()
        # One metricd at a time: the old one's work is left to the new one.
        python_metricd.stop()
        metricd = gnocchi.start_metricd()
        clients.turn_to(client)

        python_api = python.start_api()
        clients.turn_to(client, python_client)
        clients.turn_to(python_client)
    finally:
        clients.stop()
    # Python does not read our log: nothing may be left in it.
    harness.wait_for_empty_backlog(client)
    assert api.stop() == 0, api.tail()
    assert metricd.stop() == 0, metricd.tail()
    python.start_metricd()
    for metric in metrics:
        found = counted(python_client, metric)
        assert found == clients.sent, "%d of %d measures of %s" % (found, clients.sent, metric)


main()
