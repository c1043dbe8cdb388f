#!/usr/bin/python3
"""Writes the golden files of the time-series engine from what Python Gnocchi computes.

    make_golden.py [DIRECTORY]

Needs Debian's python3-gnocchi. A line is one case, its fields are separated by tabs; lists are
separated by commas, numbers are hexadecimal floats or integers, bytes are hexadecimal.
"""
import os
import random
import sys
import uuid
import warnings

import numpy
numpy.int = int  # gone from numpy, still used by Gnocchi 4.4

from gnocchi import carbonara
from gnocchi import utils

SECOND = 10**9
METRIC = uuid.UUID("5f3d4c2b-1a09-4f8e-8d7c-6b5a49382716")


def ns(time):
    return int(time.astype("M8[ns]").astype(int))


def floats(values):
    return ",".join(float(v).hex() for v in values)


def integers(values):
    return ",".join(str(int(v)) for v in values)


def timestamps(values):
    return numpy.array(values, dtype="M8[ns]")


def span(value_ns):
    return numpy.timedelta64(value_ns, "ns")


def seconds(rng):
    """Nanoseconds and the float of seconds that names hold."""
    samples = [0, 1, 10, 123, 999, 1000, 10**5, 99999, 10**6, 10**8, 123456789, 5 * 10**8, SECOND,
               60 * SECOND, 300 * SECOND, 3600 * SECOND, 86400 * SECOND, 8571428571, 2**53 + 1,
               1420128000 * SECOND, 1700000003600000000, 2**62, 2**63 - 1]
    samples += [rng.randrange(2**rng.randrange(1, 63)) for _ in range(200)]
    for value in samples:
        yield [value, str(utils.timespan_total_seconds(span(value)))]


def names(rng):
    """Start, method, granularity of a split and the names that Ceph and the file driver use."""
    for granularity in [10**6, 10**8, 25 * 10**7, SECOND, 60 * SECOND, 86400 * SECOND, 8571428571]:
        for _ in range(8):
            start = rng.randrange(2**61) // (3600 * granularity) * 3600 * granularity
            method = rng.choice(["mean", "95pct", "rate:mean", "std"])
            key = carbonara.SplitKey(timestamps([start])[0], span(granularity))
            sampling = utils.timespan_total_seconds(key.sampling)
            yield [start, method, granularity,
                   "gnocchi_%s_%s_%s_%s_v3" % (METRIC, key, method, sampling),
                   "%s_%s_v3" % (key, sampling)]


def series_of(rng, n, step):
    times, time = [], rng.choice([0, 1420128000, 1700000000]) * SECOND // step * step
    for _ in range(n):
        time += rng.randrange(1, 3) * step
        times.append(time)
    values = [rng.choice([rng.gauss(0, 100), 0.0, -1.5, 1e300, float("nan")]) for _ in range(n)]
    return times, values


def raw(rng):
    """Times, values, and the raw series object."""
    for n in [1, 2, 3, 10, 60]:
        times, values = series_of(rng, n, rng.choice([1, 1000, SECOND, 60 * SECOND]))
        series = carbonara.BoundTimeSerie.from_data(timestamps(times), values)
        yield [integers(times), floats(values), series.serialize().hex()]


def splits(rng):
    """Granularity, start, times, values, compressed object, offset and bytes of the padded form."""
    for granularity in [10**8, SECOND, 60 * SECOND, 86400 * SECOND]:
        for n in [1, 2, 25]:
            times, values = series_of(rng, n, granularity)
            aggregation = carbonara.Aggregation("mean", span(granularity), None)
            series = carbonara.AggregatedTimeSerie.from_data(
                aggregation, timestamps(times), values)
            key, part = next(iter(series.split()))
            offset, cells = part.serialize(key, compressed=False)
            yield [granularity, ns(key.key), integers(ns(t) for t in part.timestamps),
                   floats(part.values), part.serialize(key)[1].hex(), offset, cells.hex()]


def aggregates(rng):
    """Method, granularity or calendar group, times and values, those of the aggregate."""
    methods = ["mean", "sum", "last", "max", "min", "std", "median", "first", "count", "1pct",
               "50pct", "95pct", "99pct", "rate:mean", "rate:max", "rate:std", "rate:20pct"]
    for method in methods:
        for by in [60 * SECOND, 7 * SECOND, "Y", "H", "Q", "M", "W"]:
            calendar = isinstance(by, str)
            if calendar and (method.startswith("rate:") or method.endswith("pct")):
                continue
            times, values = series_of(rng, 16, 40 * 86400 * SECOND if calendar else 9 * SECOND)
            series = carbonara.AggregatedTimeSerie.from_data(
                carbonara.Aggregation(method, span(SECOND), None), timestamps(times), values)
            result = series.resample(by if calendar else span(by))
            yield [method, by, integers(times), floats(values),
                   integers(ns(t) for t in result.timestamps), floats(result.values)]


def main():
    warnings.simplefilter("ignore")
    numpy.seterr(all="ignore")
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for make in [seconds, names, raw, splits, aggregates]:
        rng = random.Random(make.__name__)
        with open(os.path.join(directory, make.__name__ + ".tsv"), "w") as out:
            for fields in make(rng):
                out.write("\t".join(str(field) for field in fields) + "\n")


if __name__ == "__main__":
    main()
