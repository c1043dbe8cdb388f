"""gnocchi-amqpd takes collectd's messages from an AMQP 1.0 peer: types, resources and metrics are
made, bad messages do no harm, a peer that goes away is connected to again, SIGTERM flushes.

    amqpd.py BUILD
"""
import json
import sys
import threading

import harness

try:
    import proton
    import proton.handlers
    import proton.reactor
except ImportError as e:
    harness.skip("python3-qpid-proton is not installed (%s)" % e)

ADDRESS = "u/collectd/telemetry"


def values(host, number):
    """What collectd's amqp1 plugin sends."""
    return json.dumps([
        {"values": [number], "dstypes": ["gauge"], "dsnames": ["value"], "time": 1506712460.824,
         "interval": 10.0, "host": host, "plugin": "memory", "plugin_instance": "",
         "type": "memory", "type_instance": "free"},
        {"values": [number + 1, None], "dstypes": ["derive", "derive"], "dsnames": ["rx", "tx"],
         "time": 1506712460.824, "interval": 10.0, "host": host, "plugin": "interface",
         "plugin_instance": "eth0", "type": "if_errors", "type_instance": ""}])


class Peer(proton.handlers.MessagingHandler):
    """Sends a list of bodies to whoever asks for ADDRESS, then closes the connection; one list a
    connection."""

    def __init__(self, port, rounds):
        super().__init__(auto_settle=True)
        self.url, self.rounds = "127.0.0.1:%d" % port, rounds
        self.connections = 0
        self.done = threading.Event()

    def on_start(self, event):
        self.listener = event.container.listen(self.url)

    def on_link_opening(self, event):
        if event.link.is_sender:
            assert event.link.remote_source.address == ADDRESS, event.link.remote_source.address
            event.link.source.address = ADDRESS
            event.link.target.address = event.link.remote_target.address
            event.link.bodies = list(self.rounds[self.connections])
            event.link.open_ones = 0
            self.connections += 1

    def on_sendable(self, event):
        link = event.sender
        while link.credit and link.bodies:
            link.send(proton.Message(body=link.bodies.pop(0)))
            link.open_ones += 1

    def on_settled(self, event):
        event.link.open_ones -= 1
        if not event.link.open_ones and not event.link.bodies:
            event.connection.close()
            if self.connections == len(self.rounds):
                self.listener.close()
                self.done.set()


def run(build):
    with harness.workspace() as where:
        database = harness.Database("sqlite", where)
        port = harness.free_port()
        deployment = harness.Deployment(build, where, database, options="""[amqp1d]
url = 127.0.0.1:%d/%s
creator = admin
flush_delay = 0.2
""" % (port, ADDRESS))
        try:
            deployment.upgrade()
            deployment.start_api()
            deployment.start_metricd()
            amqpd = deployment.start("gnocchi-amqpd")
            harness.wait_until(lambda: "event=amqp_disconnected" in amqpd.tail(),
                               "gnocchi-amqpd finds nobody: " + amqpd.tail())
            peer = Peer(port, [[values("a/b", 5), "no JSON", values("c", 7).encode()],
                               [values("a/b", 6)]])
            container = proton.reactor.Container(peer)
            thread = threading.Thread(target=container.run, daemon=True)
            thread.start()
            assert peer.done.wait(60), amqpd.tail()
            assert amqpd.stop() == 0, amqpd.tail()
            assert "event=bad_messages count=1" in amqpd.tail(200), amqpd.tail()
            client = deployment.client()
            kind = client.expect(200, "GET", "/v1/resource_type/collectd_amqp1d")
            assert kind["attributes"] == {"host": {"type": "string", "required": True,
                                                   "min_length": 0, "max_length": 255}}, kind
            resource = client.expect(200, "GET", "/v1/resource/collectd_amqp1d/"
                                     "collectd_amqp1d:a_b")
            assert resource["host"] == "a/b" and resource["creator"] == "admin", resource
            assert sorted(resource["metrics"]) == ["interface-eth0@if_errors-rx",
                                                   "memory@memory-free"], resource
            for metric, total in (("memory@memory-free", 11.0),
                                  ("interface-eth0@if_errors-rx", 13.0)):
                rows = client.expect(200, "GET", "/v1/metric/%s/measures?refresh=true"
                                     "&aggregation=sum" % resource["metrics"][metric])
                assert sum(row[2] for row in rows) == total, (metric, rows)
            assert client.get("/v1/resource/collectd_amqp1d/collectd_amqp1d:c").status == 200
        finally:
            deployment.stop()
            database.drop()
    print("messages of two connections taken, two hosts and four metrics made")


run(sys.argv[1])
