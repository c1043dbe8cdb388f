"""A real collectd writes by its plugin amqp1 to a small router, gnocchi-amqpd receives from it, and
the values are read back.

    collectd.py BUILD
"""
import collections
import os
import sys
import threading

import harness

try:
    import proton.handlers
    import proton.reactor
except ImportError as e:
    harness.skip("python3-qpid-proton is not installed (%s)" % e)

ADDRESS = "u/collectd/telemetry"


class Router(proton.handlers.MessagingHandler):
    """Passes messages on to whoever has asked for their address, and keeps them until then."""

    def __init__(self, port):
        super().__init__()
        self.url = "127.0.0.1:%d" % port
        self.senders = {}
        self.messages = collections.defaultdict(collections.deque)

    def on_start(self, event):
        self.container = event.container
        self.listener = event.container.listen(self.url)

    def on_link_opening(self, event):
        if event.link.is_sender:
            address = event.link.remote_source.address
            event.link.source.address = address
            self.senders[address] = event.link

    def on_link_closing(self, event):
        self.senders = {a: link for a, link in self.senders.items() if link != event.link}

    def pass_on(self, address):
        link, waiting = self.senders.get(address), self.messages[address]
        while link and link.credit and waiting:
            link.send(waiting.popleft())

    def on_sendable(self, event):
        self.pass_on(event.link.source.address)

    def on_message(self, event):
        address = event.message.address.lstrip("/")  # as qdrouterd does
        self.messages[address].append(event.message)
        self.pass_on(address)


def start_collectd(where, port):
    config = os.path.join(where, "collectd.conf")
    with open(config, "w") as f:
        f.write("""Hostname "host.example.org"
FQDNLookup false
BaseDir "%s"
PIDFile "%s/collectd.pid"
PluginDir "/usr/lib/collectd"
TypesDB "/usr/share/collectd/types.db"
Interval 1
LoadPlugin load
LoadPlugin memory
LoadPlugin amqp1
<Plugin amqp1>
  <Transport "router">
    Host "127.0.0.1"
    Port "%d"
    Address "u/collectd"
    <Instance "telemetry">
      Format JSON
    </Instance>
  </Transport>
</Plugin>
""" % (where, where, port))
    return harness.Process(["/usr/sbin/collectd", "-f", "-C", config],
                           os.path.join(where, "collectd.log"))


def run(build):
    if not os.path.exists("/usr/lib/collectd/amqp1.so"):
        harness.skip("collectd-core is not installed")
    with harness.workspace() as where:
        database = harness.Database("sqlite", where)
        port = harness.free_port()
        deployment = harness.Deployment(build, where, database, options="""[amqp1d]
url = 127.0.0.1:%d/%s
creator = admin
flush_delay = 1
""" % (port, ADDRESS))
        collectd = None
        router = Router(port)
        try:
            deployment.upgrade()
            deployment.start_api()
            deployment.start_metricd()
            threading.Thread(target=proton.reactor.Container(router).run, daemon=True).start()
            amqpd = deployment.start("gnocchi-amqpd")
            collectd = start_collectd(where, port)
            client = deployment.client()
            path = "/v1/resource/collectd_amqp1d/collectd_amqp1d:host.example.org"

            def counted():
                answer = client.get(path + "/metric/memory@memory-free/measures?refresh=true"
                                    "&aggregation=count")
                return answer.status == 200 and sum(row[2] for row in answer.json) >= 3
            harness.wait_until(counted, "three values of memory: %s %s" % (
                collectd.tail(5), amqpd.tail(5)), 60)
            made = client.expect(200, "GET", path)
            assert made["host"] == "host.example.org", made
            wanted = {"load@load-shortterm", "load@load-midterm", "load@load-longterm",
                      "memory@memory-used", "memory@memory-free"}
            assert wanted <= set(made["metrics"]), made["metrics"]
            print("%d metrics made of what collectd sends" % len(made["metrics"]))
        finally:
            if collectd:
                collectd.stop()
            deployment.stop()
            database.drop()


run(sys.argv[1])
