"""InfluxDB's line protocol, which VictoriaMetrics takes too."""
import data
import load


def write(path, series, times):
    """One line a measure, times in seconds."""
    lines = []
    for s in series:
        head = "m,set=%s,id=%s,project=%s value=" % (s.set, s.name, s.project)
        lines += [head + "%r %s\n" % (v, t) for t, v in zip(times, data.values(s.number, len(times)))]
    return load.Request("POST", path, "".join(lines).encode(), {"Content-Type": "text/plain"})
