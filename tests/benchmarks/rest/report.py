"""How the table looks."""
import statistics

HEADER = """\
value       median of the rounds; beside it how far the furthest round is from it
server      its processor time for each request; of a drain for each point (the database's not)
client      how much of one core the client took: from 95 % on, it may be what limits
ours is     how many times better than the other one, and the goal; of ours: the goal in the unit
by time     how many times less processor time ours takes for the same, which other programs on the
            machine disturb less
"""
LINE = "%-64s %12s %6s %12s %7s %9s  %s"


def print_header():
    print(HEADER)


def value(found):
    return statistics.median(found["values"])


def ratio(row, ours, other):
    """How many times better ours is."""
    if row.less:
        return other / ours if ours else float("inf")
    return ours / other if other else float("inf")


def cpu_ratio(ours, other):
    """How many times less processor time ours takes, as text; empty if that is not known."""
    if not ours["server_cpu"] or not other["server_cpu"]:
        return ""
    return times(other["server_cpu"] / ours["server_cpu"])


def number(n):
    return "{:,.0f}".format(n) if n >= 100 else "%.3g" % n


def times(n):
    return "%s x" % ("{:,.0f}".format(n) if n >= 10 else "%.2f" % n)


def duration(seconds):
    if seconds >= 1:
        return "%.3g s" % seconds
    return "%.3g ms" % (1e3 * seconds) if seconds >= 1e-3 else "%.3g us" % (1e6 * seconds)


def verdict(holds):
    return "holds" if holds else "NOT"


def print_checked(row, found):
    """For sizes that say nothing about speed."""
    print("%s: %s" % (row.title, "checked" if found else "not of this system"), flush=True)


def judge(row, name, found):
    """Text of the last column."""
    ours = value(found["ours"])
    if name == "ours":
        if row.goal is None:
            return ""
        holds = ours <= row.goal if row.less else ours >= row.goal
        return "goal %s: %s" % (number(row.goal), verdict(holds))
    factor = ratio(row, ours, value(found[name]))
    goal = row.ratios.get(name)
    return times(factor) + ("" if goal is None else ", goal %g x: %s" % (
        goal, verdict(factor >= goal)))


def spread(found):
    middle = value(found)
    return "%.0f %%" % (100 * max(abs(v - middle) for v in found["values"]) / middle) \
        if len(found["values"]) > 1 and middle else ""


def print_row(row, found):
    print(LINE % (row.title, row.unit, "", "server", "client", "by time", "ours is"))
    for name, one in found.items():
        cpu = "" if one["server_cpu"] is None else duration(one["server_cpu"])
        client = "" if one["client"] is None else "%.0f %%" % (100 * one["client"])
        print(LINE % (
            "  %s (%s)" % (one["title"], one["promise"]), number(value(one)), spread(one), cpu,
            client, "" if name == "ours" else cpu_ratio(found["ours"], one),
            judge(row, name, found)))
    print(flush=True)


def markdown(measured):
    """A table of (row, found), one line a row."""
    names = {"python": "Python", "victoriametrics": "VictoriaMetrics",
             "prometheus": "Prometheus", "influxdb": "InfluxDB"}
    lines = ["| work | unit | ours | goal | processor time | " + " | ".join(names.values()) + " |",
             "|---|---|---|---|---|" + "---|" * len(names)]
    for row, found in measured:
        ours = found["ours"]
        goal = "–" if row.goal is None else number(row.goal)
        cells = [row.title, row.unit, "**%s**" % number(value(ours)), goal,
                 "–" if ours["server_cpu"] is None else duration(ours["server_cpu"])]
        for name in names:
            if name not in found:
                cells.append("–")
                continue
            factor, wanted = ratio(row, value(ours), value(found[name])), row.ratios.get(name)
            by_time = cpu_ratio(ours, found[name])
            cells.append("%s, %s%s%s" % (number(value(found[name])), times(factor),
                                         "" if wanted is None else " (%g)" % wanted,
                                         by_time and ", by time " + by_time))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
