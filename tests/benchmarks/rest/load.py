"""The client: wrk with request.lua, one thread, so that one core at most is the client's."""
import collections
import concurrent.futures
import http.client
import json
import os
import re
import resource
import shutil
import subprocess
import time

import data
import harness
import processes

LONGEST = 120  # seconds that a run may take to have one answer
HERE = os.path.dirname(os.path.abspath(__file__))

# body: bytes, or None
Request = collections.namedtuple("Request", "method path body headers", defaults=[None, {}])

# What a run came to. seconds: it lasted; server_cpu, client_cpu: processor seconds of each;
# p99: seconds until an answer.
Load = collections.namedtuple("Load", "requests seconds server_cpu client_cpu p99")


def json_request(method, path, body):
    return Request(method, path, json.dumps(body, separators=(",", ":")).encode(),
                   {"Content-Type": "application/json"})


class Moving:
    """Requests whose marks (data.mark) stand for BASE + offset in the first round over them, for
    `advance` more in each further one, so that no measure is sent twice."""

    def __init__(self, requests, advance):
        self.requests, self.advance = requests, advance


def run(system, requests, connections, seconds):
    """Sends the requests in turn for so long. Every answer must be a success."""
    if not shutil.which("wrk"):
        harness.skip("wrk is not installed")
    moving = requests if isinstance(requests, Moving) else Moving(requests, 0)
    path = os.path.join(system.where, "requests")
    write_requests(path, moving.requests, system.headers)
    server, client = processes.cpu_seconds(system.groups()), children_cpu()
    done = subprocess.run(
        ["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--timeout", "60s",
         "-s", os.path.join(HERE, "request.lua"), system.url],
        env=dict(os.environ, REQUESTS=path, FIRST=str(data.BASE), ADVANCE=str(moving.advance)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout.decode()
    client = children_cpu() - client
    server = processes.cpu_seconds(system.groups()) - server
    result = dict((k, int(v)) for k, v in re.findall(r"(\w+)=(-?\d+)", done))
    assert result["errors"] == 0 and result["non2xx"] == 0, "not all succeeded: " + done
    if result["requests"] == 0:  # none was answered in that time; what was sent is sent again
        assert seconds < LONGEST, done
        return run(system, requests, connections, 4 * seconds)
    return Load(result["requests"], result["duration_us"] / 1e6, server,
                client - result["init_ms"] / 1e3,
                result["p99_us"] / 1e6)


def write_requests(path, requests, headers):
    """As request.lua reads them."""
    with open(path, "wb") as f:
        for request in requests:
            lines = ["%s: %s\n" % h for h in {**headers, **request.headers}.items()]
            body = request.body or b""
            f.write(("%s %s %d %d\n%s" % (request.method, request.path, len(lines), len(body),
                                          "".join(lines))).encode() + body + b"\n")


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def one_by_one(system, request, seconds, most=10 ** 9):
    """As run(), for requests that take so long that wrk would count hardly one."""
    seen = []
    server, own, begin = processes.cpu_seconds(system.groups()), time.process_time(), time.monotonic()
    while len(seen) < most and (not seen or time.monotonic() - begin < seconds):
        asked = time.monotonic()
        system.ask(request)
        seen.append(time.monotonic() - asked)
    return Load(len(seen), time.monotonic() - begin,
                processes.cpu_seconds(system.groups()) - server, time.process_time() - own,
                max(seen))


def each_once(system, requests, connections=16):
    """Sends each request once, over so many connections; every answer must be a success."""
    waiting = list(reversed(requests))
    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        for sent in [pool.submit(send_all, system, waiting) for _ in range(connections)]:
            sent.result()


def send_all(system, waiting):
    """Takes requests off the list until it is empty."""
    connection = Connection(system)
    while True:
        try:
            request = waiting.pop()
        except IndexError:
            return
        connection.ask(request)


class Connection:
    """One connection that is kept alive, if the server does so."""

    def __init__(self, system):
        self.headers = system.headers
        self.http = http.client.HTTPConnection(system.url.partition("//")[2], timeout=300)

    def ask(self, request):
        """The body of a successful answer."""
        self.http.request(request.method, request.path, request.body,
                          {**self.headers, **request.headers})
        answer = self.http.getresponse()
        body = answer.read()
        assert answer.status < 300, (request.method, request.path, answer.status, body[:500])
        return body
