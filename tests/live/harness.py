"""Starts Gnocchi's programs, ours and Python's, for tests of the running whole.

Everything listens on 127.0.0.1 on free ports and lives below one temporary directory.
Skips (exit status 77) say loudly what is missing.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

SKIP = 77
PYTHON = "/usr/bin/python3"


def skip(reason):
    print("SKIPPED: " + reason)
    sys.exit(SKIP)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError("not within %d s: %s" % (seconds, what))
        time.sleep(0.02)


@contextlib.contextmanager
def workspace():
    """A directory that is removed at the end, unless GNOCCHI_TEST_KEEP is set."""
    path = tempfile.mkdtemp(prefix="gnocchi-live-")
    try:
        yield path
    finally:
        if os.environ.get("GNOCCHI_TEST_KEEP"):
            print("kept: " + path)
        else:
            shutil.rmtree(path, ignore_errors=True)


class Database:
    """A fresh database: SQLite in `where`, or one on the MariaDB of GNOCCHI_TEST_MYSQL_URL."""

    def __init__(self, kind, where):
        self.kind = kind
        if kind == "sqlite":
            self.url = "sqlite:///%s/gnocchi.db" % where
            self.python_url = None
            return
        base = os.environ.get("GNOCCHI_TEST_MYSQL_URL")
        if not base:
            skip("GNOCCHI_TEST_MYSQL_URL is not set (tests/services/mariadb up DIR)")
        import urllib.parse
        parts = urllib.parse.urlsplit(base)
        self.name = "gnocchi_" + uuid.uuid4().hex[:12]
        self._connect = dict(host=parts.hostname, port=parts.port, user=parts.username,
                             password=urllib.parse.unquote(parts.password or ""))
        self._execute("CREATE DATABASE %s CHARACTER SET utf8" % self.name)
        self.url = "mysql+pymysql://%s@%s:%d/%s?charset=utf8" % (
            parts.netloc.split("@")[0], parts.hostname, parts.port, self.name)
        self.python_url = self.url

    def _execute(self, statement):
        """The first column of the first row, if there is any."""
        import pymysql
        connection = pymysql.connect(**self._connect)
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
        finally:
            connection.close()

    def process(self):
        """The id of the server's."""
        with open(self._execute("SELECT @@pid_file")) as f:
            return int(f.read())

    def drop(self):
        if self.kind != "sqlite":
            self._execute("DROP DATABASE IF EXISTS " + self.name)


class CephPool:
    """The pool of tests/services/ceph, under its restricted user, as a Deployment's storage."""

    def __init__(self):
        self.conf = os.environ.get("GNOCCHI_TEST_CEPH_CONF")
        self.keyring = os.environ.get("GNOCCHI_TEST_CEPH_KEYRING")
        if not self.conf or not self.keyring:
            skip("GNOCCHI_TEST_CEPH_CONF is not set (tests/services/ceph up DIR)")

    def section(self):
        return """[storage]
driver = ceph
ceph_conffile = %s
ceph_username = gnocchi
ceph_keyring = %s
""" % (self.conf, self.keyring)

    def rados(self, *arguments):
        return subprocess.run(["rados", "-c", self.conf, "--id", "gnocchi", "--keyring",
                               self.keyring, "-p", "gnocchi", *arguments], check=True,
                              stdout=subprocess.PIPE).stdout

    def clear(self):
        """Removes everything, so that a new database does not meet another one's measures."""
        self.rados("purge", "gnocchi", "--yes-i-really-really-mean-it")


class RocksDatabase:
    """A RocksDB database below `where`, as the storage of a Deployment of gnocchi-server."""

    def __init__(self, where):
        self.path = os.path.join(where, "rocksdb")

    def section(self):
        return "[storage]\ndriver = rocksdb\nrocksdb_path = %s\n" % self.path


class Process:
    def __init__(self, arguments, log, env=None):
        self.arguments, self.log = arguments, log
        with open(log, "ab") as out:
            self.popen = subprocess.Popen(arguments, stdout=out, stderr=out,
                                          stdin=subprocess.DEVNULL, env=env,
                                          start_new_session=True)

    def alive(self):
        return self.popen.poll() is None

    def kill(self):
        """kill -9, children included."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self, seconds=30):
        """SIGTERM; the exit status. A process that does not obey fails the test."""
        if not self.alive():
            return self.popen.returncode
        self.popen.terminate()
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("%s did not stop within %d s" % (self.arguments[0], seconds))

    def tail(self, lines=30):
        with open(self.log, errors="replace") as f:
            return "".join(f.readlines()[-lines:])


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """Sends requests; never raises for a status."""

    def __init__(self, url, user="admin", headers=None):
        import base64
        self.url = url
        self.headers = {"Accept": "application/json"}
        if user is not None:
            self.headers["Authorization"] = "basic " + base64.b64encode(
                (user + ":").encode()).decode()
        self.headers.update(headers or {})

    def request(self, method, path, body=None, headers=None, timeout=30):
        data = body
        sent = dict(self.headers)
        if body is not None and not isinstance(body, (bytes, str)):
            data = json.dumps(body)
        if isinstance(data, str):
            data = data.encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        request = urllib.request.Request(self.url + path, data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as e:
            return Answer(e.code, e.headers, e.read())

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def post(self, path, body=None, **kw):
        return self.request("POST", path, body, **kw)

    def expect(self, status, method, path, body=None, **kw):
        answer = self.request(method, path, body, **kw)
        assert answer.status == status, "%s %s: %d, not %d: %s" % (
            method, path, answer.status, status, answer.body[:2000])
        return answer.json if answer.body else None


class Deployment:
    """One configuration, run by our programs. `storage`: a directory, or what has a section()."""

    def __init__(self, build, where, database, storage=None, options="", auth="basic"):
        self.build, self.where, self.database = build, where, database
        self.storage = storage or os.path.join(where, "storage")
        if isinstance(self.storage, str):
            os.makedirs(self.storage, exist_ok=True)
        self.port = free_port()
        self.url = "http://127.0.0.1:%d" % self.port
        self.conf = os.path.join(where, "gnocchi.conf")
        self.write_conf(options, auth)
        self.processes = []

    def write_conf(self, options, auth):
        with open(self.conf, "w") as f:
            f.write("""[api]
