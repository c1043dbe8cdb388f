#!/usr/bin/python3
"""What Ceilometer of Newton (dispatcher 7.1, gnocchiclient 2.6) does, against running programs.

The dispatcher derives the id of a resource on the client, without the creator, and puts it into the
batch; it then creates what the 400 names under the original id, and sends the batch again. Nothing
may be lost, whatever [api] resource_id_scheme is, and every later run must find it all there.

    newton_dispatcher.py BUILD sqlite|mysql 3.1|3.0 [keystone]

With "keystone" it has a token of user ceilometer, and the api-paste.ini of that time chooses Keystone.
"""
import os
import re
import sys
import urllib.parse
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cloud  # noqa: E402
import harness  # noqa: E402

NAMESPACE = uuid.UUID("0a7a15ff-aa13-4ac2-897c-9bdf30ce175b")
HEADERS = {"X-User-Id": "ceilometer", "X-Project-Id": "service", "X-Roles": "admin"}
UNKNOWN = re.compile(r"Unknown metrics: (.*)")
NAMES = re.compile("([^/ ,]*)/([^,]*)")

INSTANCE = "6868da77-fa82-4e67-aba9-270c5ae8cbca"
RESOURCES = {
    INSTANCE: ("instance", {"flavor_id": "1", "host": "h1", "display_name": "web"},
               ["cpu", "disk.device.read.bytes"]),
    INSTANCE + "-vda": ("instance_disk", {"name": "vda", "instance_id": INSTANCE},
                        ["disk.device.read.bytes", "disk.device.write.bytes"]),
    "instance-00000001-" + INSTANCE + "-tap5": (
        "instance_network_interface", {"name": "tap5", "instance_id": INSTANCE},
        ["network.incoming.bytes"]),
    "compute-1.example.org": ("host", {"host_name": "compute-1"}, ["hardware.cpu.load.1min"]),
}


class Refused(Exception):
    pass


class Dispatcher:
    """The calls of gnocchiclient 2.6 that the dispatcher makes, with its way of telling errors."""

    def __init__(self, client):
        self._client = client

    def call(self, method, path, body=None):
        answer = self._client.request(method, "/" + path, body)
        if answer.status >= 400:
            raise Refused(answer.status, answer.json["description"])
        return answer.json if answer.body else None

    def batch(self, measures):
        self.call("POST", "v1/batch/resources/metrics/measures", measures)

    def create_resource(self, resource_type, resource):
        self.call("POST", "v1/resource/" + resource_type, resource)

    def update_resource(self, resource_type, original, attributes):
        self.call("PATCH", "v1/resource/%s/%s" % (resource_type, encoded(original)), attributes)

    def create_metric(self, original, name, definition):
        self.call("POST", "v1/resource/generic/%s/metric" % encoded(original), {name: definition})


def encoded(original):
    """gnocchiclient.utils.encode_resource_id of 2.6."""
    try:
        return str(uuid.UUID(original))
    except ValueError:
        return str(uuid.uuid5(NAMESPACE, original))


def record(gnocchi, round_number):
    """One run of record_metering_data; how many resources and metrics it had to make."""
    measures, infos, made = {}, {}, {"resources": 0, "metrics": 0}
    for original, (resource_type, attributes, names) in RESOURCES.items():
        rid = encoded(original)
        when = "2016-10-01T00:0%d:00" % round_number
        measures[rid] = {n: [{"timestamp": when, "value": round_number}] for n in names}
        infos[rid] = (resource_type, dict(
            attributes, id=original, user_id="u", project_id="p",
            metrics={n: {"archive_policy_name": "low", "unit": "B"} for n in names}))
    try:
        gnocchi.batch(measures)
    except Refused as e:
        status, description = e.args
        assert status == 400, e
        match = UNKNOWN.match(description + " (HTTP 400)")
        assert match, description
        fresh = set()
        for rid, name in NAMES.findall(match.group(1).replace(" (HTTP 400)", "")):
            if rid in fresh:
                continue
            resource_type, resource = infos[rid]  # KeyError: the id is not echoed as it was sent
            try:
                gnocchi.create_resource(resource_type, resource)
                made["resources"] += 1
                fresh.add(rid)
            except Refused as e:
                assert e.args[0] == 409 and re.match("Resource .* already exists", e.args[1]), e
                gnocchi.create_metric(resource["id"], name, resource["metrics"][name])
                made["metrics"] += 1
        gnocchi.batch(measures)
    for original, (resource_type, attributes, _) in RESOURCES.items():
        gnocchi.update_resource(resource_type, original, attributes)
    return made


