"""Row "systemd unit", with Ceph: the programs reach the cluster out of the sandbox of their units, with
the keyring that the guide puts into /etc/ceph.

Wants the cluster of tests/services/ceph (its DIR/env sourced), and skips without.

usage: systemd_ceph.py BUILD_DIRECTORY
"""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import booted  # noqa: E402
import guide  # noqa: E402
from booted import harness  # noqa: E402

CHECK = r"""
chown root:gnocchi /etc/ceph/ceph.client.gnocchi.keyring
chmod 0640 /etc/ceph/ceph.client.gnocchi.keyring
runuser -u gnocchi -- gnocchi-upgrade
systemctl start gnocchi-api gnocchi-metricd
resource=http://127.0.0.1:PORT/v1/resource/generic
api -H 'Content-Type: application/json' $resource \
    -d '{"id": "office", "metrics": {"t": {"archive_policy_name": "low"}}}'
api -H 'Content-Type: application/json' -d '[{"timestamp": "now", "value": 21.5}]' \
    $resource/office/metric/t/measures
api "$resource/office/metric/t/measures?refresh=true" | grep 21.5
systemctl reload gnocchi-api gnocchi-metricd
systemctl stop gnocchi-api gnocchi-metricd
[ "$(state gnocchi-api Result)" = success ]
[ "$(state gnocchi-metricd Result)" = success ]
"""


def main():
    build = sys.argv[1]
    conf, keyring = guide.ceph("CONF"), guide.ceph("KEYRING")
    port = str(harness.free_port())

    def prepare(made):
        made.write("/etc/ceph/ceph.conf", guide.read(conf))
        shutil.copy(keyring, made.inside("/etc/ceph/ceph.client.gnocchi.keyring"))
        made.write(guide.CONF, guide.EMBEDDED + "[api]\nhost = 127.0.0.1\nport = %s\n[storage]\n"
                   "driver = ceph\nceph_pool = gnocchi\nceph_username = gnocchi\n"
                   "ceph_keyring = /etc/ceph/ceph.client.gnocchi.keyring\n" % port)
    booted.check(build, CHECK.replace("PORT", port), prepare, network=True)
    print("the units work with Ceph")


main()
