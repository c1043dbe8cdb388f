"""Rows "HA" and "Apache": several gnocchi-api and gnocchi-metricd behind a real HAProxy and a real
Apache, on the sample configurations to the letter.

usage: proxies.py BUILD_DIRECTORY SOURCE_DIRECTORY haproxy|apache
"""
import contextlib
import http.client
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guide  # noqa: E402
from alone import add_addresses, alone, harness  # noqa: E402
from guide import CONF, read, upgrade, write  # noqa: E402

API_HOSTS = ["192.0.2.11", "192.0.2.12", "192.0.2.13"]
FAKED = {"Forwarded": "host=evil.example;proto=https", "X-Forwarded-Host": "evil.example",
         "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Prefix": "/evil",
         "X-Forwarded-Proto": "https"}
OPTIONS = "[api]\nenable_proxy_headers_parsing = True\nresource_id_scheme = 3.0\n"


def start_api(stack, host, port=8041):
    log = "/var/log/gnocchi/api-%s.log" % host
    process = harness.Process(["gnocchi-api", "--host", host, "--port", str(port), "--log-file", log],
                              "/var/log/gnocchi/api-%s.out" % host)
    stack.callback(process.kill)
    return process


def start_metricd(stack, number):
    log = "/var/log/gnocchi/metricd-%d.log" % number
    process = harness.Process(["gnocchi-metricd", "--log-file", log], log + ".out")
    stack.callback(process.kill)
    return process


def start(stack, command, configuration, said):
    """The proxy, once it has found nothing wrong with its configuration."""
    env = dict(os.environ, APACHE_LOG_DIR="/var/log/gnocchi")
    check = {"haproxy": ["haproxy", "-c", "-f"], "apache2": ["apache2", "-t", "-f"]}[command]
    done = subprocess.run(check + [configuration], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=env)
    said_now = done.stdout.decode()
    assert done.returncode == 0 and said in said_now and "arning" not in said_now, said_now
    run = {"haproxy": ["haproxy", "-db", "-f"], "apache2": ["apache2", "-DFOREGROUND", "-f"]}[command]
    process = harness.Process(run + [configuration], "/var/log/gnocchi/proxy.out", env)
    stack.callback(process.kill)
    return process


def answers(url):
    def ready():
        with contextlib.suppress(OSError):
            return harness.Client(url).get("/v1/capabilities").status == 200
        return False
    return ready


class Echo(http.server.BaseHTTPRequestHandler):
    """Stands where gnocchi-api was, and keeps the headers that it gets."""
    protocol_version = "HTTP/1.1"
    seen = []

    def do_GET(self):
        if self.path != "/healthcheck":
            Echo.seen.append(dict(self.headers))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def check_links(url, host):
    """URLs in answers are those that the client can use; what it claims of proxies is not believed."""
    client = harness.Client(url)
    for _ in range(2):
        client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "low"})
    for headers in ({}, FAKED, {"Host": "gnocchi.example.org:8041"}):
        wanted = headers.get("Host", host)
        answer = client.get("/v1/metric?limit=1", headers=headers)
        assert answer.status == 200 and len(answer.json) == 1, answer.body
        link = answer.headers["Link"]
        assert re.match(r'<http://%s/v1/metric\?.*marker=.*>; rel="next"' % re.escape(wanted), link), (
            link, wanted)
        created = client.post("/v1/metric", {"archive_policy_name": "low"}, headers=headers)
        assert created.headers["Location"].startswith("http://%s/v1/metric/" % wanted), created.headers
    client.expect(201, "POST", "/v1/resource/generic", {"id": "rack/7"})
    found = client.expect(200, "GET", "/v1/resource/generic/rack%2F7")
    assert found["original_resource_id"] == "rack/7", found


def check_headers(url, host):
    before = len(Echo.seen)
    harness.Client(url).expect(200, "GET", "/v1/metric", headers=FAKED)
    seen = {name.lower(): value for name, value in Echo.seen[before].items()}
    assert "forwarded" not in seen and "x-forwarded-prefix" not in seen, seen
    assert seen["x-forwarded-proto"] == "http", seen
    assert seen["x-forwarded-host"] == host and seen["host"] == host, seen
    assert "203.0.113.9" not in seen["x-forwarded-for"] and seen["x-forwarded-for"], seen


