#!/usr/bin/python3
"""Compares computations across metrics with Python Gnocchi's, on random series and operations.

    oracle_test.py ENGINE [CASES [SEED]]

ENGINE is the program query_oracle_engine. Results must be equal to the bit, but where a function
is the mathematical library's (cos, pow, ...): there to 1e-12. Refusals must be for the same reason.
Exits 77 if Python Gnocchi is not installed, 1 on differences. The seed is printed: give it to
repeat a run.
"""
import random
import struct
import subprocess
import sys
import uuid
import warnings

try:
    import numpy
    numpy.int = int  # gone from numpy, still used by Gnocchi 4.4
    from gnocchi import carbonara
    from gnocchi.rest.aggregates import api
    from gnocchi.rest.aggregates import exceptions
    from gnocchi.rest.aggregates import processor
except ImportError as error:
    print("SKIPPED: Python Gnocchi is needed as the oracle (apt install python3-gnocchi): %s" % error)
    sys.exit(77)

SECOND = 10**9
REDUCTIONS = ["mean", "median", "std", "min", "max", "sum", "var", "count"]
EXACT_UNARY = ["abs", "absolute", "neg", "negative", "floor", "ceil"]
INEXACT_UNARY = ["cos", "sin", "tan"]
EXACT_BINARY = ["+", "add", "-", "sub", "*", "mul", "\u00d7", "/", "div", "\u00f7", "%", "mod",
                "clip_min", "clip_max"]
INEXACT_BINARY = ["**", "^", "pow"]
COMPARISONS = ["=", "==", "eq", "<", "lt", ">", "gt", "<=", "\u2264", "le", ">=", "\u2265", "ge", "!=",
               "\u2260", "ne"]
RESAMPLES = ["mean", "median", "std", "min", "max", "sum", "count", "rate:mean", "rate:sum"]


class Thing(object):
    """A metric, or a resource."""

    def __init__(self, name=None):
        self.id = uuid.uuid4()
        self.name = name


def number(rng):
    return rng.choice(["0", "1", "2.5", "-3", "10", "100", "1e-3"])


def reduction(rng):
    return rng.choice(["", "", "rate:"]) + rng.choice(REDUCTIONS)


def series(rng, names):
    """An operation with a metric in it."""
    return metrics(rng, names) if rng.random() < 0.3 else tree(rng, names)


def metrics(rng, names):
    if rng.random() < 0.5:
        return "(metric %s mean)" % rng.choice(names)
    return "(metric %s)" % " ".join("(%s mean)" % n for n in rng.sample(names, rng.randint(1, len(names))))


def tree(rng, names, depth=0):
    def below():
        return metrics(rng, names) if depth > 3 or rng.random() < 0.4 else tree(rng, names, depth + 1)

    kind = rng.randrange(9)
    if kind == 0:
        return "(%s %s)" % (rng.choice(EXACT_UNARY), below())
    if kind == 1:
        return "(%s %s %s)" % (rng.choice(EXACT_BINARY), below(), number(rng))
    if kind == 2:
        return "(%s %s %s)" % (rng.choice(EXACT_BINARY), number(rng), below())
    if kind == 3:
        return "(%s %s %s)" % (rng.choice(EXACT_BINARY), below(), below())
    if kind == 4:
        return "(rateofchange %s)" % below()
    if kind == 5:
        return "(rolling %s %d %s)" % (reduction(rng), rng.choice([1, 2, 3, 7, 8, 9, 17, 130]), below())
    if kind == 6:
        return "(resample %s %s %s)" % (rng.choice(RESAMPLES), rng.choice(["60", "600", "1h", "7"]), below())
    if kind == 7:
        return "(clip %s -10 %s)" % (below(), number(rng))
    return "(aggregate %s %s)" % (reduction(rng), below())


def operations(rng, names):
    """An operation, and how close results must be."""
    kind = rng.randrange(8)
    if kind == 0:
        return "(%s %s)" % (rng.choice(INEXACT_UNARY), metrics(rng, names)), 1e-12
    if kind == 1:
        return "(%s %s %s)" % (rng.choice(INEXACT_BINARY), metrics(rng, names), number(rng)), 1e-12
    if kind == 2:
        return "(%s %s %s)" % (rng.choice(COMPARISONS), tree(rng, names), number(rng)), 0
    if kind == 3:
        return "(aggregate %s (%s %s %s))" % (rng.choice(["sum", "count", "max"]), rng.choice(COMPARISONS),
                                              metrics(rng, names), number(rng)), 0
    if kind == 4:
        return "(aggregate %s %s)" % (reduction(rng), metrics(rng, names)), 0
    return tree(rng, names), 0


def random_values(rng, n):
    kind = rng.randrange(5)
    if kind == 0:
        return [float(rng.randint(-5, 5)) for _ in range(n)]
    if kind == 1:
        return [rng.gauss(0, 1e3) for _ in range(n)]
    if kind == 2:
        return [rng.uniform(-1, 1) * 10.0**rng.randint(-12, 12) for _ in range(n)]
    if kind == 3:
        return [rng.choice([rng.random(), float("nan")]) for _ in range(n)]
    return [0.1 * i for i in range(n)]


def random_series(rng, granularity):
    """Several series: of the same times, or with gaps, or of times apart."""
    first = rng.randint(1, 10**6) * granularity + 15 * 10**17 // granularity * granularity
    length = rng.choice([0, 1, 1, 2, 5, 20, 150, 300])
    density = rng.choice([1, 1, 0.95, 0.5])
    result = []
    for _ in range(rng.choice([1, 1, 2, 3, 9, 20, 140])):
        shift = 0 if rng.random() < 0.9 else rng.randint(-3, 3)
        times = [first + (i + shift) * granularity for i in range(length) if rng.random() < density]
        result.append((times, random_values(rng, len(times))))
    return first, length, result


