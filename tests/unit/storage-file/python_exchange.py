"""Python Gnocchi's file drivers on the store that the test has in hand.

python_exchange.py STEP BASEPATH; exit status 77: Python Gnocchi is not installed.
"""
import sys
import types
import uuid

try:
    import numpy
    from gnocchi import archive_policy
    from gnocchi import carbonara
    from gnocchi import incoming as incoming_base
    from gnocchi import indexer
    from gnocchi import utils
    from gnocchi.incoming import file as incoming_file
    from gnocchi.storage import file as storage_file
except ImportError as error:
    print(error)
    sys.exit(77)

ORIGINAL = uuid.UUID(int=0x11111111_0000_4000_8000_000000000001)
COPY = uuid.UUID(int=0x22222222_0000_4000_8000_000000000002)
PADDED = uuid.UUID(int=0x33333333_0000_4000_8000_000000000003)
METHODS = ["mean", "max", "std", "rate:mean", "count"]
START = numpy.datetime64("2026-01-31T12:00:00", "ns")
SECOND = numpy.timedelta64(1, "s")

step, basepath = sys.argv[1:]
conf = types.SimpleNamespace(file_basepath=basepath, file_subdir_len=2)
storage = storage_file.FileStorage(conf)
incoming = incoming_file.FileStorage(conf)
policy = archive_policy.ArchivePolicy(
    "p", 0, [archive_policy.ArchivePolicyItem(numpy.timedelta64(60, "s"), 1000),
             archive_policy.ArchivePolicyItem(numpy.timedelta64(100, "ms"), 1000)], METHODS)


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


def make():
    storage.upgrade()
    incoming.upgrade(8)
    add(ORIGINAL, [(0, 1.5)])  # one point: no std, no rate
    incoming.add_measures(ORIGINAL, [incoming_base.Measure(START, 42.0)])
    incoming.add_measures(COPY, [incoming_base.Measure(START, 43.0),
                                 incoming_base.Measure(START + SECOND, 44.0)])


def go_on():
    """The copy that was made through the other driver behaves as the original."""
    assert storage.SUBDIR_LEN == 2
    points = [(1, 2.5), (70, 4.0), (400, -1.0)]
    add(ORIGINAL, points)
    add(COPY, points)
    wanted, found = aggregates(ORIGINAL), aggregates(COPY)
    assert sum(map(len, wanted.values())) >= 20, wanted
    assert wanted == found, (wanted, found)

    aggregation = carbonara.Aggregation("mean", numpy.timedelta64(60, "s"), None)
    padded = metric(PADDED)
    keys = storage._list_split_keys({padded: [aggregation]})[padded][aggregation]
    assert len(keys) == 1, keys
    key, = keys
    data = storage._get_splits_unbatched(padded, key, aggregation)
    series = carbonara.AggregatedTimeSerie.unserialize(data, key, aggregation)
    got = [(int(t - key.key), v) for t, v in series.ts]
    assert got == [(120 * 10**9, 1.25), (240 * 10**9, -7.0)], got

    assert incoming.NUM_SACKS == 8
    assert not incoming.has_unprocessed(COPY)
    incoming.add_measures(COPY, [incoming_base.Measure(START, 45.0)])
    with incoming.process_measures_for_sack(incoming.sack_for_metric(COPY)) as batch:
        assert [v for _, v in batch[COPY]] == [45.0], batch


{"make": make, "go_on": go_on}[step]()
