"""The machine of the guide, for one test: /etc/gnocchi, /var/lib/gnocchi, /var/log/gnocchi and
/etc/ceph are empty directories of its own, and port 8041 and 3306 are free, in namespaces that end
with the test. So command lines and paths can be the guide's to the letter.
"""
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

DIRECTORIES = ["/etc/gnocchi", "/etc/ceph", "/var/lib/gnocchi", "/var/log/gnocchi"]
MARK = "GNOCCHI_TEST_ALONE"


def _enter(network):
    spaces = ["--mount"] + (["--net"] if network else [])
    if os.geteuid() != 0:
        spaces += ["--user", "--map-root-user"]
    command = ["unshare"] + spaces
    if subprocess.run(command + ["true"], stderr=subprocess.DEVNULL).returncode != 0:
        harness.skip("no namespaces can be made here (unshare %s)" % " ".join(spaces))
    os.environ[MARK] = "1"
    os.execvp("unshare", command + [harness.PYTHON] + sys.argv)


def loopback_up():
    """Of the network namespace that this process is in."""
    with socket.socket() as s:
        request = struct.pack("16sh22x", b"lo", 0x1)  # IFF_UP
        fcntl.ioctl(s, 0x8914, request)  # SIOCSIFFLAGS


def alone(build, network=True):
    """Starts this test again on a machine of its own, with the build's programs in PATH. Without
    `network`, servers that the caller has started can be reached, and ports are shared."""
    if MARK not in os.environ:
        _enter(network)
    for directory in DIRECTORIES:
        if not os.path.isdir(directory):
            try:
                os.makedirs(directory)
            except OSError:
                harness.skip(directory + " does not exist and cannot be made")
        subprocess.run(["mount", "-t", "tmpfs", "none", directory], check=True)
    if network:
        loopback_up()
    os.environ["PATH"] = ":".join([os.path.join(build, "bin"), os.environ["PATH"], "/usr/sbin", "/sbin"])
    os.environ["HOME"] = "/nonexistent"  # whose gnocchi.conf would come first
    assert shutil.which("gnocchi-api").startswith(build)


def add_addresses(*addresses):
    """Addresses of other hosts that are here in truth; only on a machine with its own network."""
    if not shutil.which("ip"):
        harness.skip("iproute2 is not installed")
    for address in addresses:
        subprocess.run(["ip", "address", "add", address + "/32", "dev", "lo"], check=True)
