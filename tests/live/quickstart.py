"""The three curl lines that ./quickstart prints do what it says.

usage: quickstart.py BUILD_DIRECTORY QUICKSTART
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402


def main():
    build, quickstart = sys.argv[1], sys.argv[2]
    port = harness.free_port()
    with open(quickstart) as f:
        lines = re.findall(r"^  (curl .*)$", f.read(), re.M)
    assert len(lines) == 3, lines
    with harness.workspace() as where:
        server = harness.Process(
            [os.path.join(build, "bin", "gnocchi-server"), "--data-dir", os.path.join(where, "data"),
             "--host", "127.0.0.1", "--port", str(port)], os.path.join(where, "server.log"))
        client = harness.Client("http://127.0.0.1:%d" % port)

        def ready():
            assert server.alive(), server.tail()
            try:
                return client.get("/v1/capabilities").status == 200
            except OSError:
                return False

        def run(line):
            done = subprocess.run(["bash", "-c", line.replace("curl ", "curl -s -f ")],
                                  env=dict(os.environ, port=str(port)), stdout=subprocess.PIPE)
            assert done.returncode == 0, (line, done.stdout, server.tail())
            return done.stdout.decode()
        try:
            harness.wait_until(ready, "gnocchi-server answers", 20)
            run(lines[0])
            run(lines[1])
            harness.wait_until(lambda: "21.5" in run(lines[2]), "the measure is read back", 10)
        finally:
            server.stop()


main()
