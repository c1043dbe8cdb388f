"""The measures that every system gets, and what they must come to."""

BASE = 1700006400  # a midnight, in whole seconds since the epoch


def value(series, point):
    """Of the series with this number; three digits and an eighth, so that sums are exact."""
    return ((series * 31 + point) * 7919 % 1000) / 8


def values(series, count):
    return [value(series, point) for point in range(count)]


def mean(series, point):
    """Over all of these numbers of series."""
    return sum(value(s, point) for s in series) / len(series)


def times(start, count, step):
    """As text; `start` and `step` in seconds."""
    return ["%d" % (BASE + start + i * step) for i in range(count)]


def moving_times(count, step):
    """Marks that the client replaces by times that go on with each round (load.Moving)."""
    return [mark(i * step) for i in range(count)]


def mark(offset):
    assert offset < 10 ** 7, offset
    return "@%07d@" % offset
