"""gnocchi-statsd under real UDP packets: counters, gauges, timers and sets of many senders become
metrics of its resource; SIGTERM flushes; bad packets do no harm.

    statsd.py BUILD
"""
import socket
import subprocess
import sys
import time

import harness

RESOURCE = "07f26121-5777-48ba-8a0b-d70468133dd9"
PACKETS = 200


def run(build):
    with harness.workspace() as where:
        database = harness.Database("sqlite", where)
        port = harness.free_port()
        deployment = harness.Deployment(build, where, database, options="""[statsd]
host = 127.0.0.1
port = %d
resource_id = %s
user_id = u
project_id = p
archive_policy_name = bool
flush_delay = 3600
""" % (port, RESOURCE))
        try:
            deployment.upgrade()
            deployment.start_api()
            deployment.start_metricd()
            statsd = deployment.start("gnocchi-statsd")
            harness.wait_until(lambda: "event=ready" in statsd.tail(), "gnocchi-statsd is ready")
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for number in range(PACKETS):
                sender.sendto(b"hits:1|c|@0.5\nusers:%d|s\nload:%d|g\nfoo|\xff\xff\n" % (
                    number % 7, number), ("127.0.0.1", port))
                time.sleep(0.002)  # UDP promises nothing, least of all on a busy machine
            sender.sendto(b"load:-9|g\nquery:320|ms", ("127.0.0.1", port))
            assert statsd.stop() == 0, statsd.tail()
            log = statsd.tail(100)
            assert "event=bad_packets count=%d" % PACKETS in log, log
            client = deployment.client()
            resource = client.expect(200, "GET", "/v1/resource/generic/" + RESOURCE)
            assert resource["creator"] == "u:p", resource
            values = {}
            for name, metric in resource["metrics"].items():
                rows = client.expect(200, "GET", "/v1/metric/%s/measures?refresh=true"
                                     "&aggregation=last" % metric)
                values[name] = [row[2] for row in rows]
            assert values == {"hits|c": [2.0 * PACKETS], "users|s": [7.0],
                              "load|g": [PACKETS - 10.0], "query|ms": [320.0]}, values
            deployment.write_conf("", "basic")
            nameless = subprocess.run(deployment.program("gnocchi-statsd"), timeout=20,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert nameless.returncode == 78, nameless
            assert b"[statsd] resource_id must be set" in nameless.stdout, nameless.stdout
        finally:
            deployment.stop()
            database.drop()
    print("%d packets taken, four kinds of metrics flushed at SIGTERM" % PACKETS)


run(sys.argv[1])
