"""The real CloudKitty of Debian's packages rates from our server.

usage: cloudkitty_collector.py BUILD_DIRECTORY

Its gnocchi fetcher walks all resources for their projects; its gnocchi collector walks the resources
of a metric page by page and fetches aggregates by resource and revision, with a query of its own as
text, and skips metrics that are not there. Then the fetcher of later releases, which asks for
projects not in the list of those it has seen until there are none: thousands of literals, and rows
without a project must not match.
"""
import datetime
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

PROJECTS = 12
START = datetime.datetime(2024, 5, 1, 10, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
CONF = """[DEFAULT]
log_file = {where}/cloudkitty.log
use_stderr = false
[collect]
scope_key = project_id
[collector_gnocchi]
gnocchi_auth_type = basic
gnocchi_user = admin
gnocchi_endpoint = {url}
[fetcher_gnocchi]
gnocchi_auth_type = basic
gnocchi_user = admin
gnocchi_endpoint = {url}
scope_attribute = project_id
"""


def metric(**arguments):
    return {"unit": "GiB", "groupby": ["id", "project_id"], "metadata": ["flavor_name"],
            "mutate": "NONE", "extra_args": dict(
                {"resource_type": "instance", "force_granularity": 3600,
                 "aggregation_method": "max", "re_aggregation_method": "max"}, **arguments)}


def fill(client):
    """Two instances of each project and some of none, a `memory` of 1, 2, 3, ... in each."""
    client.expect(201, "POST", "/v1/archive_policy", {
        "name": "hours", "definition": [{"granularity": 3600, "points": 1000}],
        "aggregation_methods": ["max", "mean", "rate:max"], "back_window": 3})
    client.expect(201, "POST", "/v1/resource_type", {"name": "instance", "attributes": {
        "flavor_name": {"type": "string", "required": False}}})
    made = {}
    for n in range(2 * PROJECTS + 3):
        project = "project %d" % (n % PROJECTS) if n < 2 * PROJECTS else None
        resource = client.expect(201, "POST", "/v1/resource/instance", {
            "id": "vm %d" % n, "project_id": project, "flavor_name": "m%d" % (n % 3),
            "started_at": "2024-01-01T00:00:00",
            "metrics": {"memory": {"archive_policy_name": "hours"}}})
        client.expect(202, "POST", "/v1/metric/%s/measures" % resource["metrics"]["memory"], [
            {"timestamp": (START + (hour - 1) * HOUR + datetime.timedelta(minutes=5)).isoformat(),
             "value": n + 1 + 10 * hour} for hour in range(3)])
        made[resource["id"]] = (n, project)
    harness.wait_for_empty_backlog(client)
    return made


def check_collector(made):
    from cloudkitty.collector import gnocchi
    conf = {"metrics": {
        "memory": metric(), "nosuch": metric(),
        "text": metric(custom_query="(* 2 (aggregate RE_AGGREGATION_METHOD (metric memory "
                                    "AGGREGATION_METHOD)))"),
        "rate": metric(re_aggregation_method="rate:max",
                       custom_query="(aggregate RE_AGGREGATION_METHOD (metric memory max))")}}
    collector = gnocchi.GnocchiCollector(period=3600, conf=conf)

    def rated(name, project=None, at=START):
        points = collector.fetch_all(name, at, at + HOUR, project_id=project)
        for point in points:
            assert point.metadata["flavor_name"] == "m%d" % (made[point.groupby["id"]][0] % 3), point
        return {point.groupby["id"]: float(point.qty) for point in points}

    wanted = {id: n + 11.0 for id, (n, _) in made.items()}
    assert rated("memory") == wanted, rated("memory")
    mine = {id: n + 11.0 for id, (n, project) in made.items() if project == "project 3"}
    assert len(mine) == 2 and rated("memory", "project 3") == mine, rated("memory", "project 3")
    assert rated("text") == {id: 2 * v for id, v in wanted.items()}, rated("text")
    assert rated("rate") == {id: 10.0 for id in wanted}, rated("rate")
    assert rated("memory", "no such project") == {}
    assert rated("nosuch") == {}
    assert rated("memory", at=START + 100 * HOUR) == {}


def check_fetchers(client, made):
    from cloudkitty.fetcher import gnocchi
    projects = {project for _, project in made.values() if project}
    assert set(gnocchi.GnocchiFetcher().get_tenants()) == projects
    # The later fetcher: the list of those that were seen grows, the first request has no body.
    seen, rounds = [], 0
    while True:
        body = {"not": {"in": {"project_id": seen}}} if seen else None
        found = client.expect(200, "POST", "/v1/search/resource/generic", body,
                              headers={"Content-Type": "application/json"})
        if not found or rounds > 2 * PROJECTS:
            break
        if not seen and all(r["project_id"] is None for r in found):
            seen = ["none yet"]
        seen += sorted({r["project_id"] for r in found} - {None})
        rounds += 1
    assert set(seen) - {"none yet"} == projects and rounds <= PROJECTS + 1, (rounds, seen)
    many = ["tenant %d" % n for n in range(30000)]
    assert count(client, {"not": {"in": {"project_id": many}}}) == 2 * PROJECTS
    assert count(client, {"in": {"project_id": many + ["project 1"]}}) == 2
    # != alone does match a resource without a project.
    assert count(client, {"!=": {"project_id": "project 1"}}) == len(made) - 2


def count(client, query):
    """Page by page until an empty one, as CloudKitty and gnocchiclient walk."""
    found, marker = 0, ""
    while True:
        page = client.expect(200, "POST", "/v1/search/resource/generic?sort=id:asc" + marker, query)
        if not page:
            return found
        found, marker = found + len(page), "&marker=" + page[-1]["id"]


def main():
    build = sys.argv[1]
    try:
        from cloudkitty import service
    except ImportError as e:
        harness.skip("python3-cloudkitty is not installed (%s)" % e)
    with harness.workspace() as where:
        # Pages of 5, so that both walk several.
        gnocchi = harness.Deployment(build, where, harness.Database("sqlite", where),
                                     options="[api]\nmax_limit = 5\n")
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            gnocchi.start_metricd()
            client = gnocchi.client()
            conf_file = os.path.join(where, "cloudkitty.conf")
            with open(conf_file, "w") as f:
                f.write(CONF.format(where=where, url=gnocchi.url))
            service.prepare_service(argv=["test"], config_files=[conf_file])
            made = fill(client)
            check_collector(made)
            check_fetchers(client, made)
            print("%d resources of %d projects: collected, fetched" % (len(made), PROJECTS))
            gnocchi.stop()
        finally:
            gnocchi.kill()


main()
