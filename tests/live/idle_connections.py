"""gnocchi-server under ten thousand idle keep-alive connections, and a thousand that stop in the
middle of a request: new clients are answered beside them, each idle one is still good for a
request, the stuck ones are told so and closed, and a stop closes what is idle at once.

Prints times and memory, and fails on neither but where memory is that of a thread each.

usage: idle_connections.py BUILD_DIRECTORY
"""
import os
import re
import resource
import select
import socket
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

IDLE, STUCK, FRESH = 10_000, 1_000, 300
DESCRIPTORS = IDLE + STUCK + 500
# A thread's stack alone takes more.
MAX_BYTES_EACH = 8192
REQUEST = b"GET /v1/archive_policy/low HTTP/1.1\r\nHost: h\r\nAuthorization: basic YWRtaW46\r\n\r\n"
# Beyond the server's limit for a request's head, which is ten seconds.
PATIENCE = 40


def raise_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < DESCRIPTORS:
        harness.skip("the limit of open files is %d, and %d are needed" % (hard, DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def read_answer(connection):
    """The status of the answer that comes; its body is read, too."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += receive(connection)
    head, body = text.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
    while len(body) < length:
        body += receive(connection)
    return int(head.split()[1])


def receive(connection):
    data = connection.recv(65536)
    assert data, "closed without an answer"
    return data


def check_answer(connection):
    status = read_answer(connection)
    assert status == 200, status


def resident_kib(process):
    with open("/proc/%d/status" % process.popen.pid) as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def milliseconds(times):
    return "median %.2f ms, longest %.1f ms" % (1000 * statistics.median(times), 1000 * max(times))


def open_idle(port):
    """Connections that have been used once."""
    idle = []
    while len(idle) < IDLE:
        some = [connect(port) for _ in range(100)]
        for connection in some:
            connection.sendall(REQUEST)
        for connection in some:
            check_answer(connection)
        idle += some
    return idle


def ask_anew(port):
    times = []
    for _ in range(FRESH):
        begin = time.monotonic()
        with connect(port) as connection:
            connection.sendall(REQUEST)
            check_answer(connection)
        times.append(time.monotonic() - begin)
    return milliseconds(times)


def open_stuck(port):
    """Half of them stop within the head, half within the body."""
    stuck = [connect(port) for _ in range(STUCK)]
    for i, connection in enumerate(stuck):
        connection.sendall(b"GET /v1/capab" if i % 2 else
                           b"POST /v1/metric HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{")
    return stuck


def use_each(connections):
    """Asks by all of them at once."""
    begin = time.monotonic()
    for connection in connections:
        connection.sendall(REQUEST)
    for connection in connections:
        check_answer(connection)
    return len(connections) / (time.monotonic() - begin)


def check_given_up(stuck):
    for connection in stuck:
        assert read_answer(connection) == 408
        assert connection.recv(1) == b"", "not closed"
        connection.close()


def check_closed(connections):
    poll = select.epoll()
    for connection in connections:
        poll.register(connection, select.EPOLLIN)
    left = len(connections)
    end = time.monotonic() + PATIENCE
    while left > 0:
        assert time.monotonic() < end, "%d connections stay open" % left
        for descriptor, _ in poll.poll(1):
            poll.unregister(descriptor)
            left -= 1
    assert all(connection.recv(1) == b"" for connection in connections)


def main():
    raise_limit()
    with harness.workspace() as where:
        storage = harness.RocksDatabase(where)
        if not os.path.exists(os.path.join(sys.argv[1], "plugins", "storage-rocksdb.so")):
            storage = None
        deployment = harness.Deployment(sys.argv[1], where, harness.Database("sqlite", where),
                                        storage)
        server = deployment.start_server()
        port = deployment.port
        print("one request beside nothing: " + ask_anew(port))
        before = resident_kib(server)
        idle = open_idle(port)
        each = 1024 * (resident_kib(server) - before) / IDLE
        print("%d idle connections: %.0f bytes of memory each" % (IDLE, each))
        assert each < MAX_BYTES_EACH, each
        print("one request beside them: " + ask_anew(port))

        begin = time.monotonic()
        stuck = open_stuck(port)
        print("one request beside %d stuck ones, too: %s" % (STUCK, ask_anew(port)))
        page = deployment.client(user=None).get("/metrics").body.decode()
        open_now = int(re.search(r"^gnocchi_http_connections (\d+)", page, re.M).group(1))
        assert open_now >= IDLE + STUCK, open_now
        check_given_up(stuck)
        print("those were given up after %.1f s" % (time.monotonic() - begin))
        print("all idle ones at once: %.0f requests/s" % use_each(idle))

        begin = time.monotonic()
        server.popen.terminate()
        check_closed(idle)
        print("closed %.0f ms after the stop" % (1000 * (time.monotonic() - begin)))
        assert server.popen.wait(PATIENCE) == 0, server.tail()


main()
