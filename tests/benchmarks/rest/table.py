"""Ours against Python Gnocchi, VictoriaMetrics, Prometheus and InfluxDB, over HTTP on loopback in
one run; prints a table.

usage: table.py BUILD_DIRECTORY [--only ROW,...] [--against SYSTEM,...] [--seconds 5] [--rounds 3]
                [--engine rocksdb|file|ceph] [--database sqlite|mysql] [--options TEXT]
                [--results FILE] [--markdown FILE] [--short]

Each row starts each system anew, one after the other, prepares it, and takes the median of some
rounds (of Python Gnocchi one). VictoriaMetrics does not use its cache of results, which knows what
was asked before; victoriametrics-cached does. Answers are checked point by point and writes are
counted afterwards; what is wrong ends the run. --results keeps what was measured in a file, so that
rows can be measured in several runs and are printed together.
"""
import argparse
import json
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from systems import base, gnocchi, influxdb, prometheus, victoriametrics  # noqa: E402
import harness  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402
from rows import accept, drain, footprint, index, read  # noqa: E402
from rows.row import Sizes  # noqa: E402

ROWS = {**accept.ROWS, **drain.ROWS, **read.ROWS, **index.ROWS, **footprint.ROWS}
USUAL = (gnocchi.PythonGnocchi, victoriametrics.VictoriaMetrics, prometheus.Prometheus,
         influxdb.InfluxDb)
OTHERS = {s.key: s for s in USUAL + (victoriametrics.CachedVictoriaMetrics,)}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--only", default=",".join(ROWS))
    parser.add_argument("--against", default=",".join(s.key for s in USUAL))
    parser.add_argument("--seconds", type=int, default=5, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", choices=["rocksdb", "file", "ceph"], default="rocksdb")
    parser.add_argument("--database", choices=["sqlite", "mysql"], default="sqlite")
    parser.add_argument("--options", default="", help="added to our gnocchi.conf")
    parser.add_argument("--results", help="file to keep results in, and to print earlier ones of")
    parser.add_argument("--markdown", help="file to write the table into as well")
    parser.add_argument("--short", action="store_true",
                        help="small sizes, ours alone: shows that all is right, nothing about speed")
    args = parser.parse_args()
    if args.short:
        args.against, args.seconds, args.rounds = "", 1, 1
    for name, known in ((args.only, ROWS), (args.against, OTHERS)):
        unknown = set(filter(None, name.split(","))) - set(known)
        if unknown:
            parser.error("unknown: %s; there are: %s" % (", ".join(unknown), ", ".join(known)))
    return args


def makers(args, row):
    """{key: function(where) that makes the system}, ours first, of those that can run here."""
    made = {"ours": lambda where: gnocchi.Ours(where, args.build, args.engine, args.database,
                                               options=args.options, **row.options)}
    for key in filter(None, args.against.split(",")):
        if OTHERS[key].missing():
            continue
        if key == "python":
            made[key] = lambda where: gnocchi.PythonGnocchi(where, args.engine == "ceph")
        else:
            made[key] = OTHERS[key]
    return made


def measure(make, row, sizes, rounds):
    """{"title", "promise", "values", "server_cpu", "client"}, or None if the system has no such."""
    with harness.workspace() as where:
        system = make(where)
        try:
            system.start()
            once = row.prepare(system, sizes)
            samples = [once() for _ in range(rounds if system.patience == 1 else 1)]
        except base.Unsupported:
            return None
        finally:
            system.kill()
    return {"title": system.title, "promise": system.promise, "values": [s.value for s in samples],
            "server_cpu": median([s.server_cpu for s in samples]),
            "client": median([s.client for s in samples])}


def median(values):
    return None if None in values else statistics.median(values)


def keep(path, results):
    if path:
        with open(path, "w") as f:
            json.dump(results, f, indent=1)


def main():
    args = arguments()
    for key in filter(None, args.against.split(",")):
        if OTHERS[key].missing():
            print("without %s: %s" % (OTHERS[key].title, OTHERS[key].missing()))
    results = {}
    if args.results and os.path.exists(args.results):
        with open(args.results) as f:
            results = json.load(f)
    if not args.short:
        report.print_header()
    for key in filter(None, args.only.split(",")):
        found = results.setdefault(key, {})
        for name, make in makers(args, ROWS[key]).items():
            measured = measure(make, ROWS[key], Sizes(args.seconds, args.short), args.rounds)
            if measured:
                found[name] = measured
                keep(args.results, results)
        print_found = report.print_checked if args.short else report.print_row
        print_found(ROWS[key], found)
    if args.markdown:
        with open(args.markdown, "w") as f:
            f.write(report.markdown([(ROWS[key], results[key]) for key in ROWS if key in results]))


processes.end_in_order()
main()
