"""Row "Ceph": a pool, a user with the guide's capabilities and no more, its keyring in /etc/ceph. The
guide's gnocchi.conf works to the letter, and with keyring or secret alone; what is wrong in it is
told by name.

Wants the cluster of tests/services/ceph (its DIR/env sourced), and skips without.

usage: ceph.py BUILD_DIRECTORY
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guide  # noqa: E402
from alone import alone, harness  # noqa: E402
from guide import CONF, read, running, write  # noqa: E402

KEYRING = "/etc/ceph/ceph.client.gnocchi.keyring"
FOREIGN = "groups of other programs, not read: oslo_messaging_rabbit"


def gnocchi_conf(server, secret, changes=()):
    text = guide.conf(PASSWORD=guide.PASSWORD, DBHOST="127.0.0.1:%d" % server.port,
                      KEY_OF_CLIENT_GNOCCHI=secret)
    for line, other in changes:
        assert line + "\n" in text, line
        text = text.replace(line + "\n", other + "\n" if other else "")
    write(CONF, text + "[metricd]\nmetric_processing_delay = 1\n")


def works(server):
    """The guide's programs on this gnocchi.conf: a measure goes in, its aggregates come out."""
    said = guide.upgrade()
    assert FOREIGN in said and "WARNING" not in said and "ERROR" not in said, said
    port = str(harness.free_port())
    url = "http://127.0.0.1:" + port
    with running([port if word == "8041" else word for word in guide.API], guide.METRICD, url=url):
        guide.post_and_read(harness.Client(url))
        assert guide.legacy_types(harness.Client(url)) == guide.LEGACY_TYPES
    for log in (guide.API_LOG, guide.METRICD_LOG):
        assert "WARNING" not in read(log) and "ERROR" not in read(log), read(log)


def told(*words):
    """gnocchi-upgrade does not work with this gnocchi.conf, and says these words."""
    done = subprocess.run(["gnocchi-upgrade"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60)
    said = done.stdout.decode()
    assert done.returncode == 78 and all(word in said for word in words), (done.returncode, said)
    assert secret_of_nobody() not in said


def secret_of_nobody():
    return "AQBvaGVsbG8AABAAbm90LXRoaXMtb25lLWF0LWFsbA=="


def main():
    build = sys.argv[1]
    conf, keyring, secret = guide.ceph("CONF"), guide.ceph("KEYRING"), guide.ceph("SECRET")
    if not os.path.exists(os.path.join(build, "plugins/storage-ceph.so")):
        harness.skip("the plugin storage-ceph is not built")
    texts = read(conf), read(keyring)
    harness.CephPool().clear()
    alone(build, network=False)
    write("/etc/ceph/ceph.conf", texts[0])
    write(KEYRING, texts[1])
    with_keyring, with_secret = "ceph_keyring = " + KEYRING, "ceph_secret = " + secret
    with guide.database() as server:
        for changes in ((), ((with_secret, ""),), ((with_keyring, ""),)):
            gnocchi_conf(server, secret, changes)
            works(server)
        gnocchi_conf(server, secret, [("ceph_pool = gnocchi", "ceph_pool = nowhere")])
        told("pool nowhere", "ceph_pool")
        gnocchi_conf(server, secret_of_nobody())
        told("client.gnocchi", "ceph_secret")
        gnocchi_conf(server, secret, [(with_secret, ""), (with_keyring, "ceph_keyring = /no/file")])
        told("/no/file", "client.gnocchi")
    print("holds: ceph")


main()
