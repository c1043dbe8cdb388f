"""Keystone behind TLS: whose certificate is believed, and which one is shown.

usage: keystone_tls.py BUILD_DIRECTORY

A proxy with certificates of a throw-away authority stands before the shared Keystone.
"""
import http.client
import http.server
import os
import socket
import ssl
import subprocess
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cloud  # noqa: E402
import harness  # noqa: E402

PATH = "/v1/archive_policy"


def openssl(where, *arguments):
    subprocess.run(["openssl"] + list(arguments), cwd=where, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(where):
    """An authority (ca.pem), certificates it has signed (NAME.pem, NAME.key), and a stranger."""
    for name in ("ca", "stranger"):
        openssl(where, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=" + name, "-keyout", name + ".key", "-out", name + ".pem")
    for name, alternative in (("right", "IP:127.0.0.1"), ("other", "DNS:elsewhere.example.org"),
                              ("client", "DNS:gnocchi")):
        with open(os.path.join(where, name + ".ext"), "w") as f:
            f.write("subjectAltName = %s\n" % alternative)
        openssl(where, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout",
                name + ".key", "-out", name + ".csr")
        openssl(where, "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", name + ".ext", "-out", name + ".pem")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behind = None

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection(self.behind)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        data = answer.read()
        # The catalogue would lead past us.
        data = data.replace(b"http://" + self.behind.encode(),
                            b"https://%s:%d" % (b"127.0.0.1", self.server.server_port))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = forward

    def log_message(self, *_):
        pass


class Proxy(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, where, name, wants_certificate):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(where, name + ".pem"),
                                     os.path.join(where, name + ".key"))
        if wants_certificate:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(os.path.join(where, "ca.pem"))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, address):
        try:
            request.settimeout(20)
            super().finish_request(self.context.wrap_socket(request, server_side=True), address)
        except (OSError, socket.timeout):
            pass  # the client does not believe us, or has gone


def ask(build, where, keystone, proxy, lines):
    """The status of a request with a good token, and the log."""
    place = os.path.join(where, "api-%d" % len(os.listdir(where)))
    os.makedirs(place)
    options = cloud.options(
        keystone, "auth_url = https://127.0.0.1:%d\nhttp_request_max_retries = 0\n" %
        proxy.server_port + lines)
    gnocchi = harness.Deployment(build, place, harness.Database("sqlite", place), auth="keystone",
                                 options=options)
    try:
        gnocchi.upgrade()
        gnocchi.start_api()
        status = cloud.with_token(gnocchi, keystone.token_of("demo")[0]).get(PATH).status
        gnocchi.stop()
    finally:
        gnocchi.kill()
    with open(os.path.join(place, "gnocchi-api.log")) as f:
        return status, f.read()


def main():
    build = os.path.abspath(sys.argv[1])
    keystone = cloud.shared()
    Handler.behind = urllib.parse.urlsplit(keystone.url).netloc
    with harness.workspace() as where:
        make_certificates(where)
        ca = "cafile = %s/ca.pem\n" % where
        client = ca + "certfile = {0}/client.pem\nkeyfile = {0}/client.key\n".format(where)
        right, other, strict = (Proxy(where, *which) for which in (
            ("right", False), ("other", False), ("right", True)))
        for proxy, lines, wanted in (
                (right, ca, 200), (right, "", 503), (right, "insecure = true\n", 200),
                (right, "cafile = %s/stranger.pem\n" % where, 503),
                (other, ca, 503), (other, ca + "insecure = true\n", 200),
                (strict, ca, 503), (strict, client, 200)):
            status, log = ask(build, where, keystone, proxy, lines)
            assert status == wanted, (lines, status, wanted, log)
            if wanted == 503:
                assert "event=keystone_login_failed" in log, log
                print([line for line in log.splitlines() if "login_failed" in line][0])
        place = os.path.join(where, "bad")
        os.makedirs(place)
        gnocchi = harness.Deployment(
            build, place, harness.Database("sqlite", place), auth="keystone",
            options=cloud.options(keystone, "cafile = /nowhere.pem\n"))
        gnocchi.upgrade()
        api = gnocchi.start("gnocchi-api", "--host", "127.0.0.1", "--port", str(gnocchi.port))
        harness.wait_until(lambda: not api.alive(), "gnocchi-api refuses a cafile that is not there")
        assert api.popen.returncode == 78, api.popen.returncode
        assert "/nowhere.pem" in api.tail(), api.tail()


main()
