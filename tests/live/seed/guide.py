"""What the rows of the guide share: its gnocchi.conf, its database, its command lines."""
import contextlib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICES = os.path.join(HERE, "../../services")
CONF = "/etc/gnocchi/gnocchi.conf"
API_LOG = "/var/log/gnocchi/gnocchi-api.log"
METRICD_LOG = "/var/log/gnocchi/gnocchi-metricd.log"
API = ["gnocchi-api", "--port", "8041", "--", "--log-file", API_LOG, "--config-file", CONF]
METRICD = ["gnocchi-metricd", "--log-file", METRICD_LOG]
LEGACY_TYPES = {"image", "instance", "instance_disk", "instance_network_interface", "volume",
                "swift_account", "ceph_account", "network", "identity", "ipmi", "stack", "host",
                "host_network_interface", "host_disk"}
EMBEDDED = ("[indexer]\nurl = sqlite:////var/lib/gnocchi/gnocchi.db\n"
            "[metricd]\nmetric_processing_delay = 1\n")

# The statements of the guide, to the letter; only the password is ours.
PASSWORD = "GNOCCHI_DBPASS"
STATEMENTS = """
CREATE DATABASE gnocchi;
GRANT ALL PRIVILEGES ON gnocchi.* TO 'gnocchi'@'localhost' IDENTIFIED BY 'GNOCCHI_DBPASS';
GRANT ALL PRIVILEGES ON gnocchi.* TO 'gnocchi'@'%' IDENTIFIED BY 'GNOCCHI_DBPASS';
"""


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def read(path):
    with open(path, errors="replace") as f:
        return f.read()


def conf(**values):
    """The guide's gnocchi.conf with its placeholders replaced: DBHOST="127.0.0.1", ..."""
    text = read(os.path.join(HERE, "gnocchi.conf"))
    for name, value in values.items():
        text, count = re.subn(r"\b%s\b" % name, value, text)
        assert count, name
    return text


def ceph(name):
    """CONF, KEYRING or SECRET of the cluster that the caller has started."""
    other = {"CONF": "CEPH_CONF", "KEYRING": "CEPH_CLIENT_KEYRING", "SECRET": "CEPH_CLIENT_SECRET"}
    value = os.environ.get("GNOCCHI_TEST_CEPH_" + name) or os.environ.get(other[name])
    if not value:
        harness.skip("GNOCCHI_TEST_CEPH_%s is not set (tests/services/ceph up DIR)" % name)
    return value


class Server:
    """A MariaDB that knows the account of the guide with the rights that the guide grants."""

    def __init__(self, where):
        self.folder = os.path.join(where, "db")
        self.port = harness.free_port()
        self._call("up")
        # Without the accounts that other tests want.
        self.root("DROP DATABASE gnocchi; DROP USER 'gnocchi'@'localhost', 'gnocchi'@'127.0.0.1';"
                  + STATEMENTS)

    def _call(self, what):
        subprocess.run([os.path.join(SERVICES, "mariadb"), what, self.folder], check=True,
                       stdout=subprocess.DEVNULL, env=dict(os.environ, MARIADB_PORT=str(self.port)))

    def root(self, statements):
        done = subprocess.run(
            ["mariadb", "--no-defaults", "--user=root", "--batch", "--skip-column-names",
             "--socket=" + os.path.join(self.folder, "socket")], input=statements.encode(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()
        return done.stdout.decode().splitlines()

    @property
    def pid(self):
        return int(read(os.path.join(self.folder, "pid")))

    def down(self):
        self._call("down")


@contextlib.contextmanager
def database():
    if not os.path.exists("/usr/sbin/mariadbd"):
        harness.skip("mariadb-server is not installed")
    with harness.workspace() as where:
        server = Server(where)
        try:
            yield server
        finally:
            server.down()


def upgrade(*arguments):
    """gnocchi-upgrade, as the guide calls it; what it has logged."""
    done = subprocess.run(["gnocchi-upgrade"] + list(arguments), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()
    return done.stdout.decode()


def legacy_types(client):
    listed = client.expect(200, "GET", "/v1/resource_type")
    return {entry["name"] for entry in listed} & LEGACY_TYPES


@contextlib.contextmanager
def running(*commands, url="http://127.0.0.1:8041"):
    """The programs; the API among them answers. At the end they have to stop as they should."""
    with contextlib.ExitStack() as stack:
        processes = []
        for command in commands:
            out = "/var/log/gnocchi/%s.out" % command[0]
            process = harness.Process(command, out)
            stack.callback(process.kill)
            processes.append(process)
        api = next((p for p in processes if p.arguments[0] == "gnocchi-api"), None)
        if api:
            def ready():
                assert api.alive(), api.tail()
                try:
                    return harness.Client(url).get("/").status == 200
                except OSError:
                    return False
            harness.wait_until(ready, "gnocchi-api answers")
        yield processes
        statuses = [process.stop() for process in processes]
        assert not any(statuses), [(p.arguments, p.tail()) for p in processes]


def post_and_read(client, policy="low"):
    """A measure goes in, and its aggregates come out of metricd's work."""
    metric = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": policy})["id"]
    client.expect(202, "POST", "/v1/metric/%s/measures" % metric,
                  [{"timestamp": "2026-01-01T00:00:00", "value": 5}])

    def processed():
        status = client.expect(200, "GET", "/v1/status?details=False")
        return status["storage"]["summary"]["measures"] == 0
    harness.wait_until(processed, "metricd has processed the measure")
    measures = client.expect(200, "GET", "/v1/metric/%s/measures" % metric)
    assert measures and all(value == 5 for _, _, value in measures), measures
    return metric
