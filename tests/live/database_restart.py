"""MariaDB stopped and started under load: 503 with Retry-After meanwhile, then all is well without
a restart of ours, and nothing is lost.

usage: database_restart.py BUILD_DIRECTORY SERVICES_DIRECTORY
"""
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
from exact_load import METRICS, POLICY, Load, check  # noqa: E402


def main():
    build, services = sys.argv[1], sys.argv[2]
    if not os.path.exists("/usr/sbin/mariadbd"):
        harness.skip("mariadb-server is not installed")
    with harness.workspace() as where:
        db = os.path.join(where, "db")
        env = dict(os.environ, MARIADB_PORT=str(harness.free_port()))
        mariadb = os.path.join(services, "mariadb")

        def database_server(what):
            subprocess.run([mariadb, what, db], env=env, check=True, stdout=subprocess.DEVNULL)

        database_server("up")
        try:
            for line in open(os.path.join(db, "env")):
                name, _, value = line.strip().removeprefix("export ").partition("=")
                if name == "GNOCCHI_TEST_MYSQL_URL":
                    os.environ[name] = value.strip("'")
            run(build, where, database_server)
        finally:
            database_server("down")


def start_degraded(gnocchi, api, database_server):
    """An API started while its database is away answers 503, and serves once it is there."""
    assert api.stop() == 0, api.tail()
    database_server("down")
    gnocchi.start("gnocchi-api", "--host", "127.0.0.1", "--port", str(gnocchi.port))
    client = gnocchi.client()

    def status():
        try:
            return client.get("/v1/metric")
        except OSError:
            return None
    answer = harness.wait_until(status, "the API listens", 10)
    assert answer.status == 503 and answer.headers["Retry-After"], (answer.status, answer.body)
    database_server("up")
    harness.wait_until(lambda: status().status == 200, "the API serves", 15)


def run(build, where, database_server):
    gnocchi = harness.Deployment(build, where, harness.Database("mysql", where))
    try:
        gnocchi.upgrade()
        api, metricd = gnocchi.start_api(), gnocchi.start_metricd()
        client = gnocchi.client()
        client.expect(201, "POST", "/v1/archive_policy", POLICY)
        metrics = [client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "exact"})["id"]
                   for _ in range(METRICS)]
        stop = threading.Event()
        load = Load(client, metrics, stop)
        load.start()
        for _ in range(3):
            time.sleep(1)
            database_server("down")
            begin = time.monotonic()
            answer = client.get("/v1/metric", timeout=20)
            took = time.monotonic() - begin
            assert answer.status == 503, (answer.status, answer.body)
            assert answer.headers["Retry-After"], dict(answer.headers)
            assert answer.json["code"] == 503, answer.body
            assert took < 8, "a 503 after %.1f s" % took
            database_server("up")
            harness.wait_until(lambda: client.get("/v1/metric").status == 200,
                               "the API works again", 15)
        stop.set()
        load.join()
        assert load.failure is None, load.failure
        assert api.alive() and metricd.alive(), "a daemon died: " + api.tail() + metricd.tail()
        harness.wait_for_empty_backlog(client, 60)
        bad = check(client, load)
        start_degraded(gnocchi, api, database_server)
        print("3 restarts of the database, %d batches accepted, %d wrong" % (load.accepted, bad))
        gnocchi.stop()
    finally:
        gnocchi.kill()
    sys.exit(1 if bad else 0)


main()
