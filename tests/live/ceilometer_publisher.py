"""The real Ceilometer of Debian's packages publishes to our server.

usage: ceilometer_publisher.py BUILD_DIRECTORY [keystone]

With "keystone" the publisher has tokens of a real Keystone and finds us in its catalogue.

ceilometer-upgrade makes the resource types; Ceilometer's own sample pipeline with its gnocchi
publisher pushes some cycles of samples of instances, their disks and ports, and an event that an
instance ends. Every pushed value must be readable, no resource lost, nothing logged as an error.
"""
import datetime
import logging
import os
import subprocess
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cloud  # noqa: E402
import harness  # noqa: E402

INSTANCES, CYCLES = 3, 12
CONF = """[DEFAULT]
log_file = {where}/ceilometer.log
use_stderr = false
pipeline_cfg_file = {where}/pipeline.yaml
[service_credentials]
"""
BASIC = """auth_type = gnocchi-basic
user = admin
endpoint = {url}
"""
KEYSTONE = """auth_type = password
auth_url = {url}
username = ceilometer
password = ceilometer-pass
project_name = service
user_domain_id = default
project_domain_id = default
region_name = {region}
interface = internal
"""
PIPELINE = """sources:
  - name: all
    meters: ["*"]
    sinks: [gnocchi]
sinks:
  - name: gnocchi
    publishers: ["gnocchi://"]
"""


class Errors(logging.Handler):
    """The publisher only logs what goes wrong."""

    def __init__(self):
        super().__init__(level=logging.ERROR)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


def meters(n, instance, step):
    """(name, kind, unit, volume, resource, metadata) of one instance in one cycle."""
    server = {"host": "compute-%d" % (n % 2), "display_name": "vm %d %s" % (n, "é" * (step > 5)),
              "image_ref": str(uuid.UUID(int=n + 1)), "user_metadata": {"server_group": "stack"},
              "flavor": {"id": "1", "name": "m1.tiny", "ram": 512, "vcpus": 1}}
    disk = {"disk_name": "vda", "instance_id": instance}
    port = {"vnic_name": "tap%08x" % n, "instance_id": instance}
    port_id = "instance-%08x-%s-tap%08x" % (n, instance, n)
    return [("cpu", "cumulative", "ns", (n + 1) * step * 10**9, instance, server),
            ("memory.usage", "gauge", "MB", 100 + step % 7 + n / 4, instance, server),
            ("disk.device.read.bytes", "cumulative", "B", step * 4096, instance + "-vda", disk),
            ("disk.device.write.requests", "cumulative", "request", step * 3, instance + "-vda",
             disk),
            ("network.incoming.bytes", "cumulative", "B", step * 1500, port_id, port)]


def cycles(sample_class, instances):
    """One list of samples per polling cycle, five minutes apart."""
    now = datetime.datetime.utcnow().replace(microsecond=0)
    for step in range(CYCLES):
        at = (now - datetime.timedelta(minutes=5 * (CYCLES - 1 - step))).isoformat()
        yield [sample_class(name=name, type=kind, unit=unit, volume=volume, user_id="u",
                            project_id="p", resource_id=resource, timestamp=at,
                            resource_metadata=metadata)
               for n, instance in enumerate(instances)
               for name, kind, unit, volume, resource, metadata in meters(n, instance, step)]


def push(conf, instances, keystone):
    """{(resource, meter): {timestamp: value}} of what was pushed."""
    from ceilometer import sample
    from ceilometer.pipeline import sample as pipeline
    manager = pipeline.SamplePipelineManager(conf)
    publishers = [p for pipe in manager.pipelines for p in pipe.publishers]
    for publisher in publishers if keystone is None else []:
        publisher.filter_project = None  # there is no Keystone to look it up in
    pushed = {}
    for cycle in cycles(sample.Sample, instances):
        with manager.publisher() as publish:
            publish(cycle)
        for one in cycle:
            pushed.setdefault((one.resource_id, one.name), []).append(one.volume)
    return publishers[0], pushed


def end_instance(publisher, instance):
    from ceilometer.event import models
    traits = [models.Trait(name, models.Trait.TEXT_TYPE, value) for name, value in (
        ("instance_id", instance), ("user_id", "u"), ("project_id", "p"), ("host", "compute-0"),
        ("display_name", "vm"), ("instance_type", "m1.tiny"), ("instance_type_id", "1"))]
    publisher.publish_events([models.Event(
        str(uuid.uuid4()), "compute.instance.delete.start", datetime.datetime.utcnow(), traits,
        {})])


