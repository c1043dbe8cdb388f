"""Gnocchi's REST API: ours in several forms, and Python's."""
import datetime
import json
import os
import signal
import time
import uuid

import data
import harness
import load
from systems import base

DEFAULTS = "[archive_policy]\ndefault_aggregation_methods = mean,min,max,sum,std,count\n"
POLICIES = {
    # As "low", but what connections overtake by a group is not dropped for being too old.
    "late": {"definition": [{"granularity": 300, "timespan": "30 days"}], "back_window": 3},
    "ten-seconds": {"definition": [{"granularity": 10, "points": 10000}]},
    "three-granularities": {"definition": [{"granularity": 60, "points": 10080},
                                           {"granularity": 300, "points": 8640},
                                           {"granularity": 3600, "points": 8760}]},
}
METRICS_OF_A_RESOURCE = 500


class Gnocchi(base.System):
    headers = {"Authorization": "basic YWRtaW46", "Accept": "application/json"}

    def __init__(self, where, database):
        super().__init__(where)
        self.database = database
        self.deployment = self.make_deployment()
        self.port, self.url = self.deployment.port, self.deployment.url
        self.policies = set()

    def make_deployment(self):
        raise NotImplementedError

    def start(self):
        self.deployment.upgrade()
        self.start_programs()

    def start_programs(self):
        self.deployment.start_api()
        self.deployment.start_metricd()

    def groups(self):
        return {p.popen.pid for p in self.deployment.processes}

    def stop(self):
        self.deployment.stop()

    def kill(self):
        self.deployment.kill()
        self.database.drop()

    def ask_json(self, method, path, body=None):
        request = load.Request(method, path) if body is None else load.json_request(
            method, path, body)
        answer = self.ask(request)
        return json.loads(answer) if answer else None

    # Series

    def make_policy(self, name):
        if name in POLICIES and name not in self.policies:
            self.ask_json("POST", "/v1/archive_policy", dict(POLICIES[name], name=name))
            self.policies.add(name)

    def make_series(self, count, policy="low"):
        self.make_policy(policy)
        self.sets += 1
        found = []
        while len(found) < count:
            names = ["m%d" % i for i in range(min(METRICS_OF_A_RESOURCE, count - len(found)))]
            made = self.ask_json("POST", "/v1/resource/generic", {
                "id": str(uuid.uuid4()),
                "metrics": {n: {"archive_policy_name": policy} for n in names}})["metrics"]
            found += [made[n] for n in names]
        return [base.Series(i, name, "set%d" % self.sets) for i, name in enumerate(found)]

    def make_projects_series(self, count, projects):
        self.make_policy("ten-seconds")
        self.sets += 1
        series = []
        for i in range(count):
            project = "p%d" % (i % projects)
            made = self.ask_json("POST", "/v1/resource/generic", {
                "id": str(uuid.uuid4()), "project_id": project, "user_id": "set%d" % self.sets,
                "metrics": {"load": {"archive_policy_name": "ten-seconds"}}})
            series.append(base.Series(i, made["metrics"]["load"], "set%d" % self.sets, project))
        return series

    def write(self, series, times):
        texts = {s.name: measures_text(s.number, times) for s in series}
        if len(series) == 1:
            [(name, text)] = texts.items()
            return post("/v1/metric/%s/measures" % name, text)
        return post("/v1/batch/metrics/measures", object_text(texts))

    def moving_resource_writes(self, resources, names, step, rounds):
        """Ceilometer's batch."""
        self.make_policy("late")
        times, texts, series = data.moving_times(1, step), {}, []
        for i in range(resources):
            made = self.ask_json("POST", "/v1/resource/generic", {
                "id": "instance-%d-%s" % (i, uuid.uuid4()),
                "metrics": {n: {"archive_policy_name": "late"} for n in names}})
            series += [base.Series(i, made["metrics"][n], None) for n in names]
            texts[made["original_resource_id"]] = object_text({
                n: '{"archive_policy_name":"late","measures":%s}' % measures_text(i, times)
                for n in names})
        path = "/v1/batch/resources/metrics/measures?create_metrics=true"
        return series, load.Moving([post(path, object_text(texts))], step)

    def backlog(self, ask=None):
        """Measures that wait; ask: of a connection that is open, where it is asked often."""
        answer = (ask or self.ask)(load.Request("GET", "/v1/status?details=False"))
        return json.loads(answer)["storage"]["summary"]["measures"]

    def settle(self):
        harness.wait_for_empty_backlog(self.deployment.client(), 900)

    def count(self, series):
        self.settle()
        found = 0
        for i in range(0, len(series), 500):
            answer = self.ask_json("POST", "/v1/aggregates?fill=0", {
                "operations": ["aggregate", "sum", ["metric"] + [
                    [s.name, "count"] for s in series[i:i + 500]]]})
            rows = answer["measures"]["aggregated"]
            finest = min((row[1] for row in rows), default=None)
            found += sum(value for _, granularity, value in rows if granularity == finest)
        return round(found)

    def read(self, series, points, step):
        return load.Request("GET", "/v1/metric/%s/measures?aggregation=mean" % series.name)

    def mean(self, series, points, step):
        return load.json_request("POST", "/v1/aggregates", {
            "operations": ["aggregate", "mean", ["metric"] + [[s.name, "mean"] for s in series]]})

    def mean_by_project(self, series, points, step):
        return load.json_request("POST", "/v1/aggregates?groupby=project_id", {
            "resource_type": "generic", "search": {"=": {"user_id": series[0].set}},
            "operations": ["aggregate", "mean", ["metric", "load", "mean"]]})

    def points_by_project(self, answer):
        return {group["group"]["project_id"]: rows_of(group["measures"]["measures"]["aggregated"])
                for group in json.loads(answer)}

    def points_of(self, answer):
        found = json.loads(answer)
        return rows_of(found if isinstance(found, list) else found["measures"]["aggregated"])

    # Processing

    def hold(self):
        """Measures are accepted, but not processed, until release()."""
        raise NotImplementedError

    def release(self):
        raise NotImplementedError


