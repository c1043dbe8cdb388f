#!/usr/bin/python3
"""Compares our engine with Python Gnocchi's on random series, byte for byte.

    oracle_test.py ENGINE [CASES [SEED]]

ENGINE is the program oracle_engine. Exits 77 if Python Gnocchi is not installed, 1 on the first
differences. The seed is printed: give it to repeat a run.
"""
import random
import struct
import subprocess
import sys
import warnings

try:
    import numpy
    numpy.int = int  # gone from numpy, still used by Gnocchi 4.4
    from gnocchi import carbonara
    from gnocchi import storage
except ImportError as error:
    print("SKIPPED: Python Gnocchi is needed as the oracle (apt install python3-gnocchi): %s" % error)
    sys.exit(77)

SECOND = 10**9
NAN_BITS = struct.unpack("<Q", struct.pack("<d", float("nan")))[0]
SIMPLE = ["mean", "sum", "last", "max", "min", "std", "median", "first", "count"]
PERCENTILES = ["%dpct" % n for n in range(1, 100)]
# Multiples of them are doubles until 2043; of 0.25 s, say, they are not, and Gnocchi's results are
# then wrong by its own reading.
GRANULARITIES = [SECOND // 10, SECOND // 5, SECOND // 2, SECOND, 5 * SECOND, 7 * SECOND,
                 60 * SECOND, 300 * SECOND, 3600 * SECOND, 86400 * SECOND]


class MemoryStorage(storage.StorageDriver):
    """Python Gnocchi's logic over dictionaries, for one metric."""

    MAP_METHOD = staticmethod(lambda fn, items: [fn(*args) for args in items])

    def __init__(self, write_full):
        super(MemoryStorage, self).__init__(None)
        self.WRITE_FULL = write_full
        self.raw = None
        self.splits = {}

    @staticmethod
    def _name(key, aggregation):
        return (aggregation.method, int(aggregation.granularity.astype("m8[ns]").astype(int)),
                int(key.key.astype("M8[ns]").astype(int)))

    def _get_or_create_unaggregated_timeseries_unbatched(self, metric, version=3):
        return self.raw

    def _store_unaggregated_timeseries_unbatched(self, metric, data, version=3):
        self.raw = data

    def _get_splits_unbatched(self, metric, key, aggregation, version=3):
        return self.splits.get(self._name(key, aggregation))

    def _store_metric_splits_unbatched(self, metric, key, aggregation, data, offset, version=3):
        name = self._name(key, aggregation)
        if offset is None:
            self.splits[name] = data
            return
        old = self.splits.get(name, b"").ljust(offset, b"\0")
        self.splits[name] = old[:offset] + data + old[offset + len(data):]

    def _list_split_keys_unbatched(self, metric, aggregations, version=3):
        keys = {}
        for method, granularity, start in self.splits:
            for aggregation in aggregations:
                if (aggregation.method == method and
                        aggregation.granularity == numpy.timedelta64(granularity, "ns")):
                    keys.setdefault(aggregation, set()).add(carbonara.SplitKey(
                        numpy.datetime64(start, "ns"), aggregation.granularity))
        return keys

    def _delete_metric_splits_unbatched(self, metric, key, aggregation, version=3):
        del self.splits[self._name(key, aggregation)]


class Policy(object):
    """The part of an archive policy that the storage uses, with methods in a fixed order.

    Gnocchi keeps the methods in a set, so its order is random; and the last method decides which
    splits of a granularity are too old. With those last that have a value in every group this is
    what the newest point decides.
    """

    def __init__(self, definition, methods, back_window):
        sparse = {"rate:std": 0, "std": 1}
        self.aggregation_methods = sorted(
            methods, key=lambda m: sparse.get(m, 2 if m.startswith("rate:") else 3))
        self.back_window = back_window
        self.definition = sorted(definition)
        self.max_block_size = numpy.timedelta64(self.definition[-1][0], "ns")
        self.aggregations = [
            carbonara.Aggregation(method, numpy.timedelta64(granularity, "ns"),
                                  None if timespan is None else numpy.timedelta64(timespan, "ns"))
            for granularity, timespan in self.definition for method in self.aggregation_methods]


class Metric(object):
    id = "case"

    def __init__(self, policy):
        self.archive_policy = policy


def text(value):
    return struct.pack("<B", len(value)) + value.encode()


def random_methods(rng):
    methods = rng.sample(SIMPLE, rng.randint(1, len(SIMPLE))) + rng.sample(PERCENTILES, rng.randint(0, 3))
    if rng.random() < 0.5:
        methods += ["rate:" + m for m in rng.sample(SIMPLE + PERCENTILES[::10], rng.randint(1, 5))]
    return methods


