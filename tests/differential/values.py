"""Random values, good ones and bad ones."""
import random

WRONG = [None, True, False, 0, -1, 1.5, "", "x", [], {}, ["a"], {"a": 1}, "é", "1", "None", [None]]
WORDS = ["web", "db", "é-umlaut", "a b", "50%", "under_score", "quo'te", 'dou"ble', "x", "", "Web",
         "café ☕", "a\\b", "null", "true", "12", "back`tick", "semi;colon"]
GRANULARITIES = ["1s", "60s", "1 minute", 60, 300, "5 minutes", "1h", 3600, "1 day", 0.5, "300",
                 "0:05:00", "1:00:00", "2m30s", 1, 10, "7 days"]
BAD_GRANULARITIES = [0, -60, "x", "", None, "-1s", [], 1e-10, "1 fortnight", True, {}]
METHODS = ["mean", "min", "max", "sum", "std", "count", "first", "last", "median", "rate:mean",
           "rate:last", "95pct", "5pct", "rate:max"]
BASE = 1700000000  # 2023-11-14T22:13:20Z
MOMENTS = ["2023-11-14T22:13:20", "2023-11-14 22:13:20", "2023-11-14T22:13:20.5",
           "2023-11-14T22:13:20.123456", "2023-11-14T22:13:20.123456789", "2023-11-14",
           "2023-11-14T22:13", "2023-11", "2023", "1999-12-31T23:59:59", "2100-02-28T12:00:00"]
UUIDS = ["6868da77-fa82-4e67-aba9-270c5ae8cbca", "f93450f2-d8a5-4d67-9985-02511241e7d1",
         "3f9b1d0e-8a5c-4f5e-9a0c-1de4a0e6b111"]


class Dice(random.Random):
    """Chance, and how many faults it makes: 0 none, 1 many."""
    faults = 1.0

    def faulty(self, chance):
        return self.random() < chance * self.faults


def one_of(rng, *choices):
    """One of (weight, value) pairs; a callable value is called."""
    total = sum(weight for weight, _ in choices)
    at = rng.uniform(0, total)
    for weight, value in choices:
        at -= weight
        if at <= 0:
            break
    return value() if callable(value) else value


def wrong(rng, value, chance=0.04):
    """Mostly `value`."""
    return rng.choice(WRONG) if rng.faulty(chance) else value


def spoil(rng, body, chance=0.12):
    """Mostly `body`; else with a member too few, too many, or of a wrong type."""
    if not isinstance(body, dict) or not rng.faulty(chance):
        return body
    body = dict(body)
    how = rng.randrange(3)
    if how == 0 and body:
        body.pop(rng.choice(sorted(body)))
    elif how == 1:
        body[rng.choice(["nosuch", "id", "name", "metrics", "type", "é"])] = rng.choice(WRONG)
    elif body:
        body[rng.choice(sorted(body))] = rng.choice(WRONG)
    return body


def moment(rng, bad=0.05):
    """A point in time, in any of the forms that Gnocchi reads."""
    seconds = BASE + rng.randrange(-100000, 100000)
    if rng.faulty(bad):
        return rng.choice(["x", "", None, -5, "2023-13-01", "2023-01-01T25:00:00", [], True, {},
                           "1969-12-31T00:00:00", "12 parsecs", "2023-01-01T00:00:00+99"])
    return rng.choice([seconds, seconds + 0.25, str(seconds), rng.choice(MOMENTS),
                       iso(seconds), iso(seconds) + ".%06d" % rng.randrange(10**6)])


def iso(seconds):
    import datetime
    return datetime.datetime.utcfromtimestamp(seconds).strftime("%Y-%m-%dT%H:%M:%S")


def number(rng):
    return rng.choice([rng.uniform(-1e3, 1e3), rng.randint(-5, 5), rng.gauss(0, 1e-6), 0.1, 0,
                       1e15, 123456789.123456789, rng.randint(0, 10**6)])


def measures(rng, bad=0.06):
    """A list as for POST measures: one form of time in all of it, as Python wants.

    No time comes twice: Python then takes the least value, we the last.
    """
    form = rng.choice(["unix", "float", "iso", "isoz", "fraction", "text"])
    count = rng.choice([1, 1, 2, 3, 8, 20])
    step = rng.choice([0.5, 1, 7, 60, 301, 4000] if form == "float" else [1, 7, 60, 301, 4000])
    start = BASE + rng.randrange(-5000, 5000)
    found = []
    for i in range(count):
        at = start + i * step
        time = {"unix": int(at), "float": at + 0.125, "iso": iso(at), "isoz": iso(at) + "+00:00",
                "fraction": iso(at) + ".%03d" % rng.randrange(1000),
                "text": str(int(at))}[form]
        value = number(rng)
        if rng.faulty(0.02):
            value = rng.choice(["3.5", True, "1e3", float("nan"), " 7 "])
        found.append({"timestamp": time, "value": value})
    if rng.faulty(bad):
        at = rng.randrange(len(found))
        found[at] = rng.choice([
            {"timestamp": found[at]["timestamp"]}, {"value": 1}, {}, None, "x", 7, [],
            {"timestamp": "x", "value": 1}, {"timestamp": found[at]["timestamp"], "value": "x"},
            {"timestamp": found[at]["timestamp"], "value": None},
            {"timestamp": None, "value": 1}, {"timestamp": -1, "value": 1},
            {"timestamp": found[at]["timestamp"], "value": 1, "more": 2},
            {"timestamp": "1960-01-01T00:00:00", "value": 1}])
    return found