def post(path, text):
    return load.Request("POST", path, text.encode(), {"Content-Type": "application/json"})


def measures_text(number, times):
    return "[%s]" % ",".join('{"timestamp":%s,"value":%r}' % (t, v) for t, v in
                             zip(times, data.values(number, len(times))))


def object_text(members):
    return "{%s}" % ",".join('"%s":%s' % m for m in members.items())


def rows_of(rows):
    return [(datetime.datetime.fromisoformat(when).timestamp(), value) for when, _, value in rows]


class Ours(Gnocchi):
    """engine: rocksdb (then it is gnocchi-server), file or ceph; sync: commit, interval or off (with
    files, which have no interval, interval is off)."""

    key = "ours"
    NORMAL = "metric_processing_delay = 1\n"
    HELD = "metric_processing_delay = 3600\ngreedy = false\n"

    def __init__(self, where, build, engine="rocksdb", database="sqlite", sync="commit",
                 options=""):
        if engine == "file" and sync == "interval":
            sync = "off"
        self.build, self.engine, self.sync, self.options = build, engine, sync, options
        self.title = "ours, %s, %s" % (engine, database)
        self.promise = {"commit": "synced to disk", "interval": "in the log, synced each second",
                        "off": "in the log, never synced"}[sync]
        if engine == "ceph":
            self.promise = "in the pool"
        super().__init__(where, harness.Database(database, where))

    def make_deployment(self):
        storage = None
        if self.engine == "rocksdb":
            storage = harness.RocksDatabase(self.where)
        elif self.engine == "ceph":
            storage = harness.CephPool()
            storage.clear()
        sync = "" if self.engine == "ceph" else "%s_sync = %s\n" % (self.engine, self.sync)
        return harness.Deployment(self.build, self.where, self.database, storage,
                                  sync + DEFAULTS + self.options)

    def start(self):
        if self.engine != "rocksdb":
            self.deployment.upgrade()
        self.start_programs()

    def start_programs(self):
        if self.engine == "rocksdb":
            self.deployment.start_server(wait=False)
            self.processes = self.deployment.processes
            self.wait_for_answer("/v1/capabilities")
        else:
            super().start_programs()

    def stored_bytes(self):
        if self.engine == "ceph":
            raise base.Unsupported
        storage = self.deployment.storage
        return base.processes.disk_bytes(storage if isinstance(storage, str) else storage.path)

    def reconfigure(self, old, new):
        with open(self.deployment.conf) as f:
            text = f.read()
        assert old in text
        with open(self.deployment.conf, "w") as f:
            f.write(text.replace(old, new))
        os.kill(self.deployment.processes[-1].popen.pid, signal.SIGHUP)

    def hold(self):
        self.reconfigure(self.NORMAL, self.HELD)
        time.sleep(1)  # its passes over what there is, as at any start

    def release(self):
        self.reconfigure(self.HELD, self.NORMAL)


class PythonGnocchi(Gnocchi):
    key, title = "python", "Python Gnocchi 4.4.2"
    promise = "in a file, never synced"
    programs = ("gnocchi-metricd", "uwsgi")
    patience = 10

    def __init__(self, where, ceph=False):
        self.ceph = ceph
        super().__init__(where, harness.Database("mysql", where))

    @classmethod
    def missing(cls):
        if not os.environ.get("GNOCCHI_TEST_MYSQL_URL"):
            return "GNOCCHI_TEST_MYSQL_URL is not set (tests/services/mariadb up DIR)"
        return super().missing()

    def make_deployment(self):
        storage = None
        if self.ceph:
            storage = harness.CephPool()
            storage.clear()
        return harness.PythonDeployment(self.where, self.database, storage, DEFAULTS)

    def stored_bytes(self):
        if self.ceph:
            raise base.Unsupported
        return base.processes.disk_bytes(self.deployment.storage)

    def hold(self):
        os.killpg(self.deployment.processes[-1].popen.pid, signal.SIGSTOP)

    def release(self):
        os.killpg(self.deployment.processes[-1].popen.pid, signal.SIGCONT)