class Load:
    """Posts to one metric, one measure a request, each on a connection of its own."""

    def __init__(self, url, metric):
        self.client, self.metric = harness.Client(url), metric
        self.accepted, self.failed, self.stopping = 0, [], False
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        sent = 0
        while not self.stopping:
            sent += 1
            body = [{"timestamp": 1700000000 + sent, "value": 1}]
            try:
                answer = self.client.post("/v1/metric/%s/measures" % self.metric, body)
                status = answer.status
            except (OSError, http.client.HTTPException) as fault:
                status = repr(fault)
            if status == 202:
                self.accepted += 1
            else:
                self.failed.append((status, time.monotonic(), answer.body[:200]))

    def stop(self):
        self.stopping = True
        self.thread.join()


def haproxy(source):
    sample = os.path.join(source, "packaging/samples/haproxy.cfg")
    url, host = "http://192.0.2.10:8041", "192.0.2.10:8041"
    add_addresses("192.0.2.10", *API_HOSTS)
    with guide.database() as server, contextlib.ExitStack() as stack:
        write(CONF, OPTIONS + "[indexer]\nurl = mysql+pymysql://gnocchi:%s@127.0.0.1:%d/gnocchi\n"
              "[metricd]\nmetric_processing_delay = 1\n" % (guide.PASSWORD, server.port))
        upgrade()
        apis = [start_api(stack, address) for address in API_HOSTS]
        daemons = [start_metricd(stack, number) for number in range(2)]
        for address in API_HOSTS:  # else HAProxy takes them for dead, for some seconds
            harness.wait_until(answers("http://%s:8041" % address), "gnocchi-api on " + address)
        start(stack, "haproxy", sample, "")
        harness.wait_until(answers(url), "HAProxy finds gnocchi-api")
        check_links(url, host)
        guide.post_and_read(harness.Client(url))
        metric = harness.Client(url).expect(201, "POST", "/v1/metric",
                                            {"archive_policy_name": "low"})["id"]

        load = Load(url, metric)
        try:
            time.sleep(1)
            # One host is taken out in good order: nobody notices.
            assert apis[0].stop() == 0
            time.sleep(1)
            assert load.accepted and not load.failed, load.failed
            # Another one dies, as does a metricd: what it had in hand fails, and no more.
            apis[1].kill()
            daemons[0].kill()
            time.sleep(1)
            assert len(load.failed) <= 1, load.failed[:5]
            start_api(stack, API_HOSTS[0])
            before = load.accepted
            harness.wait_until(lambda: load.accepted > before + 20, "the load goes on")
        finally:
            load.stop()
        client = harness.Client(url)

        def counted():
            rows = client.expect(200, "GET", "/v1/metric/%s/measures?aggregation=count"
                                 "&granularity=300&refresh=true" % metric)
            return sum(row[2] for row in rows)
        harness.wait_until(lambda: counted() >= load.accepted, "all measures are processed")
        assert load.accepted <= counted() <= load.accepted + len(load.failed)

        for address in API_HOSTS:  # the last host is one that shows what reaches it
            for process in apis:
                process.kill()
        stack.close()
    with contextlib.ExitStack() as stack:
        echo = http.server.ThreadingHTTPServer((API_HOSTS[2], 8041), Echo)
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        stack.callback(echo.shutdown)
        start(stack, "haproxy", sample, "")
        harness.wait_until(answers(url), "HAProxy finds the last host")
        check_headers(url, host)


SECOND = "192.0.2.12:8043"
MODULES = ("mpm_event", "authz_core", "proxy", "proxy_http", "proxy_balancer", "slotmem_shm",
           "lbmethod_byrequests", "lbmethod_bybusyness", "headers")


