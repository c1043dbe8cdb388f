"""Row "install from packages": the .debs go into a clean Debian 12 with nothing but their
dependencies, the guide's own command lines run there, and purging leaves nothing but data.

usage: install_deb.py BUILD_DIRECTORY
"""
import ctypes
import glob
import os
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import debian_root  # noqa: E402
from alone import loopback_up  # noqa: E402
from debian_root import harness  # noqa: E402

CONF = "/etc/gnocchi/gnocchi.conf"


def check_reproducible(build, where):
    packages = debian_root.make_packages(build)
    again = debian_root.pack(build, os.path.join(where, "again"))
    assert [os.path.basename(p) for p in packages] == [os.path.basename(p) for p in again]
    for one, other in zip(packages, again):
        with open(one, "rb") as a, open(other, "rb") as b:
            assert a.read() == b.read(), "%s is not the same when made again" % one
    return packages


def check_every_plugin_is_packaged(build, packages):
    built = {os.path.basename(p)[:-3] for p in glob.glob(os.path.join(build, "plugins/*.so"))
             if not os.path.islink(p)}
    packaged = set()
    for name in debian_root.names(packages):
        packaged.add(name.removeprefix("gnocchi-cpp-"))
    assert built <= packaged, "no package for %s" % (built - packaged)
    assert {"server", "dev"} <= packaged, packaged


def owner_and_mode(made, path):
    status = os.stat(made.inside(path))
    ids = {}
    for file, kind in (("/etc/passwd", "user"), ("/etc/group", "group")):
        ids[kind] = {int(line.split(":")[2]): line.split(":")[0]
                     for line in made.read(file).splitlines()}
    return "%s:%s %o" % (ids["user"][status.st_uid], ids["group"][status.st_gid],
                         stat.S_IMODE(status.st_mode))


def check_installed(made):
    assert "/var/lib/gnocchi" in made.run("getent", "passwd", "gnocchi")
    for path, wanted in (("/var/lib/gnocchi", "gnocchi:gnocchi 750"),
                         ("/var/log/gnocchi", "gnocchi:gnocchi 750"),
                         ("/etc/gnocchi", "root:gnocchi 750"),
                         (CONF, "root:gnocchi 640"),
                         ("/etc/gnocchi/api-paste.ini", "root:gnocchi 640")):
        assert owner_and_mode(made, path) == wanted, (path, owner_and_mode(made, path))
    for line in made.read(CONF).splitlines():
        assert not line or line[0] in "#[", "gnocchi.conf is not commented out: " + line
    assert made.read(CONF) == made.run("gnocchi-config-generator")
    conffiles = made.run("dpkg-query", "-W", "-f", "${Conffiles}", "gnocchi-cpp-server")
    assert CONF in conffiles and "api-paste.ini" in conffiles and "logrotate.d" in conffiles
    plugins = [path[len(made.path):] for path in glob.glob(made.inside("/usr/lib/gnocchi/plugins/*"))]
    assert plugins
    made.run("gnocchi-plugin-info", *plugins)
    made.run("gnocchi-driver-test", "--help")
    example = made.read("/usr/share/doc/gnocchi-cpp-server/examples/policy.yaml")
    assert '#"get status": "role:admin"' in example


