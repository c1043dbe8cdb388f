"""gnocchi-server, the embedded default: one process, nothing to install, measures visible soon
after their POST; a stop and a start keep everything; a bad setting ends it with status 78.

usage: server.py BUILD_DIRECTORY
"""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402


def start(build, where, port):
    server = harness.Process([os.path.join(build, "bin", "gnocchi-server"), "--data-dir",
                              os.path.join(where, "data"), "--host", "127.0.0.1", "--port",
                              str(port)], os.path.join(where, "server.log"))
    client = harness.Client("http://127.0.0.1:%d" % port)

    def ready():
        assert server.alive(), server.tail()
        try:
            return client.get("/v1/capabilities").status == 200
        except OSError:
            return False
    harness.wait_until(ready, "gnocchi-server answers", 20)
    return server, client


def visible(client, metric, count):
    def there():
        rows = client.expect(200, "GET", "/v1/metric/%s/measures?aggregation=count" % metric)
        return sum(r[2] for r in rows) == count
    harness.wait_until(there, "%d measures are visible" % count, 10)


def main():
    build = sys.argv[1]
    with harness.workspace() as where:
        port = harness.free_port()
        server, client = start(build, where, port)
        policies = {p["name"] for p in client.expect(200, "GET", "/v1/archive_policy")}
        assert policies == {"bool", "low", "medium", "high"}, policies
        metric = client.expect(201, "POST", "/v1/metric", {"name": "m"})["id"]
        url = "/v1/metric/%s/measures" % metric
        client.expect(202, "POST", url, [{"timestamp": "2024-01-01T00:00:00", "value": 1}])
        begin = time.monotonic()
        visible(client, metric, 1)
        print("visible after %.0f ms" % (1000 * (time.monotonic() - begin)))
        client.expect(202, "POST", url, [{"timestamp": "2024-01-01T00:01:00", "value": 2}])
        assert server.stop() == 0, server.tail()

        server, client = start(build, where, port)
        visible(client, metric, 2)
        client.expect(202, "POST", url, [{"timestamp": "2024-01-01T00:02:00", "value": 3}])
        server.kill()
        server, client = start(build, where, port)
        visible(client, metric, 3)
        assert server.stop() == 0, server.tail()

        conf = os.path.join(where, "bad.conf")
        with open(conf, "w") as f:
            f.write("[storage]\ndriver = flie\n[metricd]\nworkers = many\n")
        done = subprocess.run([os.path.join(build, "bin", "gnocchi-server"), "--config-file", conf],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
        assert done.returncode == 78, (done.returncode, done.stdout)
        assert b"workers" in done.stdout or b"PLUGIN_NOT_FOUND" in done.stdout, done.stdout


main()