def apache_conf(sample, where):
    """As Debian's apache2.conf has it, with the modules that the sample's comment enables."""
    conf = os.path.join(where, "apache2.conf")
    modules = "".join("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n" % (name, name)
                      for name in MODULES)
    write(conf, modules + """ServerRoot %s
ServerName localhost
PidFile %s/pid
DefaultRuntimeDir %s
Mutex file:%s default
ErrorLog %s/error.log
User www-data
Group www-data
LogFormat "%%h %%l %%u %%t \\"%%r\\" %%>s %%O \\"%%{Referer}i\\" \\"%%{User-Agent}i\\"" combined
Include %s
""" % (where, where, where, where, where, sample))
    return conf


def apache(source):
    if os.geteuid() != 0 or not shutil.which("apache2"):
        harness.skip("apache2 is not installed, or this is not root's machine")
    url, host = "http://127.0.0.1:8041", "127.0.0.1:8041"
    add_addresses(API_HOSTS[1])
    text = read(os.path.join(source, "packaging/samples/apache-gnocchi.conf"))
    # The second backend that the sample shows; its port is Apache's own here, on the same machine.
    both = text.replace('#BalancerMember "http://192.0.2.12:8041', 'BalancerMember "http://%s' % SECOND)
    assert both != text
    with harness.workspace() as where:
        write(os.path.join(where, "alone.conf"), text)
        write(os.path.join(where, "both.conf"), both)
        write(CONF, OPTIONS + guide.EMBEDDED)
        upgrade()
        with contextlib.ExitStack() as stack:
            apis = [start_api(stack, "127.0.0.1", 8042), start_api(stack, *SECOND.split(":"))]
            start_metricd(stack, 0)
            start(stack, "apache2", apache_conf(os.path.join(where, "both.conf"), where), "Syntax OK")
            harness.wait_until(answers(url), "Apache finds gnocchi-api")
            check_links(url, host)
            metric = guide.post_and_read(harness.Client(url))
            check_kept_alive(metric)
            # One of the two dies: the other one serves.
            apis[0].kill()
            statuses = [harness.Client(url).get("/v1/metric/" + metric).status for _ in range(20)]
            assert set(statuses[2:]) == {200}, statuses
            log = read("/var/log/gnocchi/gnocchi_wsgi_access.log")
            assert "GET /v1/metric?limit=1 HTTP/1.1\" 200" in log, log
            assert os.path.exists("/var/log/gnocchi/gnocchi_wsgi_error.log")
        with contextlib.ExitStack() as stack:
            echo = http.server.ThreadingHTTPServer(("127.0.0.1", 8042), Echo)
            threading.Thread(target=echo.serve_forever, daemon=True).start()
            stack.callback(echo.shutdown)
            start(stack, "apache2", apache_conf(os.path.join(where, "alone.conf"), where), "Syntax OK")
            harness.wait_until(answers(url), "Apache answers")
            check_headers(url, host)


def connections():
    """How many connections both gnocchi-api have accepted so far."""
    total = 0
    for address in ("127.0.0.1:8042", SECOND):
        page = harness.Client("http://" + address).get("/metrics").body.decode()
        total += float(re.search(r"^gnocchi_http_connections_total (\S+)", page, re.M).group(1))
    return total


def check_kept_alive(metric):
    """Many requests of one client take one connection to Apache and few to gnocchi-api."""
    before = connections()
    connection = http.client.HTTPConnection("127.0.0.1", 8041)
    connection.connect()
    local = connection.sock.getsockname()
    for _ in range(200):
        connection.request("GET", "/v1/metric/" + metric,
                           headers={"Authorization": "Basic YWRtaW46"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        answer.read()
        assert connection.sock and connection.sock.getsockname() == local, "a new connection"
    opened = connections() - before
    assert opened < 20, "%d connections to gnocchi-api for 200 requests" % opened


def main():
    build, source, proxy = sys.argv[1:]
    if not shutil.which(proxy if proxy == "haproxy" else "apache2"):
        harness.skip(proxy + " is not installed")
    alone(build)
    {"haproxy": haproxy, "apache": apache}[proxy](source)
    print("holds behind " + proxy)


main()
