"""Several gnocchi-api behind HAProxy and several gnocchi-metricd, on servers of the test's own that
it may restart and kill. See chaos.py and rebalance.py.
"""
import itertools
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

SERVICES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "services")


class Server:
    """One of tests/services, with its data below `where`. `env` is what it says in its env file."""

    def __init__(self, script, where, **env):
        self.script, self.where = os.path.join(SERVICES, script), where
        self.settings = dict(os.environ, **env)
        self.run("up")
        self.env = {}
        for line in open(os.path.join(where, "env")):
            name, _, value = line.strip().removeprefix("export ").partition("=")
            self.env[name] = value.strip("'")

    def run(self, what):
        subprocess.run([self.script, what, self.where], env=self.settings, check=True,
                       stdout=subprocess.DEVNULL)


def mariadb(where):
    if not os.path.exists("/usr/sbin/mariadbd"):
        harness.skip("mariadb-server is not installed")
    server = Server("mariadb", os.path.join(where, "db"), MARIADB_PORT=str(harness.free_port()))
    os.environ["GNOCCHI_TEST_MYSQL_URL"] = server.env["GNOCCHI_TEST_MYSQL_URL"]
    return server


def ceph(where):
    """A cluster whose OSD may be killed; sets what harness.CephPool reads."""
    if not os.path.exists(os.path.join(SERVICES, "ceph")) or not shutil.which("ceph-osd"):
        harness.skip("ceph-osd, ceph-mon and ceph-common are not installed")
    first = harness.free_port()
    server = Server("ceph", os.path.join(where, "ceph"), CEPH_MON_PORT=str(first))
    os.environ.update({k: v for k, v in server.env.items() if k.startswith("GNOCCHI_TEST_CEPH")})
    return server


class Balancer:
    """HAProxy before the ports, or, where it is not installed, the ports in turn."""

    CONF = """
global
  maxconn 1000
defaults
  mode http
  timeout connect 2s
  timeout client 20s
  timeout server 10s
  option redispatch
  retries 2
frontend api
  bind 127.0.0.1:{port}
  default_backend apis
backend apis
  balance roundrobin
  option httpchk GET /healthcheck
{servers}
"""

    def __init__(self, where, ports):
        self.urls = ["http://127.0.0.1:%d" % port for port in ports]
        program = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
        self.process = None
        if program:
            port = harness.free_port()
            conf = os.path.join(where, "haproxy.cfg")
            with open(conf, "w") as f:
                f.write(self.CONF.format(port=port, servers="\n".join(
                    "  server api%d 127.0.0.1:%d check inter 300ms fall 2 rise 1" % (i, p)
                    for i, p in enumerate(ports))))
            self.urls = ["http://127.0.0.1:%d" % port]
            self.process = harness.Process([program, "-db", "-f", conf],
                                           os.path.join(where, "haproxy.log"))
        else:
            print("haproxy is not installed: clients take the APIs in turn")
        self.turn = itertools.cycle(self.urls)

    def client(self):
        return harness.Client(next(self.turn))

    def stop(self):
        if self.process:
            self.process.kill()


class Member:
    """A process of ours that can be killed, stopped and started again."""

    def __init__(self, name, arguments, log):
        self.name, self.arguments, self.log = name, arguments, log
        self.process = None
        self.start()

    def start(self):
        self.process = harness.Process(self.arguments, self.log)

    def kill(self):
        self.process.kill()

    def pause(self):
        os.killpg(self.process.popen.pid, signal.SIGSTOP)

    def go_on(self):
        os.killpg(self.process.popen.pid, signal.SIGCONT)

    def alive(self):
        return self.process.alive()


class Fleet:
    def __init__(self, gnocchi, apis, metricds):
        """`gnocchi`: a harness.Deployment, upgraded."""
        self.gnocchi = gnocchi
        self.ports = [harness.free_port() for _ in range(apis)]
        self.apis = [self.member("gnocchi-api", i, "--host", "127.0.0.1", "--port", str(port))
                     for i, port in enumerate(self.ports)]
        self.metricds = [self.member("gnocchi-metricd", i) for i in range(metricds)]
        self.balancer = Balancer(gnocchi.where, self.ports)

    def member(self, program, number, *arguments):
        name = "%s-%d" % (program, number)
        return Member(name, self.gnocchi.program(program, *arguments),
                      os.path.join(self.gnocchi.where, name + ".log"))

    def add_metricd(self):
        self.metricds.append(self.member("gnocchi-metricd", len(self.metricds)))
        return self.metricds[-1]

    def members(self):
        return self.apis + self.metricds

    def wait_until_ready(self):
        def ready():
            for member in self.members():
                assert member.alive(), member.process.tail()
            try:
                urls = ["http://127.0.0.1:%d" % port for port in self.ports] + self.balancer.urls
                return all(harness.Client(url).get("/v1/capabilities", timeout=5).status == 200
                           for url in urls)
            except OSError:
                return False
        harness.wait_until(ready, "all APIs answer", 60)

    def logged(self, text):
        """How many lines of all logs hold the text."""
        count = 0
        for member in self.members():
            with open(member.log, errors="replace") as f:
                count += sum(text in line for line in f)
        return count

    def stop(self):
        """All must obey SIGTERM."""
        for member in self.members():
            status = member.process.stop()
            assert status == 0, "%s ended with %d: %s" % (member.name, status,
                                                         member.process.tail())
        self.balancer.stop()

    def kill(self):
        for member in self.members():
            member.kill()
        self.balancer.stop()
