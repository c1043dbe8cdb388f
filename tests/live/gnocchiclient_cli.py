"""The real gnocchiclient (Debian's python3-gnocchiclient) against our server: every command it has.

usage: gnocchiclient_cli.py BUILD_DIRECTORY AUTH      AUTH: basic, noauth or keystone

With keystone it is given no endpoint: it finds us in the catalogue of a real Keystone.

The client's own shell runs within this process: it takes a second to start.
"""
import contextlib
import io
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cloud  # noqa: E402
import harness  # noqa: E402


def mend_benchmark():
    """Threads for the client's benchmark: its processes want to pickle a client, which has a lock."""
    import futurist
    from gnocchiclient import benchmark
    methods = {name: value for name, value in vars(benchmark.BenchmarkPool).items()
               if not name.startswith("__")}
    benchmark.BenchmarkPool = type("BenchmarkPool", (futurist.ThreadPoolExecutor,), methods)


class Done:
    def __init__(self, returncode, stdout, stderr):
        self.returncode, self.stdout, self.stderr = returncode, stdout, stderr


class Cli:
    def __init__(self, options):
        from gnocchiclient import shell
        mend_benchmark()
        self.shell = shell
        self.options = options
        sys.argv = ["gnocchi"] + self.options  # where the shell looks for the kind of credentials
        self.unused = set(shell.GnocchiCommandManager.SHELL_COMMANDS)

    def run(self, *arguments):
        for words in (3, 2, 1):
            self.unused.discard(" ".join(arguments[:words]))
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            try:
                status = self.shell.main(self.options + list(arguments))
            except SystemExit as e:
                status = e.code
        return Done(status or 0, out.getvalue(), errors.getvalue())

    def __call__(self, *arguments):
        done = self.run(*arguments, "-f", "json")
        assert done.returncode == 0, "gnocchi %s: %s" % (
            " ".join(arguments), done.stderr + done.stdout)
        return json.loads(done.stdout)

    def quiet(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, "gnocchi %s: %s" % (" ".join(arguments), done.stderr)

    def fails(self, message, *arguments):
        done = self.run(*arguments)
        assert done.returncode != 0, "gnocchi %s succeeded" % " ".join(arguments)
        assert message in done.stderr, done.stderr


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
    aggregate(gnocchi, resource, metric)
    change(gnocchi, metric)
    benchmark(gnocchi)
    assert "mean" in gnocchi("capabilities", "list")["aggregation_methods"]
    assert gnocchi("status")
    assert gnocchi("server", "version")["version"].startswith("4."), "gnocchiclient wants 4.x"
    gnocchi.quiet("metric", "delete", metric["id"])
    gnocchi.fails("Metric %s does not exist" % metric["id"], "metric", "show", metric["id"])
    gnocchi.quiet("resource", "delete", "my host")
    gnocchi("resource", "batch", "delete", "-t", "client-host", "host='h2'")
    gnocchi.quiet("resource-type", "delete", "client-host")
    gnocchi.quiet("archive-policy-rule", "delete", "new-rule")
    gnocchi.quiet("archive-policy", "delete", "unused")
    gnocchi.fails("Archive policy unused does not exist", "archive-policy", "show", "unused")
    assert not gnocchi.unused, "no test of: %s" % sorted(gnocchi.unused)


def aggregate(gnocchi, resource, metric):
    cpu = gnocchi("metric", "show", "-r", "my host", "cpu")
    assert cpu["name"] == "cpu" and cpu["archive_policy/name"] == "client", cpu
    path = os.path.join(os.environ["GNOCCHI_TEST_WHERE"], "metrics.json")
    with open(path, "w") as f:
        json.dump({cpu["id"]: [{"timestamp": "2024-05-01T10:00:30", "value": 44}],
                   metric["id"]: [{"timestamp": "2024-05-01T10:00:45", "value": 5}]}, f)
    gnocchi.quiet("measures", "batch-metrics", path)
    for one in (cpu, metric):
        gnocchi("measures", "show", one["id"], "--refresh")
    rows = gnocchi("measures", "aggregation", "-m", cpu["id"], metric["id"], "--aggregation", "max",
                   "--reaggregation", "mean", "--granularity", "60", "--needed-overlap", "0",
                   "--utc")
    assert [r["value"] for r in rows] == [24.5], rows
    rows = gnocchi("measures", "aggregation", "-m", "cpu", "--query", "host='compute-1'",
                   "--resource-type", "client-host", "--groupby", "host", "--granularity", "60",
                   "--refresh")
    assert [(r["group"], r["value"]) for r in rows] == [("host: compute-1", 43.0)], rows
    rows = gnocchi("aggregates", "(aggregate mean (metric (%s mean) (%s mean)))" % (
        cpu["id"], metric["id"]), "--granularity", "60", "--needed-overlap", "0")
    assert [(r["name"], r["value"]) for r in rows] == [("aggregated", 23.0)], rows
    rows = gnocchi("aggregates", "(* 2 (metric cpu max))", "host like 'compute%'",
                   "--resource-type", "client-host", "--groupby", "host", "--granularity", "60")
    assert [(r["group"], r["name"], r["value"]) for r in rows] == [
        ("host: compute-1", "%s/cpu/max" % resource["id"], 88.0)], rows
    gnocchi.fails("Unknown metrics", "aggregates", "(metric %s mean)" % resource["id"])


def change(gnocchi, metric):
    """What is left of showing, listing and changing."""
    gnocchi("archive-policy", "create", "unused", "-d", "granularity:1m,points:10")
    changed = gnocchi("archive-policy", "update", "unused", "-d", "granularity:1m,points:20")
    assert changed["definition"][0]["points"] == 20, changed
    assert gnocchi("archive-policy", "show", "unused")["definition"][0]["points"] == 20
    assert gnocchi("archive-policy-rule", "show", "client-rule")["metric_pattern"] == "disk.*"
    renamed = gnocchi("archive-policy-rule", "update", "client-rule", "-n", "new-rule")
    assert renamed["name"] == "new-rule", renamed
    assert "new-rule" in [r["name"] for r in gnocchi("archive-policy-rule", "list")]
    changed = gnocchi("resource-type", "update", "client-host", "-a", "rack:string:false",
                      "-r", "cpus")
    assert "attributes/rack" in changed and "attributes/cpus" not in changed, changed
    assert "attributes/rack" in gnocchi("resource-type", "show", "client-host")
    assert "client-host" in [t["name"] for t in gnocchi("resource-type", "list")]
    pages = gnocchi("resource", "list", "-t", "client-host", "--limit", "1", "--sort", "id:asc")
    rest = gnocchi("resource", "list", "-t", "client-host", "--marker", pages[0]["id"], "--sort",
                   "id:asc")
    assert len(pages) == 1 and len(rest) == 1 and rest[0]["id"] != pages[0]["id"], (pages, rest)
    updated = gnocchi("resource", "update", "-t", "client-host", "my host", "-m",
                      "own:" + metric["id"], "-n", "fresh:client", "-d", "disk.read")
    assert set(updated["metrics"]) == {"cpu", "own", "fresh"}, updated
    made = gnocchi("metric", "create", "-r", "my host", "-a", "client", "named é")
    assert made["name"] == "named é", made
    gnocchi.quiet("metric", "delete", "-r", "my host", "named é", "fresh")
    gnocchi.fails("does not exist", "metric", "show", "-r", "my host", "fresh")


def benchmark(gnocchi):
    made = gnocchi("benchmark", "metric", "create", "-n", "10", "-a", "client", "-w", "2", "-k")
    assert made["create executed"] == 10 and made["create failures"] == 0, made
    metric = gnocchi("metric", "create", "-a", "client")["id"]
    shown = gnocchi("benchmark", "metric", "show", "-n", "10", "-w", "2", metric)
    assert shown["show executed"] == 10, shown
    added = gnocchi("benchmark", "measures", "add", "-n", "100", "-b", "10", "-w", "2", "--wait",
                    metric)
    assert added["push executed"] == 10 and added["push failures"] == 0, added
    read = gnocchi("benchmark", "measures", "show", "-n", "5", "-w", "2", metric)
    assert read["show executed"] == 5, read


def basic(url):
    return ["--endpoint", url, "--os-auth-type", "gnocchi-basic", "--user", "admin"], "admin"


def noauth(url):
    return ["--endpoint", url, "--os-auth-type", "gnocchi-noauth", "--user-id", "u1",
            "--project-id", "p1", "--roles", "admin"], "u1:p1"


def with_keystone(keystone, region):
    _, said = keystone.token_of("admin")
    options = ["--os-auth-type", "password", "--os-auth-url", keystone.url, "--os-username", "admin",
               "--os-password", "admin-pass", "--os-project-name", "admin",
               "--os-user-domain-id", "default", "--os-project-domain-id", "default",
               "--os-region-name", region]
    return options, "%s:%s" % (said["user"]["id"], said["project"]["id"])


def start(gnocchi):
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


def run(gnocchi, auth, keystone):
    start(gnocchi)
    if keystone is None:
        options, creator = {"basic": basic, "noauth": noauth}[auth](gnocchi.url)
        exercise(Cli(options), creator)
        return
    with keystone.endpoints(gnocchi.url) as region:
        options, creator = with_keystone(keystone, region)
        exercise(Cli(options), creator)


def main():
    build, auth = sys.argv[1], sys.argv[2]
    if not os.path.exists("/usr/bin/gnocchi"):
        harness.skip("python3-gnocchiclient is not installed")
    build = os.path.abspath(build)
    cloud.clean_environment()
    keystone = cloud.shared() if auth == "keystone" else None
    with harness.workspace() as where:
        os.environ["GNOCCHI_TEST_WHERE"] = where
        gnocchi = harness.Deployment(build, where, harness.Database("sqlite", where), auth=auth,
                                     options=cloud.options(keystone) if keystone else "")
        try:
            run(gnocchi, auth, keystone)
            gnocchi.stop()
        finally:
            gnocchi.kill()


main()