def make_case(rng):
    granularity = rng.choice([SECOND, 60 * SECOND, 300 * SECOND])
    first, length, all_series = random_series(rng, granularity)
    names = ["m%d" % i for i in range(min(3, len(all_series)))]
    found_by = [rng.choice(names) for _ in all_series]
    found_by[:len(names)] = names
    text, tolerance = operations(rng, names)
    fill = rng.choice(["", "", "null", "dropna", "0", "-2.5"])
    overlap = rng.choice([100.0, 50.0, 0.0])
    bounds = [rng.choice([-1, first + rng.randint(-5, length + 5) * granularity + rng.choice([0, 0, 1]) *
                          granularity // 2]) for _ in range(2)]

    def bytes_of(value):
        data = value.encode()
        return struct.pack("<I", len(data)) + data

    # The engine is asked for the series that the operations name.
    tree_ = api.OperationsSchema(text)
    used = [reference[0] for reference in api.extract_references(tree_)]
    chosen = [i for i, name in enumerate(found_by) if name in used]
    question = bytes_of(text) + bytes_of(fill) + struct.pack("<dqqqI", overlap, *bounds, granularity,
                                                            len(chosen))
    for i in chosen:
        times, values = all_series[i]
        question += bytes_of(found_by[i]) + struct.pack("<I%dq%dd" % (len(times), len(times)), len(times),
                                                        *times, *values)
    data = []
    for i in chosen:
        times, values = all_series[i]
        reference = processor.MetricReference(Thing("name%d" % i), "mean", Thing(), found_by[i])
        aggregation = carbonara.Aggregation("mean", numpy.timedelta64(granularity, "ns"), None)
        data.append((reference, carbonara.AggregatedTimeSerie.from_data(
            aggregation, numpy.array(times, dtype="M8[ns]"), values)))
    return question, (data, tree_, fill, overlap, bounds), tolerance, text


def python_answer(data, tree_, fill, overlap, bounds):
    """What Python Gnocchi says: ("R", reason), ("A", points), ("S", [points]); None: it fails."""
    start, stop = (None if b < 0 else numpy.datetime64(b, "ns") for b in bounds)
    fill = None if not fill else fill if fill in ("null", "dropna") else float(fill)
    try:
        result = processor.aggregated(data, tree_, start, stop, overlap, fill)
    except exceptions.UnAggregableTimeseries as refused:
        return "R", refused.reason
    except Exception:
        return None

    def points(rows):
        return [(int(t.astype("M8[ns]").astype(int)), float(v)) for t, _, v in rows]

    if "aggregated" in result:
        return "A", points(result["aggregated"])
    return "S", [points(result[str(r.resource.id)][r.metric.name]["mean"]) for r, _ in data]


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

    def numbers(self, layout, count):
        return struct.unpack("<%d%s" % (count, layout), self.take(8 * count))

    def count(self):
        return struct.unpack("<I", self.take(4))[0]

    def next(self, drop):
        kind = self.take(1).decode()
        if kind == "R":
            return kind, self.take(self.count()).decode()
        times = self.numbers("q", self.count())
        columns = [self.numbers("d", len(times)) for _ in range(self.count())]
        columns = [[(t, v) for t, v in zip(times, column) if not drop or numpy.isfinite(v)]
                   for column in columns]
        if kind == "A":
            return kind, columns[0] if columns else []
        return kind, columns


def equal(a, b, tolerance):
    if a != a or b != b:
        return a != a and b != b
    return a == b or (tolerance > 0 and abs(a - b) <= tolerance * max(abs(a), abs(b)))


def same_points(a, b, tolerance):
    return len(a) == len(b) and all(
        x[0] == y[0] and equal(x[1], y[1], tolerance) for x, y in zip(a, b))


def same(ours, theirs, tolerance):
    if ours[0] != theirs[0]:
        return False
    if ours[0] == "R":
        return ours[1].split(" granularity [")[0] == theirs[1].split(" granularity [")[0]
    if ours[0] == "A":
        return same_points(ours[1], theirs[1], tolerance)
    return len(ours[1]) == len(theirs[1]) and all(
        same_points(a, b, tolerance) for a, b in zip(ours[1], theirs[1]))


def main():
    engine = sys.argv[1]
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    print("oracle_test: %d cases, seed %d" % (cases, seed), flush=True)
    warnings.simplefilter("ignore")
    numpy.seterr(all="ignore")
    made = [make_case(random.Random("%d %d" % (seed, n))) for n in range(cases)]
    run = subprocess.run([engine], input=b"".join(case[0] for case in made), stdout=subprocess.PIPE,
                         check=True)
    answer = Answer(run.stdout)
    compared = {"A": 0, "S": 0, "R": 0}
    failed = beyond_python = 0
    for n, (_, asked, tolerance, text) in enumerate(made):
        ours = answer.next(asked[2] == "dropna")
        theirs = python_answer(*asked)
        if theirs is None:
            beyond_python += 1
            continue
        compared[theirs[0]] += 1
        if not same(ours, theirs, tolerance):
            failed += 1
            if failed <= 5:
                print("case %d: %s fill=%r overlap=%s bounds=%s\n  ours   %s\n  theirs %s" % (
                    n, text, asked[2], asked[3], asked[4], str(ours)[:600], str(theirs)[:600]))
    if answer.at != len(answer.data):
        print("the engine said more than it was asked")
        failed += 1
    print("%d aggregated, %d of series, %d refused; %d that Python fails at; %d differ" % (
        compared["A"], compared["S"], compared["R"], beyond_python, failed))
    return 1 if failed or min(compared.values()) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
