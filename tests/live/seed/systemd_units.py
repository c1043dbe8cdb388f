"""Row "systemd unit": the units are such as systemd understands, harden the programs, and what they
say of the programs is so: readiness, reload and stop are told over $NOTIFY_SOCKET, and a log file
that was moved away is opened anew at SIGHUP.

usage: systemd_units.py BUILD_DIRECTORY SOURCE_DIRECTORY
"""
import configparser
import glob
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guide  # noqa: E402
from alone import alone, harness  # noqa: E402

OPTIONS = guide.EMBEDDED + ("[statsd]\nresource_id = 5d7a0c0e-6b9b-4a6f-9c4f-3e0fd9b1a111\n"
                            "creator = admin\n[amqp1d]\ncreator = admin\n"
                            "url = 127.0.0.1:1/u/collectd/telemetry\n")


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL)
    text = done.stdout.decode(errors="replace")
    assert done.returncode == 0, "%s: %d\n%s" % (" ".join(command), done.returncode, text)
    return text


def read_unit(path):
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(path)
    return unit


def verify(units, folder):
    if not shutil.which("systemd-analyze"):
        harness.skip("systemd is not installed: the units are not verified")
    said = run("systemd-analyze", "verify", *units)
    assert folder not in said and "gnocchi" not in said, said
    for unit in units:
        said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
        exposure = float(re.search(r"Overall exposure level.*: ([\d.]+)", said).group(1))
        assert exposure < 2, said


class Manager:
    """Listens where systemd would."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(30)
        self.path = path

    def wait_for(self, wanted):
        """What was said up to a message with this line in it."""
        said = ""
        while True:
            message = self.socket.recv(4096).decode()
            said += message + "\n"
            if wanted in message.split("\n"):
                return said


def check_service(unit, where):
    service = read_unit(unit)["Service"]
    command = shlex.split(service["ExecStart"])
    assert service["Type"] == "notify"
    name = os.path.basename(command[0])
    assert command[1:] == ["--config-file", guide.CONF, "--log-file",
                           "/var/log/gnocchi/%s.log" % name], command
    manager = Manager(os.path.join(where, name))
    process = harness.Process(command, os.path.join(where, name + ".out"),
                              dict(os.environ, NOTIFY_SOCKET=manager.path))
    try:
        assert "STATUS=" in manager.wait_for("READY=1")
        os.rename("/var/log/gnocchi/%s.log" % name, "/var/log/gnocchi/%s.log.1" % name)
        # What ExecReload= does.
        shell = shlex.split(service["ExecReload"])
        run(*[word.replace("$MAINPID", str(process.popen.pid)) for word in shell])
        assert "MONOTONIC_USEC=" in manager.wait_for("RELOADING=1")
        manager.wait_for("READY=1")
        assert "event=reloaded" in guide.read("/var/log/gnocchi/%s.log" % name)
        process.popen.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING=1")
        status = process.popen.wait(30)  # a second signal would end it at once
        assert status == 0, (name, status, guide.read("/var/log/gnocchi/%s.log" % name))
    finally:
        process.kill()


def check_exit_status(unit):
    """What the unit says is not to be tried again is how a bad configuration ends."""
    service = read_unit(unit)["Service"]
    assert set(service["RestartPreventExitStatus"].split()) == {"2", "78"}
    command = shlex.split(service["ExecStart"])
    done = subprocess.run(command + ["--no-such-option"], stderr=subprocess.DEVNULL)
    assert done.returncode == 2, done.returncode
    guide.write(guide.CONF, OPTIONS + "[storage]\ndriver = no-such-driver\n")
    done = subprocess.run(command, stderr=subprocess.DEVNULL)
    assert done.returncode == 78, done.returncode


def main():
    build, source = sys.argv[1:]
    alone(build)
    with harness.workspace() as where:
        prefix = os.path.join(where, "prefix")
        run("cmake", "--install", build, "--prefix", prefix)
        units = sorted(glob.glob(prefix + "/lib/systemd/system/*.service"))
        assert len(units) >= 4, units
        verify(units, prefix)
        run("logrotate", "--debug", os.path.join(source, "packaging/logrotate"))
        guide.write(guide.CONF, OPTIONS)
        guide.upgrade()
        for unit in units:
            check_service(unit, where)
        check_exit_status(prefix + "/lib/systemd/system/gnocchi-api.service")
    print("%d units are well" % len(units))


main()
