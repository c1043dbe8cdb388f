"""Row "systemd unit": a clean Debian 12 with our packages is booted with systemd as its first process;
the units start as installed, hardening and all, say when they are ready, reload, let logrotate
rotate their logs, come back after kill -9, and stop.

usage: systemd_boot.py BUILD_DIRECTORY
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import booted  # noqa: E402

CHECK = r"""
# The embedded default, on /etc/gnocchi as it was installed.
systemctl start gnocchi-server
[ "$(state gnocchi-server StatusText)" = running ]
api http://127.0.0.1:8041/v1/capabilities
api -H 'Content-Type: application/json' http://127.0.0.1:8041/v1/resource/generic \
    -d '{"id": "office", "metrics": {"t": {"archive_policy_name": "low"}}}'
api -H 'Content-Type: application/json' -d '[{"timestamp": "now", "value": 21.5}]' \
    http://127.0.0.1:8041/v1/resource/generic/office/metric/t/measures
[ "$(stat -c %U:%a /var/lib/gnocchi/gnocchi.db)" = gnocchi:640 ]

# API and metricd, as the guide has them, on local files (gnocchi-server may have begun on another
# storage; the index stays).
printf '[indexer]\nurl = sqlite:////var/lib/gnocchi/gnocchi.db\n' >>/etc/gnocchi/gnocchi.conf
systemctl start gnocchi-api gnocchi-metricd
wait_for sh -c '[ "$(systemctl show --value --property=ActiveState gnocchi-server)" = inactive ]'
[ "$(state gnocchi-server Result)" = success ]
tail -n 3 /var/log/gnocchi/gnocchi-server.log | grep 'processing stopped'
runuser -u gnocchi -- gnocchi-upgrade
api -H 'Content-Type: application/json' -d '[{"timestamp": "now", "value": 22.5}]' \
    http://127.0.0.1:8041/v1/resource/generic/office/metric/t/measures
api "http://127.0.0.1:8041/v1/resource/generic/office/metric/t/measures?refresh=true" |
    grep -E '2[12]\.[05]\]'

# Reload and log rotation: the same processes go on, in new files.
api_pid=$(state gnocchi-api MainPID) metricd_pid=$(state gnocchi-metricd MainPID)
systemctl reload gnocchi-api gnocchi-metricd
wait_for grep -q event=reloaded /var/log/gnocchi/gnocchi-api.log
wait_for grep -q event=reloaded /var/log/gnocchi/gnocchi-metricd.log
logrotate --force /etc/logrotate.d/gnocchi-common
for program in gnocchi-api gnocchi-metricd; do
  wait_for grep -q event=reloaded /var/log/gnocchi/$program.log
  [ -s /var/log/gnocchi/$program.log.1 ]
  [ "$(stat -c %U:%a /var/log/gnocchi/$program.log)" = gnocchi:640 ]
  systemctl is-active $program
done
[ $api_pid = "$(state gnocchi-api MainPID)" ]
[ $metricd_pid = "$(state gnocchi-metricd MainPID)" ]

# Killed: systemd brings it back.
systemctl kill --kill-who=main --signal=KILL gnocchi-metricd
wait_for sh -c '[ "$(systemctl show --value --property=NRestarts gnocchi-metricd)" = 1 ]'
wait_for systemctl is-active gnocchi-metricd

# A configuration that cannot be right is not tried again and again.
cp /etc/gnocchi/gnocchi.conf /root
printf '[storage]\ndriver = no-such-driver\n' >>/etc/gnocchi/gnocchi.conf
fails systemctl restart gnocchi-metricd
[ "$(state gnocchi-metricd ExecMainStatus)" = 78 ]
[ "$(state gnocchi-metricd ActiveState)" = failed ]
cp /root/gnocchi.conf /etc/gnocchi/gnocchi.conf
systemctl restart gnocchi-metricd

# What they may not do: gain rights, or write anywhere but where data and logs are.
for program in gnocchi-api gnocchi-metricd; do
  pid=$(state $program MainPID)
  grep -P 'NoNewPrivs:\t1' /proc/$pid/status
  grep -P 'CapBnd:\t0{16}$' /proc/$pid/status
  nsenter --target $pid --mount touch /var/lib/gnocchi/probe /var/log/gnocchi/probe
  rm /var/lib/gnocchi/probe /var/log/gnocchi/probe
  for place in /etc/gnocchi /usr/lib /var/lib; do
    fails nsenter --target $pid --mount touch $place/probe
  done
  exposure=$(systemd-analyze security --no-pager $program | grep 'Overall exposure')
  exposure=${exposure#*: } exposure=${exposure%%.*}
  [ "$exposure" -le 2 ]
done
printf '[statsd]\nresource_id = 5d7a0c0e-6b9b-4a6f-9c4f-3e0fd9b1a111\ncreator = admin\n[amqp1d]\ncreator = admin\n' \
  >>/etc/gnocchi/gnocchi.conf
for program in gnocchi-statsd gnocchi-amqpd; do
  if [ -e /usr/bin/$program ]; then systemctl start $program; systemctl is-active $program; fi
done

# An upgrade of the package restarts what runs and nothing else.
systemctl stop gnocchi-statsd
old=$(state gnocchi-api MainPID)
dpkg -i /debs/gnocchi-cpp-server_*.deb
systemctl is-active gnocchi-api gnocchi-metricd
[ "$old" != "$(state gnocchi-api MainPID)" ]
fails systemctl is-active gnocchi-statsd

# And so does a plugin that changes.
old=$(state gnocchi-api MainPID)
dpkg -i /debs/gnocchi-cpp-storage-file_*.deb
[ "$old" != "$(state gnocchi-api MainPID)" ]

systemctl stop gnocchi-api gnocchi-metricd
[ "$(state gnocchi-api Result)" = success ]
[ "$(state gnocchi-metricd Result)" = success ]
dpkg -P $(dpkg-query -W -f '${Package} ' 'gnocchi-cpp-*')
fails systemctl cat gnocchi-api
[ -e /var/lib/gnocchi/gnocchi.db ]
[ ! -e /etc/gnocchi ]
[ ! -e /var/log/gnocchi ]
"""


def main():
    booted.check(sys.argv[1], CHECK)
    print("the units start, reload, rotate, restart and stop under systemd")


main()