auth_mode = {auth}
[metricd]
workers = 2
metric_processing_delay = 1
metric_cleanup_delay = 1
[indexer]
url = {url}
{storage}""".format(auth=auth, url=self.database.url, storage=self.storage_section()))
            f.write(options)

    def storage_section(self):
        if not isinstance(self.storage, str):
            return self.storage.section()
        return "[storage]\ndriver = file\nfile_basepath = %s\n" % self.storage

    def program(self, name, *arguments):
        return [os.path.join(self.build, "bin", name), "--config-file", self.conf] + list(arguments)

    def upgrade(self, *arguments):
        done = subprocess.run(self.program("gnocchi-upgrade", *arguments),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()

    def start(self, name, *arguments):
        process = Process(self.program(name, *arguments), os.path.join(self.where, name + ".log"))
        self.processes.append(process)
        return process

    def start_api(self):
        api = self.start("gnocchi-api", "--host", "127.0.0.1", "--port", str(self.port))
        self.wait_for_api(api)
        return api

    def start_metricd(self):
        return self.start("gnocchi-metricd")

    def start_server(self, wait=True):
        """gnocchi-server, which is both."""
        server = self.start("gnocchi-server", "--host", "127.0.0.1", "--port", str(self.port))
        if wait:
            self.wait_for_api(server)
        return server

    def wait_for_api(self, process, seconds=60):
        def ready():
            assert process.alive(), process.tail()
            try:
                # 401: it runs, and wants other credentials than these; until then all is 503.
                return Client(self.url).get("/v1/capabilities", timeout=5).status in (200, 401)
            except OSError:
                return False
        wait_until(ready, "gnocchi-api answers: " + process.tail(5), seconds)

    def client(self, **kw):
        return Client(self.url, **kw)

    def stop(self):
        for process in reversed(self.processes):
            process.stop()
        self.processes = []

    def kill(self):
        for process in self.processes:
            process.kill()
        self.processes = []


class PythonDeployment(Deployment):
    """The same configuration, run by Python Gnocchi of Debian's packages."""

    def __init__(self, where, database, storage=None, options="", own_locks=True):
        """own_locks=False: those of the database, which ours take too."""
        self.own_locks = own_locks
        if not os.path.exists("/usr/bin/gnocchi-metricd"):
            skip("python3-gnocchi, gnocchi-api and gnocchi-metricd are not installed")
        super().__init__(None, where, database, storage, options)
        # numpy 1.24 has no numpy.int, which Gnocchi 4.4.2 still uses.
        site = os.path.join(where, "site")
        os.makedirs(site, exist_ok=True)
        with open(os.path.join(site, "sitecustomize.py"), "w") as f:
            f.write("import numpy\nnumpy.int = int\n")
        self.env = dict(os.environ, PYTHONPATH=site)

    def write_conf(self, options, auth):
        super().write_conf(options, auth)
        if not self.own_locks:
            return
        coordination = os.path.join(self.where, "coordination")
        os.makedirs(coordination, exist_ok=True)
        with open(self.conf, "a") as f:
            f.write("[DEFAULT]\ncoordination_url = file://%s\n" % coordination)

    def upgrade(self, *arguments):
        done = subprocess.run(["/usr/bin/gnocchi-upgrade", "--config-file", self.conf,
                               *arguments], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()

    def start_api(self, processes=2, threads=4):
        api = Process(["/usr/bin/uwsgi", "--plugin", "python3",
                       "--http-socket", "127.0.0.1:%d" % self.port,
                       "--add-header", "Connection: close", "--master", "--enable-threads",
                       "--thunder-lock", "--lazy-apps", "--die-on-term",
                       "--skip-atexit-teardown", "--need-app", "--processes", str(processes),
                       "--threads", str(threads), "--buffer-size", "65535", "--disable-logging",
                       "--wsgi", "gnocchi.rest.wsgi", "--pyargv",
                       "--config-file " + self.conf],
                      os.path.join(self.where, "python-api.log"), self.env)
        self.processes.append(api)
        self.wait_for_api(api)
        return api

    def start_metricd(self):
        metricd = Process(["/usr/bin/gnocchi-metricd", "--config-file", self.conf],
                          os.path.join(self.where, "python-metricd.log"), self.env)
        self.processes.append(metricd)
        return metricd


def wait_for_empty_backlog(client, seconds=60):
    """Until metricd has processed every accepted measure."""
    def empty():
        try:
            status = client.get("/v1/status?details=False")
        except OSError:  # Python's file driver trips over files that metricd removes meanwhile
            return False
        return status.status == 200 and status.json["storage"]["summary"]["measures"] == 0
    wait_until(empty, "the backlog is processed", seconds)
