"""Boots a clean Debian 12 that has our packages, with systemd as its first process, and runs a script
in it as its last service.
"""
import contextlib
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import debian_root  # noqa: E402
from debian_root import harness  # noqa: E402

# "set -x" and the first failure end up in /check.log.
HEAD = r"""#!/bin/bash
exec >/check.log 2>&1
finish() { local status=$?; journalctl --no-pager | tail -n 40; echo "status=$status"; systemctl poweroff; }
trap finish EXIT
set -eux

api() { curl -sS -f --retry 20 --retry-all-errors --retry-delay 1 -u admin: "$@"; }
# wait_for COMMAND...: at most 20 seconds
wait_for() { for _ in $(seq 100); do if "$@"; then return 0; fi; sleep 0.2; done; return 1; }
fails() { if "$@"; then return 1; fi; }
state() { systemctl show --value --property=$2 "$1"; }
"""

UNIT = """[Unit]
After=multi-user.target
[Service]
ExecStart=/check
"""


@contextlib.contextmanager
def own_cgroup():
    """A control group for the container's processes, so that none of this machine's is touched."""
    top = "/sys/fs/cgroup/systemd"
    if not os.path.isdir(top):
        top = "/sys/fs/cgroup"
    path = os.path.join(top, "gnocchi-test-%d" % os.getpid())
    try:
        os.mkdir(path)
    except OSError as fault:
        harness.skip("no control group can be made: %s" % fault)
    try:
        yield os.path.join(path, "cgroup.procs")
    finally:
        for here, _, _ in os.walk(path, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(here)


def boot(made, console, network, seconds=180):
    with own_cgroup() as procs, open(console, "wb") as out:
        def enter():
            with open(procs, "w") as f:
                f.write(str(os.getpid()))
        container = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot",
             *([] if network else ["--private-network"]), "-D", made.path],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=enter)
        try:
            container.wait(seconds)
        except subprocess.TimeoutExpired:
            container.kill()
            container.wait()
            raise AssertionError("the system did not come to its end within %d s" % seconds)


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, errors="replace") as f:
        return f.read()


def check(build, script, prepare=lambda made: None, network=False):
    """Runs the script; `prepare` may put files into the system before. With `network`, the servers of
    this machine can be reached in it, and its ports are this machine's."""
    debian_root.check_needs()
    if not shutil.which("systemd-nspawn"):
        harness.skip("systemd-container is not installed")
    with harness.workspace() as where, debian_root.root(build) as made:
        packages = debian_root.make_packages(build)
        debian_root.install_ours(made, packages)
        made.install("curl")
        os.unlink(made.inside("/usr/sbin/policy-rc.d"))
        made.write("/check", HEAD + script)
        os.chmod(made.inside("/check"), 0o755)
        made.write("/etc/systemd/system/check.service", UNIT)
        made.run("systemctl", "set-default", "multi-user.target")
        made.run("ln", "-s", "/etc/systemd/system/check.service",
                 "/etc/systemd/system/multi-user.target.wants/check.service")
        prepare(made)
        # The container mounts a /proc of its own, which shows its processes only.
        debian_root.run("umount", made.inside("/proc"))
        console = os.path.join(where, "console")
        boot(made, console, network)
        log = read(made.inside("/check.log"))
        if not log:
            harness.skip("systemd does not boot in a container here:\n" + read(console)[-2000:])
        assert "\nstatus=0\n" in log, log[-6000:] + "".join(
            read(made.inside("/var/log/gnocchi/%s.log" % name))[-2000:]
            for name in ("gnocchi-server", "gnocchi-api", "gnocchi-metricd"))
