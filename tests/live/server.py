"""gnocchi-server, the embedded default: one process, nothing to install, measures visible soon
after their POST; a stop and a start keep everything; a bad setting ends it with status 78. Series
are in RocksDB, unless the data directory has files already.

usage: server.py BUILD_DIRECTORY
"""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402


def start(build, where, port, data="data"):
    server = harness.Process([os.path.join(build, "bin", "gnocchi-server"), "--data-dir",
                              os.path.join(where, data), "--host", "127.0.0.1", "--port",
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


def post_and_see(client, name):
    metric = client.expect(201, "POST", "/v1/metric", {"name": name})["id"]
    client.expect(202, "POST", "/v1/metric/%s/measures" % metric,
                  [{"timestamp": "2024-01-01T00:00:00", "value": 1}])
    visible(client, metric, 1)


def check_files_stay(build, where, port):
    """A directory that gnocchi-upgrade made for the file driver is served as it is."""
    data = os.path.join(where, "files")
    os.makedirs(data)
    conf = os.path.join(where, "files.conf")
    with open(conf, "w") as f:
        f.write("[storage]\nfile_basepath = %s\n[indexer]\nurl = sqlite:///%s/gnocchi.db\n" % (
            data, data))
    subprocess.run([os.path.join(build, "bin", "gnocchi-upgrade"), "--config-file", conf],
                   check=True)
    server, client = start(build, where, port, "files")
    post_and_see(client, "in a file")
    assert server.stop() == 0, server.tail()
    assert os.path.isdir(os.path.join(data, "incoming-log"))
    assert not os.path.exists(os.path.join(data, "rocksdb"))
    # The same without --data-dir: the configuration says where files are, and no driver.
    server = harness.Process([os.path.join(build, "bin", "gnocchi-server"), "--config-file", conf,
                              "--host", "127.0.0.1", "--port", str(port)],
                             os.path.join(where, "configured.log"))
    def ready():
        assert server.alive(), server.tail()
        try:
            return client.get("/v1/capabilities").status == 200
        except OSError:
            return False
    harness.wait_until(ready, "gnocchi-server answers", 20)
    assert len(client.expect(200, "GET", "/v1/metric")) == 1
    post_and_see(client, "another")
    assert server.stop() == 0, server.tail()


def check_one_process(build, where):
    """A second program on the same database is told whose it is."""
    conf = os.path.join(where, "second.conf")
    with open(conf, "w") as f:
        f.write("[storage]\ndriver = rocksdb\nrocksdb_path = %s/data/rocksdb\n"
                "[indexer]\nurl = sqlite:///%s/data/gnocchi.db\n" % (where, where))
    done = subprocess.run([os.path.join(build, "bin", "gnocchi-metricd"), "--config-file", conf],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
    assert done.returncode == 78, (done.returncode, done.stdout)
    assert b"locked by another process" in done.stdout, done.stdout


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
        if os.path.exists(os.path.join(build, "plugins", "storage-rocksdb.so")):
            assert os.path.exists(os.path.join(where, "data", "rocksdb", "CURRENT"))
            check_one_process(build, where)
        assert server.stop() == 0, server.tail()
        check_files_stay(build, where, port)

        conf = os.path.join(where, "bad.conf")
        with open(conf, "w") as f:
            f.write("[storage]\ndriver = flie\n[metricd]\nworkers = many\n")
        done = subprocess.run([os.path.join(build, "bin", "gnocchi-server"), "--config-file", conf],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
        assert done.returncode == 78, (done.returncode, done.stdout)
        assert b"workers" in done.stdout or b"PLUGIN_NOT_FOUND" in done.stdout, done.stdout


main()
