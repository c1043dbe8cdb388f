"""Reads. Every point of one answer is checked before it is asked for again and again."""
import time

import data
import load
from rows.row import Row, check_points, per_second

STEP = 10
SLOW = 0.5  # seconds; requests that take longer are counted one by one


def rate(system, requests, connections, sizes, check):
    """check(answer) of each first answer; then as fast as it goes."""
    begin = time.monotonic()
    for request in requests:
        check(system.ask(request), request)
    if (time.monotonic() - begin) / len(requests) > SLOW:
        return per_second(load.one_by_one(system, requests[0], sizes.seconds))
    return per_second(load.run(system, requests, connections, sizes.seconds))


def get(points):
    def prepare(system, sizes):
        count = sizes(points, points // 20)
        series = system.make_series(10, "ten-seconds")
        system.fill(series, data.times(0, count, STEP))
        requests = [system.read(s, count, STEP) for s in series]

        def check(answer, request):
            number = requests.index(request)
            check_points(system.points_of(answer),
                         [(data.BASE + i * STEP, data.value(number, i)) for i in range(count)],
                         "series %d" % number)
        return lambda: rate(system, requests, 8, sizes, check)
    return prepare


POINTS = 300


def means(numbers, points):
    return [(data.BASE + i * STEP, data.mean(numbers, i)) for i in range(points)]


def mean(metrics):
    def prepare(system, sizes):
        points = sizes(POINTS, 20)
        series = system.make_series(sizes(metrics, 10), "ten-seconds")
        system.fill(series, data.times(0, points, STEP), 30000)
        expected = means(range(len(series)), points)

        def check(answer, _):
            check_points(system.points_of(answer), expected, "mean over %d" % metrics)
        return lambda: rate(system, [system.mean(series, points, STEP)], 4, sizes, check)
    return prepare


def group_by(system, sizes):
    projects = 10
    points = sizes(POINTS, 20)
    series = system.make_projects_series(sizes(1000, 20), projects)
    system.fill(series, data.times(0, points, STEP), 30000)

    def check(answer, _):
        found = system.points_by_project(answer)
        assert len(found) == projects, sorted(found)
        for project, rows in found.items():
            numbers = [s.number for s in series if s.project == project]
            check_points(rows, means(numbers, points), project)
    return lambda: rate(system, [system.mean_by_project(series, points, STEP)], 4, sizes, check)


ROWS = {
    "get300": Row("GET of 300 points, 8 connections", "req/s", get(300), 10000,
                  {"python": 80, "victoriametrics": 2}),
    "get8640": Row("GET of 8,640 points, 8 connections", "req/s", get(8640), 1000,
                   {"python": 80, "victoriametrics": 2}),
    "mean10": Row("mean over 10 metrics x 300 points", "req/s", mean(10), 5000,
                  {"python": 300, "victoriametrics": 2}),
    "mean100": Row("mean over 100 metrics x 300 points", "req/s", mean(100), 1000,
                   {"python": 300, "victoriametrics": 2}),
    "mean1000": Row("mean over 1,000 metrics x 300 points", "req/s", mean(1000), 150,
                    {"python": 300, "victoriametrics": 2}),
    "groupby": Row("search and groupby, 1,000 metrics x 300 points in 10 groups", "req/s", group_by,
                   100, {"python": 200}),
}