class Network:
    """A network of the test's own, with nothing but loopback: port 8041 is free in it."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.path = "/proc/%d/ns/net" % self.holder.pid
        ours = os.readlink("/proc/self/ns/net")
        harness.wait_until(lambda: os.readlink(self.path) != ours, "a network namespace")
        self.enter()
        loopback_up()

    def enter(self):
        libc = ctypes.CDLL(None, use_errno=True)
        with open(self.path) as f:
            assert libc.setns(f.fileno(), 0) == 0, os.strerror(ctypes.get_errno())

    def close(self):
        self.holder.kill()
        self.holder.wait()


def guide_commands(made):
    """The guide's command lines, to the letter, as the account that the package made."""
    made.write(CONF, made.read(CONF) + "\n[indexer]\nurl = sqlite:////var/lib/gnocchi/gnocchi.db\n"
               "[metricd]\nmetric_processing_delay = 1\n")
    network = Network()
    processes = []

    def start(*command):
        process = harness.Process(
            ["chroot", "--userspec=gnocchi:gnocchi", made.path] + list(command),
            os.path.join(made.path, "../" + command[0] + ".out"))
        processes.append(process)
        return process
    try:
        made.run("gnocchi-upgrade", user="gnocchi")
        api = start("gnocchi-api", "--port", "8041", "--",
                    "--log-file", "/var/log/gnocchi/gnocchi-api.log", "--config-file", CONF)
        metricd = start("gnocchi-metricd", "--log-file", "/var/log/gnocchi/gnocchi-metricd.log")
        client = harness.Client("http://127.0.0.1:8041")

        def ready():
            assert api.alive(), api.tail()
            try:
                return client.get("/v1/capabilities").status == 200
            except OSError:
                return False
        harness.wait_until(ready, "gnocchi-api answers")
        metric = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "low"})["id"]
        client.expect(202, "POST", "/v1/metric/%s/measures" % metric,
                      [{"timestamp": "2026-01-01T00:00:00", "value": 5}])
        def processed():
            assert metricd.alive(), metricd.tail()
            status = client.expect(200, "GET", "/v1/status?details=False")
            return status["storage"]["summary"]["measures"] == 0
        harness.wait_until(processed, "the measure is processed")
        measures = client.expect(200, "GET", "/v1/metric/%s/measures" % metric)
        assert measures == [["2026-01-01T00:00:00+00:00", 300.0, 5.0]], measures
    finally:
        statuses = [process.stop() for process in processes]
        network.close()
    assert statuses == [0, 0], statuses
    for program in ("gnocchi-api", "gnocchi-metricd"):
        assert "event=ready" in made.read("/var/log/gnocchi/%s.log" % program)


def check_purged(made, before, packages, allowed):
    made.run("dpkg", "-P", *debian_root.names(packages))
    owned = set()
    for listing in glob.glob(made.inside("/var/lib/dpkg/info/*.list")):
        with open(listing) as f:
            for path in f.read().splitlines():
                owned.add(path)
                owned.add("/usr" + path)  # /lib is a link to /usr/lib
    # Debian's libraries stay, and so does what dpkg's and adduser's own work leaves.
    upkeep = {"/etc/ld.so.cache", "/var/log/dpkg.log", "/var/log/alternatives.log"}
    upkeep |= {"/etc/%s-" % name for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")}
    left = {path for path in made.files() - before - owned - upkeep
            if not path.startswith(("/etc/alternatives/", "/etc/mysql/"))}
    unexpected = {path for path in left if not path.startswith(allowed)}
    assert not unexpected, "purging has left %s" % sorted(unexpected)
    return left


def main():
    build = sys.argv[1]
    debian_root.check_needs()
    with harness.workspace() as where, debian_root.root(build) as made:
        packages = check_reproducible(build, where)
        check_every_plugin_is_packaged(build, packages)
        before = made.files()
        debian_root.install_ours(made, packages)
        check_installed(made)
        # Purged without data: neither directory nor account stays.
        left = check_purged(made, before, packages, allowed="/nothing")
        assert "gnocchi" not in made.read("/etc/passwd") + made.read("/etc/group"), left
        debian_root.install_ours(made, packages)
        made.write("/etc/gnocchi/policy.yaml", '"get status": ""\n')
        guide_commands(made)
        left = check_purged(made, before, packages, allowed="/var/lib/gnocchi")
        assert "/var/lib/gnocchi/gnocchi.db" in left, left
        assert owner_and_mode(made, "/var/lib/gnocchi/gnocchi.db").startswith("gnocchi:gnocchi")
    print("the packages install, run and go, and leave the data")


main()
