"""The part of Python Gnocchi in mysql_takeover_test.cpp.

usage: python_index.py make|check URL

make: gnocchi-upgrade on an empty database, then rows by Python's indexer.
check: what ours has made of them, and what it has added, as Python's indexer sees it.
"""
import datetime
import sys
import tempfile
import uuid
import warnings

warnings.simplefilter("ignore")
import numpy  # noqa: E402
numpy.int = int  # the packaged Gnocchi still uses a name that numpy has dropped

from gnocchi import archive_policy, indexer, service, utils  # noqa: E402
from gnocchi.cli import manage  # noqa: E402

SERVER = uuid.UUID("00000000-0000-0000-0000-000000000001")
PLAIN = uuid.UUID("00000000-0000-0000-0000-000000000002")
OURS = uuid.UUID("00000000-0000-0000-0000-000000000003")
METRIC = uuid.UUID("00000000-0000-0000-0000-00000000000a")
DELETED = uuid.UUID("00000000-0000-0000-0000-00000000000b")
IMAGE = uuid.UUID("11111111-2222-3333-4444-555555555555")


def make(index):
    index.create_archive_policy(archive_policy.ArchivePolicy(
        "mine", 2, [archive_policy.ArchivePolicyItem(0.5, 10),
                    archive_policy.ArchivePolicyItem(60)],
        ["*", "-mean"]))
    index.create_archive_policy_rule("rule", "disk.*", "mine")
    types = index.get_resource_type_schema()
    index.create_resource_type(types.resource_type_from_dict("server", {
        "flavor": {"type": "string", "required": True, "min_length": 0, "max_length": 255},
        "image": {"type": "uuid", "required": False},
        "size": {"type": "number", "required": False, "min": 0, "max": 7.5},
        "flag": {"type": "bool", "required": False},
        "when": {"type": "datetime", "required": False}}, "creating"))
    index.create_resource(
        "server", SERVER, "user:project", user_id="U", started_at=utils.to_datetime(
            "2014-01-01T10:00:00.25"), original_resource_id="web it's 1", flavor="small",
        image=IMAGE, size=0.1, flag=True, when=utils.to_datetime("2015-06-01T00:00:00.000001"),
        metrics={"cpu": {"archive_policy_name": "mine", "unit": "ns"}})
    index.update_resource("server", SERVER, flavor="large", project_id="P")
    index.create_resource("generic", PLAIN, None)
    index.create_metric(METRIC, "user:project", "low", name="loose")
    index.create_metric(DELETED, "user:project", "low")
    index.delete_metric(DELETED)


def check(index):
    with index.facade.independent_reader() as session:
        assert list(session.execute("SELECT version_num FROM alembic_version")) == [
            ("f89ed2e3c2ec",)]
    ours = index.get_archive_policy("ours")
    assert ours.back_window == 1 and ours.aggregation_methods == {"mean", "95pct"}
    assert [(item.granularity, item.points, item.timespan) for item in ours.definition] == [
        (numpy.timedelta64(300, "s"), 12, numpy.timedelta64(3600, "s")),
        (numpy.timedelta64(3600, "s"), None, None)]
    assert index.get_archive_policy_rule("ours")["metric_pattern"] == "*.x"

    server = index.get_resource_type("server")
    assert server.state == "active"
    assert {a.name for a in server.attributes} == {"flavor", "image", "size", "when", "rack"}
    rows = index.list_resources("server", history=True, attribute_filter={"=": {"id": SERVER}},
                                sorts=["revision_start:asc"])
    assert [(r.flavor, r.rack, r.size) for r in rows] == [
        ("small", "r'1", 0.1), ("large", "r'1", 0.1), ("huge", "r'1", 0.30000000000000004)], rows
    assert [r.revision for r in rows][-1] == -1
    assert rows[0].revision_end == rows[1].revision_start

    new = index.get_resource("ours", OURS, with_metrics=True)
    assert new.creator == "u:p" and new.original_resource_id == "x" * 280
    assert new.started_at == utils.datetime_utc(2020, 1, 1, 0, 0, 0, 5), new.started_at
    assert new.ended_at is None and new.host == "caf\u00e9" and new.id2 == IMAGE
    assert {m.name: m.unit for m in new.metrics} == {"a": "s", "b": None}
    types = index.get_resource_type("ours").attributes.jsonify()
    assert types["number"] == {"type": "number", "required": False, "min": -1, "max": None}
    assert index.list_metrics(attribute_filter={"=": {"id": METRIC}})[0].resource_id == PLAIN
    assert not index.list_metrics(status="delete")

    # And Python goes on with it, as during a rolling change.
    metric = index.create_metric(uuid.uuid4(), "u:p", "ours", name="c", resource_id=OURS)
    assert index.update_resource("ours", OURS, host="new").host == "new"
    index.delete_metric(metric.id)
    index.delete_resource(OURS)
    index.delete_resource_type("ours")
    later = datetime.timedelta(days=1)
    assert index.create_resource("server", uuid.uuid4(), "u:p", flavor="f", rack="r",
                                 ended_at=utils.utcnow() + later)


def main():
    command, url = sys.argv[1:]
    with tempfile.TemporaryDirectory() as where:
        conf = where + "/gnocchi.conf"
        with open(conf, "w") as out:
            out.write("[indexer]\nurl = %s\n[storage]\ndriver = file\nfile_basepath = %s\n"
                      % (url.replace("%", "%%"), where))
        if command == "make":
            sys.argv = ["gnocchi-upgrade", "--config-file", conf]
            manage.upgrade()
        index = indexer.get_driver(service.prepare_service([], default_config_files=[conf]))
        {"make": make, "check": check}[command](index)


main()