def check(client, pushed, instances):
    types = {t["name"] for t in client.expect(200, "GET", "/v1/resource_type")}
    assert {"generic", "instance", "instance_disk", "volume", "network"} <= types, types
    policies = {p["name"] for p in client.expect(200, "GET", "/v1/archive_policy")}
    assert {"ceilometer-low", "ceilometer-low-rate", "ceilometer-high",
            "ceilometer-high-rate"} <= policies, policies
    for (resource, meter), values in sorted(pushed.items()):
        rows = client.expect(200, "GET", "/v1/resource/generic/%s/metric/%s/measures" % (
            resource, meter))
        assert [r[2] for r in rows] == values, (resource, meter, rows, values)
        metric = client.expect(200, "GET", "/v1/resource/generic/%s/metric/%s" % (resource, meter))
        assert metric["unit"], metric
    rate = client.expect(200, "GET", "/v1/resource/generic/%s/metric/cpu/measures?"
                         "aggregation=rate:mean" % instances[0])
    assert [r[2] for r in rate] == [1e9] * (CYCLES - 1), rate
    shown = client.expect(200, "GET", "/v1/resource/instance/" + instances[0])
    assert shown["display_name"] == "vm 0 é" and shown["server_group"] == "stack", shown
    history = client.expect(200, "GET", "/v1/resource/instance/%s/history" % instances[1])
    assert [r["display_name"] for r in history] == ["vm 1 ", "vm 1 é"], history


def run(gnocchi, where, credentials, client, keystone):
    conf_file = os.path.join(where, "ceilometer.conf")
    with open(conf_file, "w") as f:
        f.write(CONF.format(where=where) + credentials)
    with open(os.path.join(where, "pipeline.yaml"), "w") as f:
        f.write(PIPELINE)
    for _ in range(2):  # the second time every type is there and none is to be changed
        subprocess.run([harness.PYTHON, "/usr/bin/ceilometer-upgrade", "--config-file",
                        conf_file, "--retry", "3"], check=True)
    from ceilometer import service
    conf = service.prepare_service(argv=[], config_files=[conf_file])
    errors = Errors()
    logging.getLogger().addHandler(errors)
    instances = [str(uuid.uuid4()) for _ in range(INSTANCES)]
    publisher, pushed = push(conf, instances, keystone)
    harness.wait_for_empty_backlog(client)
    assert not errors.messages, errors.messages
    check(client, pushed, instances)
    end_instance(publisher, instances[0])
    assert not errors.messages, errors.messages
    ended = client.expect(200, "GET", "/v1/resource/instance/" + instances[0])
    assert ended["ended_at"], ended
    for resource, _ in pushed:
        if resource.startswith(instances[0]) or instances[0] in resource:
            shown = client.expect(200, "GET", "/v1/resource/generic/" + resource)
            assert shown["ended_at"] == ended["ended_at"], shown
    if keystone:
        assert ended["creator"].startswith(keystone.user("ceilometer")["id"] + ":"), ended
    print("%d metrics, %d samples, all there" % (len(pushed), sum(map(len, pushed.values()))))


def run_with_keystone(gnocchi, where, keystone):
    # For others these original ids would name other resources.
    client = cloud.with_token(gnocchi, keystone.token_of("ceilometer")[0])
    with keystone.endpoints(gnocchi.url) as region:
        run(gnocchi, where, KEYSTONE.format(url=keystone.url, region=region), client, keystone)


def main():
    build = sys.argv[1]
    if not os.path.exists("/usr/bin/ceilometer-upgrade"):
        harness.skip("ceilometer-common is not installed")
    cloud.clean_environment()
    keystone = cloud.shared() if sys.argv[2:] == ["keystone"] else None
    with harness.workspace() as where:
        gnocchi = harness.Deployment(build, where, harness.Database("sqlite", where),
                                     auth="keystone" if keystone else "basic",
                                     options=cloud.options(keystone) if keystone else "")
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            gnocchi.start_metricd()
            if keystone:
                run_with_keystone(gnocchi, where, keystone)
            else:
                run(gnocchi, where, BASIC.format(url=gnocchi.url), gnocchi.client(), None)
            gnocchi.stop()
        finally:
            gnocchi.kill()


main()
