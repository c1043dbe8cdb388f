"""Python Gnocchi's ceph drivers on the pool that the test has in hand.

python_exchange.py STEP ORIGINAL COPY PENDING (ids of metrics); exit status 77: Python Gnocchi or
python3-rados is not installed.
"""
import os
import sys
import types
import uuid

try:
    import numpy
    import rados
    numpy.int = int  # numpy 1.24 has dropped it, Gnocchi 4.4.2 uses it
    from gnocchi import archive_policy
    from gnocchi import carbonara
    from gnocchi import incoming as incoming_base
    from gnocchi import indexer
    from gnocchi.incoming import ceph as incoming_ceph
    from gnocchi.storage import ceph as storage_ceph
except ImportError as error:
    print(error)
    sys.exit(77)

METHODS = ["mean", "max", "std", "rate:mean", "count"]
START = numpy.datetime64("2026-01-31T12:00:00", "ns")
SECOND = numpy.timedelta64(1, "s")

step = sys.argv[1]
ORIGINAL, COPY, PENDING = map(uuid.UUID, sys.argv[2:])
conf = types.SimpleNamespace(
    ceph_pool="gnocchi", ceph_username="gnocchi", ceph_secret=None, ceph_timeout="30",
    ceph_keyring=os.environ["GNOCCHI_TEST_CEPH_KEYRING"],
    ceph_conffile=os.environ["GNOCCHI_TEST_CEPH_CONF"])
storage = storage_ceph.CephStorage(conf)
incoming = incoming_ceph.CephStorage(conf)
policy = archive_policy.ArchivePolicy(
    "p", 0, [archive_policy.ArchivePolicyItem(numpy.timedelta64(60, "s"), 1000),
             archive_policy.ArchivePolicyItem(numpy.timedelta64(100, "ms"), 20000)], METHODS)


def metric(metric_id):
    return indexer.Metric(metric_id, policy)


def add(metric_id, points):
    measures = numpy.array([(START + at * SECOND, value) for at, value in points],
                           dtype=carbonara.TIMESERIES_ARRAY_DTYPE)
    storage.add_measures_to_metrics({metric(metric_id): measures})


def aggregates(metric_id):
    wanted = [carbonara.Aggregation(method, item.granularity, None)
              for method in METHODS for item in policy.definition]
    found = storage.get_aggregated_measures({metric(metric_id): wanted})
    (series_of,) = found.values()
    return {(a.method, str(a.granularity)): list(map(str, series))
            for a, series in series_of.items()}


def stored(metric_id):
    """Every object of a metric with its bytes, and the omap of the raw one; ids taken out."""
    raw = "gnocchi_%s_none_v3" % metric_id
    with rados.ReadOpCtx() as op:
        entries, _ = storage.ioctx.get_omap_vals(op, "", "", -1)
        storage.ioctx.operate_read_op(op, raw)
        listed = dict(entries)
    def generic(name):
        return name.replace(str(metric_id), "ID")
    objects = {generic(name): storage._get_object_content(name) for name in [raw] + list(listed)}
    return objects, {generic(name): value for name, value in listed.items()}


def make():
    incoming.upgrade(16)
    add(ORIGINAL, [(0, 1.5)])
    # the first split is closed and compressed, the second open and padded
    add(ORIGINAL, [(90, 2.5), (300, 4.0), (500, -1.0)])
    incoming.add_measures(PENDING, [incoming_base.Measure(START, 43.0),
                                    incoming_base.Measure(START + SECOND, 44.0)])


def go_on():
    """The copy that was made through the other driver is the original and behaves like it."""
    (original, original_list), (copy, copy_list) = stored(ORIGINAL), stored(COPY)
    assert len(original) >= 8, list(original)
    kinds = {data[:1] for name, data in original.items() if "none" not in name}
    assert b"c" in kinds and kinds & {b"\0", b"\1"}, kinds
    assert original == copy, (set(original) ^ set(copy),
                              [n for n in original if original[n] != copy.get(n)])
    assert original_list == copy_list, (original_list, copy_list)
    points = [(501, 2.5), (570, 4.0), (900, -1.0)]
    add(ORIGINAL, points)
    add(COPY, points)
    wanted, found = aggregates(ORIGINAL), aggregates(COPY)
    assert sum(map(len, wanted.values())) >= 20, wanted
    assert wanted == found, (wanted, found)
    assert stored(ORIGINAL) == stored(COPY)

    assert incoming.has_unprocessed(PENDING)
    with incoming.process_measures_for_sack(incoming.sack_for_metric(PENDING)) as batch:
        assert [v for _, v in batch[PENDING]] == [45.0, 46.0], batch
    assert not incoming.has_unprocessed(PENDING)
    incoming.add_measures(PENDING, [incoming_base.Measure(START, 47.0)])


{"make": make, "go_on": go_on}[step]()
storage_ceph.ceph.close_rados_connection(storage.rados, storage.ioctx)
storage_ceph.ceph.close_rados_connection(incoming.rados, incoming.ioctx)
