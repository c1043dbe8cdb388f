"""The real Aodh of Debian's packages evaluates alarms on our server.

usage: aodh_evaluator.py BUILD_DIRECTORY

Aodh's own evaluator classes for the three kinds of Gnocchi alarms (one resource, several metrics,
resources by query), each in the states ok, alarm and insufficient data; the queries are as Aodh's
API and Heat write them.
"""
import datetime
import json
import os
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

CONF = """[DEFAULT]
log_file = {where}/aodh.log
use_stderr = false
[database]
connection = sqlite:///{where}/aodh.db
[service_credentials]
auth_type = gnocchi-basic
user = admin
endpoint = {url}
"""
GRANULARITY, PERIODS = 60, 3


class Alarms:
    """Evaluates rules; what an alarm's state becomes is all that Aodh would store."""

    def __init__(self, conf_file):
        from aodh import service
        from aodh.evaluator import gnocchi
        self.conf = service.prepare_service(argv=[], config_files=[conf_file])
        self.kinds = {"resource": gnocchi.GnocchiResourceThresholdEvaluator,
                      "metrics": gnocchi.GnocchiAggregationMetricsThresholdEvaluator,
                      "resources": gnocchi.GnocchiAggregationResourcesThresholdEvaluator}

    def state(self, kind, rule, before="insufficient data"):
        from aodh.storage import models
        whole = dict({"granularity": GRANULARITY, "evaluation_periods": PERIODS,
                      "aggregation_method": "mean"}, **rule)
        now = datetime.datetime.utcnow()
        alarm = models.Alarm(
            alarm_id=str(uuid.uuid4()), name="a", description="", type=kind, enabled=True,
            timestamp=now, user_id="u", project_id="p", state=before, state_timestamp=now,
            state_reason="", ok_actions=[], alarm_actions=[], insufficient_data_actions=[],
            repeat_actions=False, time_constraints=[], severity="low", rule=whole)
        evaluator = self.kinds[kind](self.conf)
        evaluator._refresh = lambda one, state, *_: setattr(one, "state", state)
        evaluator.evaluate(alarm)
        return alarm.state


def fill(client):
    """Three servers of a stack with a `cpu` of 10, 20 and 30 in each of the last minutes."""
    client.expect(201, "POST", "/v1/archive_policy", {
        "name": "minutes", "back_window": 10, "definition": [{"granularity": "1m", "points": 100}],
        "aggregation_methods": ["mean", "max", "count", "rate:mean"]})
    client.expect(201, "POST", "/v1/resource_type", {"name": "instance", "attributes": {
        "server_group": {"type": "string", "required": False}}})
    minute = int(datetime.datetime.utcnow().replace(
        tzinfo=datetime.timezone.utc).timestamp()) // 60 * 60
    made = []
    for n in range(3):
        resource = client.expect(201, "POST", "/v1/resource/instance", {
            "id": str(uuid.UUID(int=n + 1)), "project_id": "p", "server_group": "stack",
            "metrics": {"cpu": {"archive_policy_name": "minutes"},
                        "total": {"archive_policy_name": "minutes"},
                        "empty": {"archive_policy_name": "minutes"}}})
        made.append(resource)
        for name, value in (("cpu", lambda _: 10 * (n + 1)), ("total", lambda i: 100 * (n + 1) * i)):
            client.expect(202, "POST", "/v1/metric/%s/measures" % resource["metrics"][name], [
                {"timestamp": minute - 60 * i, "value": value(10 - i)} for i in range(6)])
    harness.wait_for_empty_backlog(client)
    return made


def check(alarms, made):
    def over(threshold, **rule):
        return dict(rule, comparison_operator="gt", threshold=threshold)

    def expect(wanted, kind, rule):
        for before in ("insufficient data", "ok", "alarm"):
            state = alarms.state(kind, rule, before)
            assert state == wanted, "%s, not %s: %s %s" % (state, wanted, kind, rule)

    one = {"metric": "cpu", "resource_id": made[1]["id"], "resource_type": "instance"}
    expect("alarm", "resource", over(15, **one))
    expect("ok", "resource", over(25, **one))
    expect("alarm", "resource", over(190, **dict(one, metric="total",
                                                  aggregation_method="rate:mean")))
    for change in ({"metric": "empty"}, {"metric": "nosuch"}, {"resource_id": str(uuid.uuid4())},
                   {"aggregation_method": "min"}, {"granularity": 300}):
        expect("insufficient data", "resource", over(15, **dict(one, **change)))

    ids = [r["metrics"]["cpu"] for r in made]
    expect("alarm", "metrics", over(19, metrics=ids))
    expect("ok", "metrics", over(21, metrics=ids))
    expect("alarm", "metrics", over(29, metrics=ids, aggregation_method="max"))
    expect("insufficient data", "metrics", over(19, metrics=ids + [str(uuid.uuid4())]))
    expect("insufficient data", "metrics", over(19, metrics=[made[0]["metrics"]["empty"]]))

    stack = json.dumps({"=": {"server_group": "stack"}})
    # Aodh's API narrows the query to the project of whoever makes the alarm.
    narrowed = json.dumps({"and": [
        {"or": [{"=": {"created_by_project_id": "p"}},
                {"and": [{"=": {"created_by_project_id": ""}}, {"=": {"project_id": "p"}}]}]},
        {"=": {"server_group": "stack"}}, {"=": {"ended_at": None}}]})
    for query in (stack, narrowed):
        group = {"metric": "cpu", "resource_type": "instance", "query": query}
        expect("alarm", "resources", over(19, **group))
        expect("ok", "resources", over(21, **group))
        expect("alarm", "resources", over(199, **dict(group, metric="total",
                                                      aggregation_method="rate:mean")))
        for change in ({"metric": "empty"}, {"metric": "nosuch"}, {"aggregation_method": "std"},
                       {"query": json.dumps({"=": {"server_group": "other"}})}):
            expect("insufficient data", "resources", over(19, **dict(group, **change)))


def main():
    build = sys.argv[1]
    try:
        import aodh.evaluator.gnocchi  # noqa: F401
    except ImportError as e:
        harness.skip("python3-aodh is not installed (%s)" % e)
    for name in [n for n in os.environ if n.startswith("OS_")]:
        del os.environ[name]
    with harness.workspace() as where:
        gnocchi = harness.Deployment(build, where, harness.Database("sqlite", where))
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            gnocchi.start_metricd()
            conf_file = os.path.join(where, "aodh.conf")
            with open(conf_file, "w") as f:
                f.write(CONF.format(where=where, url=gnocchi.url))
            made = fill(gnocchi.client())
            check(Alarms(conf_file), made)
            print("alarms of three kinds: ok, alarm and insufficient data as they should be")
            gnocchi.stop()
        finally:
            gnocchi.kill()


main()
