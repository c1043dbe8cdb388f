import collections

# What one round came to. value: in the row's unit; server_cpu: its seconds for each request (of a
# drain, for each point or metric); client: share of one core that the client took; either None.
Sample = collections.namedtuple("Sample", "value server_cpu client", defaults=[None, None])

# prepare(system, sizes): makes what is needed and returns a function without arguments that
# measures one round, checks the answers and returns a Sample.
# goal: in the unit, None if there is none; less: less is better.
# ratios: by system's key, how many times better ours is to be, at least.
# options: of systems.gnocchi.Ours.
Row = collections.namedtuple(
    "Row", "title unit prepare goal ratios less options", defaults=[False, {}])


class Sizes:
    """How long, and how much: small ones show that all is right, and nothing about speed."""

    def __init__(self, seconds=5, small=False):
        self.seconds, self.small = seconds, small

    def __call__(self, usual, small):
        return small if self.small else usual


def per_second(load, each=1):
    """The sample of requests that do `each` units of work."""
    return Sample(load.requests * each / load.seconds, load.server_cpu / load.requests,
                  load.client_cpu / load.seconds)


def check_points(found, expected, what):
    """Both [(time, value)]; values may differ by rounding."""
    assert [t for t, _ in found] == [t for t, _ in expected], (what, found[:3], expected[:3])
    for (when, value), (_, right) in zip(found, expected):
        assert abs(value - right) <= 1e-9 * max(1, abs(right)), (what, when, value, right)
