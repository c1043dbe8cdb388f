"""Compares two answers to one request.

What servers make up by themselves may differ and is mapped instead: ids of metrics (one to one,
over the whole replay), moments of now (by their order within an answer), the address. Everything
else has to be equal: status, the headers that clients read, every value and its JSON type.
"""
import datetime
import json
import math
import re

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00)?$")
ADDRESS = re.compile(r"(http://)?(127\.0\.0\.1|localhost):\d+")
HEADERS = ("Content-Type", "Location", "Link", "Allow", "WWW-Authenticate", "Retry-After")
# Sent by both or by none; their values cannot be equal.
PRESENT = ("ETag", "Last-Modified")


class Differs(Exception):
    def __init__(self, where, python, ours):
        super().__init__("%s: python %s, ours %s" % (where, show(python), show(ours)))
        self.where, self.python, self.ours = where, python, ours


def show(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 600 else text[:600] + "..."


class Names:
    """Which id of Python's is which of ours."""

    def __init__(self):
        self.ours, self.python = {}, {}

    def copy(self):
        other = Names()
        other.ours, other.python = dict(self.ours), dict(self.python)
        return other

    def take(self, other):
        self.ours, self.python = other.ours, other.python

    def same(self, python, ours):
        if python in self.ours or ours in self.python:
            return self.ours.get(python) == ours
        self.ours[python], self.python[ours] = ours, python
        return True


class Comparison:
    """`tolerance` is relative, for numbers; 0 means to the bit."""

    def __init__(self, names, step, tokens, tolerance=0.0):
        self.names, self.step, self.tolerance = names, step, tolerance
        self.token = tokens

    def answers(self, python, ours):
        """Raises Differs."""
        if python.status != ours.status:
            raise Differs("status", [python.status, self.text(python.body)],
                          [ours.status, self.text(ours.body)])
        for name in HEADERS:
            self.header(name, python.headers.get(name), ours.headers.get(name))
        for name in PRESENT:
            if bool(python.headers.get(name)) != bool(ours.headers.get(name)):
                raise Differs("header " + name, python.headers.get(name), ours.headers.get(name))
        a, b = python.json, ours.json
        if a is None or b is None:
            self.same("body", self.text(python.body), self.text(ours.body))
            return
        now = datetime.datetime.utcnow()
        self.same("body", ranked(self.clean(a), now), ranked(self.clean(b), now))

    def header(self, name, python, ours):
        if (python is None) != (ours is None):
            raise Differs("header " + name, python, ours)
        if python is None:
            return
        if name == "Allow":
            python, ours = [sorted(re.split(r",\s*", v)) for v in (python, ours)]
        if name == "Link" and self.step.get("unordered"):
            return
        if isinstance(python, str):
            python, ours = self.text(python), self.text(ours)
        if name == "Link":  # the number of a revision is each server's own
            python, ours = [re.sub(r"%40\d+", "%40N", v) for v in (python, ours)]
        self.same("header " + name, python, ours)

    def text(self, text):
        return ADDRESS.sub("HOST", text).replace(self.token, "NS")

    def clean(self, value):
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.clean(v) for v in value]
        if isinstance(value, dict):
            return {self.text(k): sorted(v) if k == "aggregation_methods" and
                    all(isinstance(m, str) for m in v) else self.clean(v)
                    for k, v in value.items()}
        return value

    def same(self, where, python, ours):
        if isinstance(python, str) and isinstance(ours, str):
            return self.same_text(where, python, ours)
        if isinstance(python, (int, float)) and not isinstance(python, bool):
            return self.same_number(where, python, ours)
        if type(python) is not type(ours):
            raise Differs(where, python, ours)
        if isinstance(python, dict):
            return self.same_dict(where, python, ours)
        if isinstance(python, list):
            return self.same_list(where, python, ours)
        if python != ours:
            raise Differs(where, python, ours)

    def same_text(self, where, python, ours):
        if python == ours:
            return
        if UUID.sub("UUID", python) != UUID.sub("UUID", ours):
            raise Differs(where, python, ours)
        for a, b in zip(UUID.findall(python), UUID.findall(ours)):
            if not self.names.same(a, b):
                raise Differs(where, python, ours)

    def same_number(self, where, python, ours):
        # A resource's number Python answers as it was sent, and as 3.0 for 3 ever after; we at once.
        as_sent = self.step["method"] in ("POST", "PATCH") and "/v1/resource/" in self.step["path"]
        if type(python) is not type(ours) and not (
                as_sent and isinstance(python, int) and isinstance(ours, float)):
            raise Differs(where, python, ours)
        if python == ours or (python != python and ours != ours):
            return
        if math.isfinite(python) and math.isfinite(ours) and \
                abs(python - ours) <= self.tolerance * max(abs(python), abs(ours)):
            return
        raise Differs(where, python, ours)

    def same_dict(self, where, python, ours):
        keys = {self.names.ours.get(k, k): k for k in python}
        if set(keys) != set(ours):
            raise Differs(where + " keys", sorted(python), sorted(ours))
        for key in sorted(keys):
            self.same("%s.%s" % (where, key), python[keys[key]], ours[key])

    def same_list(self, where, python, ours):
        if len(python) != len(ours):
            raise Differs(where + " length %d, %d" % (len(python), len(ours)), python, ours)
        before = self.names.copy()
        try:
            for i, (a, b) in enumerate(zip(python, ours)):
                self.same("%s[%d]" % (where, i), a, b)
        except Differs:
            a_set = where.endswith(("references", "description.detail")) or (
                self.step.get("unordered") and where in ("body", "body.items"))
            if not a_set:
                raise
            self.names.take(before)
            self.same_set(where, python, ours)

    def same_set(self, where, python, ours):
        """As lists in any order. Each of Python's takes the first of ours that equals it."""
        left = list(ours)
        for item in python:
            for candidate in left:
                names = self.names.copy()
                trial = Comparison(names, self.step, self.token, self.tolerance)
                try:
                    trial.same(where, item, candidate)
                except Differs:
                    continue
                self.names.take(names)
                left.remove(candidate)
                break
            else:
                raise Differs(where + " as a set", item, left)


def ranked(value, now):
    """`value` with moments of about now replaced by their order among each other.

    Python asks the clock twice for a new resource: started_at is not quite revision_start.
    """
    found = set()

    def about_now(text):
        if not MOMENT.match(text):
            return False
        try:
            moment = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
        except ValueError:
            return False
        return abs(moment - now) < datetime.timedelta(days=2)

    def collect(v):
        if isinstance(v, str):
            if about_now(v):
                found.add(v)
        elif isinstance(v, list):
            for one in v:
                collect(one)
        elif isinstance(v, dict):
            for key, one in v.items():
                if key != "started_at":
                    collect(one)

    collect(value)
    rank = {text: "moment %d" % i for i, text in enumerate(sorted(found))}

    def replace(v):
        if isinstance(v, str):
            return rank.get(v, v)
        if isinstance(v, list):
            return [replace(one) for one in v]
        if isinstance(v, dict):
            return {k: "about now" if k == "started_at" and isinstance(one, str) and about_now(one)
                    else replace(one) for k, one in v.items()}
        return v

    return replace(value)
