"""Python Gnocchi's daemons and ours at the same time on one MariaDB and one Ceph pool: both APIs take
measures, both metricds process them, and each measure is in the aggregates exactly once.

usage: ceph_together.py BUILD_DIRECTORY
"""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

BASE = 1700000000 // 3600 * 3600
METRICS = 24
ROUNDS = 25
METHODS = ["sum", "count", "max", "mean"]


def main():
    build = sys.argv[1]
    with harness.workspace() as where:
        database = harness.Database("mysql", where)
        pool = harness.CephPool()
        for place in ("python", "ours"):
            os.makedirs(os.path.join(where, place))
        python = harness.PythonDeployment(os.path.join(where, "python"), database, pool,
                                          own_locks=False)
        ours = harness.Deployment(build, os.path.join(where, "ours"), database, pool)
        try:
            python.upgrade()
            ours.upgrade()
            python.start_api()
            ours.start_api()
            clients = {"python": python.client(), "ours": ours.client()}
            clients["ours"].expect(201, "POST", "/v1/archive_policy", {
                "name": "together", "aggregation_methods": METHODS, "back_window": 30,
                "definition": [{"granularity": "60s", "timespan": "10d"}]})
            metrics = [clients["ours"].expect(201, "POST", "/v1/metric",
                                              {"archive_policy_name": "together"})["id"]
                       for _ in range(METRICS)]
            metricds = [python.start_metricd(), ours.start_metricd()]
            failures = []

            def post(name, offset):
                client = clients[name]
                for number in range(ROUNDS):
                    for place, metric in enumerate(metrics):
                        at = BASE + 37 * number + offset
                        answer = client.post("/v1/metric/%s/measures" % metric,
                                             [{"timestamp": at, "value": number + place + offset}])
                        if answer.status != 202:
                            failures.append((name, answer.status, answer.body))

            threads = [threading.Thread(target=post, args=("python", 0)),
                       threading.Thread(target=post, args=("ours", 1))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert not failures, failures[:3]
            harness.wait_for_empty_backlog(clients["ours"], 120)
            time.sleep(1)  # both APIs cache nothing, but a pass may still hold what it has read
            harness.wait_for_empty_backlog(clients["python"], 120)
            for metricd in metricds:
                assert metricd.alive(), metricd.tail()

            for place, metric in enumerate(metrics):
                points = {}
                for number in range(ROUNDS):
                    for offset in (0, 1):
                        minute = (BASE + 37 * number + offset) // 60 * 60
                        points.setdefault(minute, []).append(float(number + place + offset))
                for method, of in (("sum", sum), ("count", len), ("max", max)):
                    wanted = [float(of(points[minute])) for minute in sorted(points)]
                    for name, client in clients.items():
                        read = client.expect(
                            200, "GET", "/v1/metric/%s/measures?aggregation=%s" % (metric, method))
                        found = [value for _, _, value in read]
                        assert found == wanted, "%s reads %s of %s: %s, not %s" % (
                            name, method, metric, found, wanted)
            page = clients["ours"].get("/metrics").body.decode()
            assert 'gnocchi_driver_operations_total{kind="storage",driver="ceph"' in page
            print("%d measures through two APIs and two metricds: each is there once" % (
                2 * ROUNDS * METRICS))
            print("processed by ours: " + "; ".join(
                line for line in metricds[1].tail(1000).splitlines() if "sacks assigned" in line)[:300])
        finally:
            python.stop()
            ours.stop()
            database.drop()


main()
