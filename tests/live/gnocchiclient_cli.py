"""The real gnocchiclient (Debian's python3-gnocchiclient) against our server.

usage: gnocchiclient_cli.py BUILD_DIRECTORY AUTH      AUTH: basic or noauth
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402


class Cli:
    def __init__(self, url, auth):
        # Debian's python3, whatever python3 the shell would find first.
        self.command = [harness.PYTHON, "/usr/bin/gnocchi", "--endpoint", url]
        if auth == "basic":
            self.command += ["--os-auth-type", "gnocchi-basic", "--user", "admin"]
        else:
            self.command += ["--os-auth-type", "gnocchi-noauth", "--user-id", "u1",
                             "--project-id", "p1", "--roles", "admin"]

    def run(self, *arguments):
        return subprocess.run(self.command + list(arguments), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60)

    def __call__(self, *arguments):
        done = self.run(*arguments, "-f", "json")
        assert done.returncode == 0, "gnocchi %s: %s" % (
            " ".join(arguments), (done.stderr + done.stdout).decode())
        return json.loads(done.stdout)

    def quiet(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, "gnocchi %s: %s" % (" ".join(arguments), done.stderr.decode())

    def fails(self, message, *arguments):
        done = self.run(*arguments)
        assert done.returncode != 0, "gnocchi %s succeeded" % " ".join(arguments)
        assert message in done.stderr.decode(), done.stderr.decode()


def exercise(gnocchi, creator):
    policy = gnocchi("archive-policy", "create", "client", "-d", "granularity:1s,points:3600",
                     "-d", "granularity:1m,points:600", "-m", "mean", "-m", "max", "-b", "2")
    assert policy["name"] == "client" and policy["back_window"] == 2, policy
    gnocchi.fails("Archive policy client already exists", "archive-policy", "create", "client",
                  "-d", "granularity:1s,points:60")
    assert "client" in [p["name"] for p in gnocchi("archive-policy", "list")]
    gnocchi("archive-policy-rule", "create", "client-rule", "-a", "client", "-m", "disk.*")

    gnocchi("resource-type", "create", "client-host", "-a", "host:string:true:max_length=64",
            "-a", "cpus:number:false:min=0")
    resource = gnocchi("resource", "create", "my host", "-t", "client-host", "-a", "host:compute-1",
                       "-a", "cpus:8", "-n", "disk.read", "-n", "cpu:client")
    assert resource["original_resource_id"] == "my host", resource
    assert resource["creator"] == creator, resource
    shown = gnocchi("resource", "show", "-t", "client-host", "my host")
    assert shown["id"] == resource["id"] and shown["cpus"] in (8, 8.0), shown
    gnocchi("resource", "update", "-t", "client-host", "my host", "-a", "cpus:16")
    history = gnocchi("resource", "history", "-t", "client-host", "my host")
    assert [r["cpus"] for r in history] == [8, 16], history
    found = gnocchi("resource", "search", "-t", "client-host", "host='compute-1' and cpus > 9")
    assert [r["id"] for r in found] == [resource["id"]], found
    gnocchi.fails("Resource type nosuch does not exist", "resource", "show", "-t", "nosuch", "x")

    metric = gnocchi("metric", "create", "-a", "client", "-u", "MB/s", "standalone")
    assert metric["unit"] == "MB/s" and metric["creator"] == creator, metric
    gnocchi.quiet("measures", "add", metric["id"], "-m", "2024-05-01T10:00:00@1",
                  "-m", "2024-05-01T10:00:30@3", "-m", "2024-05-01T10:02:00@10")
    rows = gnocchi("measures", "show", metric["id"], "--refresh", "--granularity", "60")
    assert [r["value"] for r in rows] == [2.0, 10.0], rows
    rows = gnocchi("measures", "show", metric["id"], "--aggregation", "max", "--granularity", "1",
                   "--start", "2024-05-01T10:00:30", "--stop", "2024-05-01T10:02:01")
    assert [r["value"] for r in rows] == [3.0, 10.0], rows
    gnocchi.quiet("measures", "add", "-r", "my host", "cpu", "-m", "2024-05-01T10:00:00@42")
    rows = gnocchi("measures", "show", "-r", "my host", "cpu", "--refresh")
    assert {r["value"] for r in rows} == {42.0}, rows

    gnocchi("resource", "create", "batched", "-t", "client-host", "-a", "host:h2")
    batch = json.dumps({"batched": {"disk.read": [{"timestamp": 1700000000, "value": 5}]}})
    path = os.path.join(os.environ["GNOCCHI_TEST_WHERE"], "batch.json")
    with open(path, "w") as f:
        f.write(batch)
    gnocchi.quiet("measures", "batch-resources-metrics", "--create-metrics", path)
    rows = gnocchi("measures", "show", "-r", "batched", "disk.read", "--refresh")
    assert {r["value"] for r in rows} == {5.0}, rows

    listed = {m["id"] for m in gnocchi("metric", "list")}
    assert metric["id"] in listed, listed
    assert "mean" in gnocchi("capabilities", "list")["aggregation_methods"]
    assert gnocchi("status")
    gnocchi.quiet("metric", "delete", metric["id"])
    gnocchi.fails("Metric %s does not exist" % metric["id"], "metric", "show", metric["id"])
    gnocchi.quiet("resource", "delete", "my host")
    gnocchi("resource", "batch", "delete", "-t", "client-host", "host='h2'")
    gnocchi.quiet("resource-type", "delete", "client-host")
    gnocchi.quiet("archive-policy-rule", "delete", "client-rule")


def main():
    build, auth = sys.argv[1], sys.argv[2]
    if not os.path.exists("/usr/bin/gnocchi"):
        harness.skip("python3-gnocchiclient is not installed")
    with harness.workspace() as where:
        os.environ["GNOCCHI_TEST_WHERE"] = where
        gnocchi = harness.Deployment(build, where, harness.Database("sqlite", where), auth=auth)
        try:
            gnocchi.upgrade()
            api = gnocchi.start("gnocchi-api", "--host", "127.0.0.1", "--port", str(gnocchi.port))
            gnocchi.start_metricd()
            root = harness.Client(gnocchi.url)

            def answers():
                assert api.alive(), api.tail()
                try:
                    return root.get("/").status == 200
                except OSError:
                    return False
            harness.wait_until(answers, "gnocchi-api answers")
            exercise(Cli(gnocchi.url, auth), "admin" if auth == "basic" else "u1:p1")
            gnocchi.stop()
        finally:
            gnocchi.kill()


main()