def check_measures(gnocchi, rounds):
    for original, (resource_type, _, names) in RESOURCES.items():
        for name in names:
            for rid in (encoded(original), urllib.parse.quote(original, "")):
                path = "v1/resource/generic/%s/metric/%s/measures?refresh=true&granularity=300" % (
                    rid, urllib.parse.quote(name, ""))
                rows = gnocchi.call("GET", path + "&aggregation=count")
                assert [row[2] for row in rows] == [rounds], (original, name, rows)
    assert len(gnocchi.call("GET", "v1/metric")) == 6


def end_instance(gnocchi):
    """What a delete event brings about: the search for what belongs to it, and ended_at."""
    ended = {"ended_at": "2100-01-01T00:00:00"}
    query = {"=": {"instance_id": INSTANCE}}
    found = [(INSTANCE, "instance")]
    for resource_type in ("instance_disk", "instance_network_interface"):
        for resource in gnocchi.call("POST", "v1/search/resource/" + resource_type, query):
            found.append((resource["id"], resource["type"]))
    assert len(found) == 3, found
    for rid, resource_type in found:
        gnocchi.update_resource(resource_type, rid, ended)
    left = gnocchi.call("POST", "v1/search/resource/generic", {"=": {"ended_at": None}})
    assert [r["original_resource_id"] for r in left] == ["compute-1.example.org"], left


def run(gnocchi):
    assert "mean" in gnocchi.call("GET", "v1/capabilities/")["aggregation_methods"]
    assert record(gnocchi, 1) == {"resources": 4, "metrics": 0}
    assert record(gnocchi, 2) == {"resources": 0, "metrics": 0}
    # A metric has gone in between: the resource "already exists", its metric is made alone.
    disk = encoded(INSTANCE + "-vda")
    gnocchi.call("DELETE",
                 "v1/resource/instance_disk/%s/metric/disk.device.write.bytes" % disk)
    assert record(gnocchi, 1) == {"resources": 0, "metrics": 1}
    gnocchi.call("DELETE", "v1/resource/instance_disk/" + disk)
    assert record(gnocchi, 1) == {"resources": 1, "metrics": 0}
    assert record(gnocchi, 2) == {"resources": 0, "metrics": 0}
    check_measures(gnocchi, 2)
    end_instance(gnocchi)


# As Gnocchi 3.0 came with it, the one line changed that its comment says.
PASTE = """[pipeline:main]
# Use gnocchi+auth in the pipeline if you want to use keystone authentication
pipeline = gnocchi+auth

[composite:gnocchi+noauth]
use = egg:Paste#urlmap
/ = gnocchiversions
/v1 = gnocchiv1+noauth

[composite:gnocchi+auth]
use = egg:Paste#urlmap
/ = gnocchiversions
/v1 = gnocchiv1+auth

[pipeline:gnocchiv1+noauth]
pipeline = gnocchiv1

[pipeline:gnocchiv1+auth]
pipeline = keystone_authtoken gnocchiv1

[filter:keystone_authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
oslo_config_project = gnocchi
"""


def choose_by_paste(deployment, where):
    """No auth_mode, but the pipeline of api-paste.ini."""
    with open(os.path.join(where, "api-paste.ini"), "w") as f:
        f.write(PASTE)
    with open(deployment.conf) as f:
        text = f.read()
    with open(deployment.conf, "w") as f:
        f.write(text.replace("auth_mode = keystone\n", ""))


def main():
    build, kind, scheme = sys.argv[1:4]
    keystone = cloud.shared() if sys.argv[4:] == ["keystone"] else None
    with harness.workspace() as where:
        database = harness.Database(kind, where)
        options = ("[DEFAULT]\ncreate_legacy_resource_types = True\n"
                   "[api]\nresource_id_scheme = %s\n" % scheme)
        headers = HEADERS
        if keystone:
            options += cloud.options(keystone)
            headers = {"X-Auth-Token": keystone.token_of("ceilometer")[0]}
        deployment = harness.Deployment(build, where, database, options=options,
                                        auth="keystone" if keystone else "noauth")
        try:
            if keystone:
                choose_by_paste(deployment, where)
            deployment.upgrade()
            deployment.start_api()
            deployment.start_metricd()
            run(Dispatcher(deployment.client(user=None, headers=headers)))
        finally:
            deployment.stop()
            database.drop()


main()