def random_values(rng, n):
    kind = rng.randrange(7)
    if kind == 0:
        return [float(rng.randint(-5, 5) or 1) for _ in range(n)]
    if kind == 1:
        return [rng.gauss(0, 1e3) for _ in range(n)]
    if kind == 2:
        return [rng.uniform(-1, 1) * 10.0**rng.randint(-320, 308) for _ in range(n)]
    if kind == 3:
        return [rng.choice([1.5, 2.5, float("nan"), float("inf"), float("-inf")]) for _ in range(n)]
    if kind == 4:
        return [rng.choice([rng.random(), float("nan")]) for _ in range(n)]
    if kind == 5:
        return [42.0] * n
    return [float(i * i) for i in range(n)]


def away_from_borders(time, granularities):
    """Gnocchi divides in doubles: just before a border it may lose a point. Ours does not."""
    for granularity in granularities:
        if granularity - time % granularity < 1000:
            time += 2000
    return time


def random_passes(rng, granularities):
    span = rng.choice(granularities) * rng.choice([1, 10, 100, 1000, 4000])
    now = rng.choice([1.3e18, 1.7e18, 1.9e18, 4e15])
    now = int(now) + rng.randint(0, 10**15)
    passes = []
    for _ in range(rng.randint(1, 6)):
        n = rng.choice([1, 1, 2, 5, rng.randint(1, 30), rng.randint(1, 300)])
        kind = rng.randrange(4)
        if kind == 0:  # regular
            step = max(1, span // n)
            times = [now + i * step for i in range(n)]
        elif kind == 1:  # whole seconds, duplicates likely
            times = [(now + rng.randint(0, span)) // SECOND * SECOND for _ in range(n)]
        elif kind == 2:  # reaching back, much of it too old
            times = [now - rng.randint(0, 3 * span) for _ in range(n)]
        else:
            times = sorted(now + rng.randint(0, span) for _ in range(n))
        times = [away_from_borders(max(t, 10**15), granularities) for t in times]
        passes.append(list(zip(times, random_values(rng, n))))
        now = min(max(times) + rng.choice([0, 1, span // 10, span, 5 * span]), 19 * 10**17)
    return passes


def pass_case(rng):
    granularities = rng.sample(GRANULARITIES, rng.randint(1, 3))
    definition = [(g, None if rng.random() < 0.3 else g * rng.choice([1, 10, 100, 3600, 9000]))
                  for g in granularities]
    back_window = rng.choice([0, 0, 1, 2, 3])
    methods = random_methods(rng)
    write_full = rng.random() < 0.5
    passes = random_passes(rng, granularities)

    question = b"P" + struct.pack("<BII", not write_full, back_window, len(definition))
    for granularity, timespan in definition:
        question += struct.pack("<qq", granularity, -1 if timespan is None else timespan)
    question += struct.pack("<I", len(methods)) + b"".join(text(m) for m in methods)
    question += struct.pack("<I", len(passes))
    for measures in passes:
        question += struct.pack("<I", len(measures))
        question += b"".join(struct.pack("<qd", t, v) for t, v in measures)

    driver = MemoryStorage(write_full)
    metric = Metric(Policy(definition, methods, back_window))
    expected = []
    for measures in passes:
        # Of equal times in one pass Gnocchi takes the least value, we the one that came last.
        latest = dict(measures)
        driver.add_measures_to_metrics({metric: numpy.array(
            list(latest.items()), dtype=carbonara.TIMESERIES_ARRAY_DTYPE)})
        expected.append((driver.raw, dict(driver.splits)))
    described = "write_full=%s back_window=%d definition=%s methods=%s passes=%s" % (
        write_full, back_window, definition, methods, [len(p) for p in passes])
    return question, expected, described


def resample_case(rng):
    method = rng.choice(SIMPLE + PERCENTILES)
    by = rng.choice(["", "", "", "Y", "H", "Q", "M", "W"])
    granularity = rng.choice(GRANULARITIES)
    n = rng.randint(1, 200)
    first = int(rng.choice([1.3e18, 1.7e18, 1.0e18, 0]))
    span = granularity * rng.choice([1, 10, 1000]) if not by else 10**9 * 86400 * 1000
    times = sorted(set(first + rng.randint(0, span) for _ in range(n)))
    if rng.random() < 0.5:  # close to the borders of groups, where doubles matter
        times = sorted(set(t - t % granularity + rng.randint(-300, 300) for t in times))
        times = [t for t in times if t >= 0] or [0]
    values = random_values(rng, len(times))
    if not by and rng.random() < 0.3:
        method = "rate:" + method
    question = b"R" + text(method) + text(by) + struct.pack("<qI", granularity, len(times))
    question += b"".join(struct.pack("<qd", t, v) for t, v in zip(times, values))

    series = carbonara.AggregatedTimeSerie.from_data(
        carbonara.Aggregation(method, numpy.timedelta64(granularity, "ns"), None),
        numpy.array(times, dtype="M8[ns]"), values)
    result = series.resample(by or numpy.timedelta64(granularity, "ns"))
    expected = (result.timestamps.astype("M8[ns]").astype(int).tolist(),
                one_nan(result.values).tobytes())
    return question, expected, "resample method=%s by=%s granularity=%d times=%s values=%s" % (
        method, by, granularity, times[:20], values[:20])


class Answer(object):
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        part = self.data[self.at:self.at + size]
        if len(part) != size:
            raise EOFError("the engine's answer ends early")
        self.at += size
        return part

    def number(self, layout):
        return struct.unpack("<" + layout, self.take(struct.calcsize(layout)))[0]

    def text(self):
        return self.take(self.number("I"))

    def objects(self):
        raw = self.text()
        splits = {}
        for _ in range(self.number("I")):
            name = (self.text().decode(), self.number("q"), self.number("q"))
            splits[name] = self.text()
        return raw, splits

    def series(self):
        n = self.number("I")
        times = list(struct.unpack("<%dq" % n, self.take(8 * n)))
        return times, one_nan(numpy.frombuffer(self.take(8 * n), dtype="<d")).tobytes()


def one_nan(values):
    """Which of several NaNs a sum or an unstable sort comes to is the compiler's choice."""
    return numpy.where(numpy.isnan(values), numpy.nan, values)


def points(name, data):
    aggregation = carbonara.Aggregation(name[0], numpy.timedelta64(name[1], "ns"), None)
    key = carbonara.SplitKey(numpy.datetime64(name[2], "ns"), aggregation.granularity)
    series = carbonara.AggregatedTimeSerie.unserialize(data, key, aggregation)
    return dict(zip(series.timestamps.astype(int).tolist(),
                    one_nan(series.values).view("u8").tolist()))


def object_differences(ours, theirs):
    if ours[0] != theirs[0]:
        yield "raw: ours %s\n     theirs %s" % (ours[0].hex()[:400], theirs[0].hex()[:400])
    for name in sorted(set(ours[1]) | set(theirs[1])):
        mine, other = ours[1].get(name), theirs[1].get(name)
        if mine == other:
            continue
        if mine is None or other is None:
            yield "%s: only %s has it" % (name, "theirs" if mine is None else "ours")
            continue
        a, b = points(name, mine), points(name, other)
        if a == b and mine[:1] == other[:1] and NAN_BITS in a.values():
            continue
        different = [(t, hex(a.get(t, 0)), hex(b.get(t, 0)))
                     for t in sorted(set(a) | set(b)) if a.get(t) != b.get(t)]
        yield "%s: %d bytes, theirs %d (%r, %r); points (ours, theirs): %s" % (
            name, len(mine), len(other), mine[:1], other[:1], different[:5])


def main():
    engine = sys.argv[1]
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    print("oracle_test: %d cases, seed %d" % (cases, seed), flush=True)
    warnings.simplefilter("ignore")
    numpy.seterr(all="ignore")
    questions, answers = [], []
    for number in range(cases):
        rng = random.Random("%d %d" % (seed, number))
        make = resample_case if number % 3 == 2 else pass_case
        question, expected, described = make(rng)
        questions.append(question)
        answers.append((number, make, expected, described))
    engine_run = subprocess.run([engine], input=b"".join(questions), stdout=subprocess.PIPE,
                                check=True)
    answer = Answer(engine_run.stdout)
    failed = compared = 0
    for number, make, expected, described in answers:
        if make is resample_case:
            ours = answer.series()
            differences = [] if ours == expected else ["ours   %s %s\ntheirs %s %s" % (
                ours[0][:9], ours[1][:72].hex(), expected[0][:9], expected[1][:72].hex())]
            compared += 1
        else:
            differences = []
            for pass_number, theirs in enumerate(expected):
                ours = answer.objects()
                compared += 1 + len(theirs[1])
                differences += ["pass %d: %s" % (pass_number, d)
                                for d in object_differences(ours, theirs)]
        if differences:
            failed += 1
            if failed <= 5:
                print("case %d: %s\n  %s" % (number, described, "\n  ".join(differences[:5])))
    if answer.at != len(answer.data):
        print("the engine said more than it was asked")
        failed += 1
    print("%d objects compared, %d of %d cases differ" % (compared, failed, cases))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
