"""Row "install from source": cmake --install into a prefix, without packages and without the network.
What is installed runs from there, and from wherever it is moved to; nothing is fetched at build time.

usage: install_prefix.py BUILD_DIRECTORY SOURCE_DIRECTORY
"""
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402


def run(*command, **kw):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kw)
    text = done.stdout.decode(errors="replace")
    assert done.returncode == 0, "%s: %d\n%s" % (" ".join(command), done.returncode, text)
    return text


def serve(prefix, where):
    """gnocchi-server from this prefix: a measure goes in and comes out."""
    port = harness.free_port()
    data = os.path.join(where, "data")
    server = harness.Process([os.path.join(prefix, "bin/gnocchi-server"), "--data-dir", data,
                              "--host", "127.0.0.1", "--port", str(port), "--config-file",
                              "/dev/null"], os.path.join(where, "server.log"))
    try:
        client = harness.Client("http://127.0.0.1:%d" % port)

        def ready():
            assert server.alive(), server.tail()
            try:
                return client.get("/v1/capabilities").status == 200
            except OSError:
                return False
        harness.wait_until(ready, "gnocchi-server answers")
        metric = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "low"})["id"]
        client.expect(202, "POST", "/v1/metric/%s/measures" % metric,
                      [{"timestamp": "now", "value": 3}])

        def values():
            rows = client.expect(200, "GET", "/v1/metric/%s/measures" % metric)
            return {row[2] for row in rows}
        harness.wait_until(values, "the measure is visible")
        assert values() == {3.0}
    finally:
        assert server.stop() == 0, server.tail()


def check_files(prefix):
    share = os.path.join(prefix, "share/gnocchi")
    assert {"gnocchi.conf", "api-paste.ini", "policy.yaml", "haproxy.cfg", "apache-gnocchi.conf",
            "logrotate"} <= set(os.listdir(share)), os.listdir(share)
    units = glob.glob(os.path.join(prefix, "lib/systemd/system/*.service"))
    assert {"gnocchi-api.service", "gnocchi-metricd.service"} <= {os.path.basename(u) for u in units}
    for unit in units:
        with open(unit) as f:
            text = f.read()
        program = re.search(r"^ExecStart=(\S+)", text, re.M).group(1)
        assert program.startswith(prefix + "/bin/") and os.access(program, os.X_OK), program
        page = re.search(r"^Documentation=file:(\S+)", text, re.M).group(1)
        assert os.path.isfile(page), page
    with open(os.path.join(share, "gnocchi.conf")) as f:
        assert f.read() == run(os.path.join(prefix, "bin/gnocchi-config-generator"))


def nothing_is_fetched(source, where):
    """Configuring and building without any network."""
    offline = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    if subprocess.run(offline + ["true"], stderr=subprocess.DEVNULL).returncode != 0:
        harness.skip("no network namespace can be made: whether anything is fetched is not known")
    for file in subprocess.run(["git", "-C", source, "ls-files", "*CMakeLists.txt", "*.cmake"],
                               stdout=subprocess.PIPE).stdout.decode().split():
        with open(os.path.join(source, file)) as f:
            found = re.search(r"FetchContent|ExternalProject|file\(DOWNLOAD", f.read())
        assert not found, (file, found)
    build = os.path.join(where, "offline")
    run(*offline, "cmake", "-G", "Ninja", "-S", source, "-B", build, "-DGNOCCHI_TESTS=OFF")
    run(*offline, "cmake", "--build", build, "--target", "auth-noauth")  # the smallest of all
    assert os.path.exists(os.path.join(build, "plugins/auth-noauth.so"))


def main():
    build, source = sys.argv[1:]
    with harness.workspace() as where:
        prefix = os.path.join(where, "prefix")
        run("cmake", "--install", build, "--prefix", prefix)
        check_files(prefix)
        serve(prefix, where)
        moved = os.path.join(where, "moved")
        os.rename(prefix, moved)
        serve(moved, os.path.join(where, "moved"))
        nothing_is_fetched(source, where)
    print("installed, moved, and nothing fetched")


main()
