"""A scenario: a sequence of some forty requests that build on one another, from a seed.

The generator never sees an answer. It remembers what it asked for and mostly goes on with that.
"""
import values
from aggregates import Aggregates
from archives import Archives
from batches import Batches
from metrics import Metrics
from oddities import Oddities
from resources import Resources
from searches import Searches
from types_ import Types



class Scenario(Archives, Types, Resources, Metrics, Batches, Searches, Oddities,
               Aggregates):
    def __init__(self, seed, length=40):
        self.rng = values.Dice(seed)
        self.rng.faults = self.rng.choice([0, 0, 0.2, 1])
        self.users = ["admin"]
        if self.rng.random() < 0.3:
            self.users = ["admin"] * 3 + ["alice"] * 3 + ["bob"]
        self.steps = []
        self.policies, self.rules, self.types = ["low", "high"], [], {"generic": {}}
        self.resources, self.metrics, self.given, self.grouped = [], [], [], []
        if self.rng.random() < 0.3:
            self.prepare_aggregates()
            while len(self.steps) < length:
                self.aggregate()
            return
        self.prepare()
        while len(self.steps) < length:
            values.one_of(
                self.rng, (8, self.archive_policy), (4, self.archive_policy_rule),
                (8, self.resource_type), (18, self.resource), (10, self.resource_change),
                (14, self.metric), (10, self.post_measures), (10, self.get_measures),
                (7, self.batch), (12, self.search), (8, self.listing), (5 * self.rng.faults, self.oddity))

    def prepare(self):
        """Something to work with, most of the time."""
        self.create_policy(good=True)
        if self.rng.random() < 0.8:
            self.create_type(good=True)
        if self.rng.random() < 0.9:
            self.add("POST", "/v1/archive_policy_rule", {
                "name": "defaultNS", "metric_pattern": "*", "archive_policy_name": "low"},
                user="admin")
        for _ in range(self.rng.randrange(4)):
            self.create_resource()
        for _ in range(self.rng.randrange(1, 4)):
            self.create_metric()

    def add(self, method, path, body=None, **more):
        """Adds a step; its label."""
        step = {"label": len(self.steps), "method": method, "path": path, "body": body}
        user = more.pop("user", None) or self.rng.choice(self.users)
        if user != "admin":
            step["user"] = user
        step.update(more)
        self.steps.append(step)
        return step["label"]

    def word(self):
        return self.rng.choice(values.WORDS)

    def query(self, **parameters):
        """`?a=1&b=2` of those that are not None; lists repeat."""
        pairs = []
        for name, value in parameters.items():
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    pairs.append("%s=%s" % (name, escape(str(one))))
        self.rng.shuffle(pairs)
        return "?" + "&".join(pairs) if pairs else ""


def escape(text):
    import urllib.parse
    return urllib.parse.quote(text, safe="<>:@,")
