"""What gnocchi-server does is what its OpenAPI document says: each operation is called, and status,
content type and body of every answer, and the bodies sent, are those described. Its schemas are
valid by JSON Schema's own.

usage: openapi.py BUILD_DIRECTORY
"""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

try:
    import jsonschema
except ImportError:
    harness.skip("python3-jsonschema is not installed")

METHODS = ("get", "head", "post", "put", "patch", "delete")
UNKNOWN = "5f6ed9e0-8d4b-4b4b-8d4b-5f6ed9e08d4b"


class Document:
    def __init__(self, json_text):
        self.root = json.loads(json_text)
        self.resolver = jsonschema.RefResolver("", self.root)
        self.operations = {}
        for pattern, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    self.operations[item[method]["operationId"]] = (method.upper(), pattern,
                                                                    item[method])
        self.called = set()

    def resolved(self, value):
        return self.resolver.resolve(value["$ref"])[1] if "$ref" in value else value

    def check(self, value, schema, where):
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        assert error is None, "%s: %s at %s: %.300s" % (where, error.message,
                                                       list(error.absolute_path), value)

    def check_schemas(self):
        count = 0

        def walk(value):
            nonlocal count
            if isinstance(value, dict):
                for key, below in value.items():
                    if key in ("schema",):
                        jsonschema.Draft202012Validator.check_schema(below)
                        count += 1
                    walk(below)
            elif isinstance(value, list):
                for below in value:
                    walk(below)
        walk(self.root)
        for schema in self.root["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
            count += 1
        return count


class Caller:
    """Calls operations by their ids and holds every answer against the document."""

    def __init__(self, document, client):
        self.document, self.client = document, client

    def __call__(self, operation, status, *path, query="", body=None, raw=None, headers=None,
                 valid=True):
        method, pattern, described = self.document.operations[operation]
        names = iter(path)
        url = re.sub(r"\{[^}]*\}", lambda _: next(names), pattern) + query
        where = "%s (%s %s)" % (operation, method, url)
        if body is not None and valid:
            content = described["requestBody"]["content"]
            kind = (headers or {}).get("Content-Type", "application/json")
            self.document.check(body, content[kind]["schema"], where + " request")
        answer = self.client.request(method, url, raw if raw is not None else body, headers=headers)
        assert answer.status == status, "%s: %d, not %d: %.300s" % (
            where, answer.status, status, answer.body)
        assert str(status) in described["responses"], "%s: %d is not described" % (where, status)
        response = self.document.resolved(described["responses"][str(status)])
        for name, header in response.get("headers", {}).items():
            if self.document.resolved(header).get("required"):
                assert name in answer.headers, "%s: no header %s" % (where, name)
        self.check_body(answer, response.get("content"), where)
        if status < 400 or operation.startswith("refuse"):
            self.document.called.add(operation)
        return answer

    def check_body(self, answer, content, where):
        kind = (answer.headers.get("Content-Type") or "").split(";")[0]
        if not answer.body:
            return
        assert content, "%s: a body is not described: %.200s" % (where, answer.body)
        assert kind in content, "%s: %s is not described" % (where, kind)
        if kind == "application/json":
            self.document.check(answer.json, content[kind]["schema"], where)


def service(call, anonymous):
    for operation in ("getVersions", "headVersions", "getHealth", "postHealth",
                      "getProcessMetrics", "getOpenapi"):
        anonymous(operation, 200)
    anonymous("headHealth", 204)
    call("getV1", 200, query="/")
    call("headV1", 200, query="/")
    anonymous("getStatus", 401)
    call("getStatus", 200)
    call("getStatus", 200, query="?details=false")
    call("getCapabilities", 200)


def archive_policies(call):
    policy = {"name": "p", "back_window": 2, "aggregation_methods": ["mean", "max"],
              "definition": [{"granularity": "60s", "points": 100}, {"granularity": 3600}]}
    call("createArchivePolicy", 201, body=policy)
    call("createArchivePolicy", 409, body=policy)
    call("createArchivePolicy", 400, body={"name": "q"}, valid=False)
    call("createArchivePolicy", 415, body=policy, headers={"Content-Type": "text/plain"},
         valid=False)
    call("listArchivePolicies", 200)
    call("listArchivePolicies", 406, headers={"Accept": "image/png"})
    call("getArchivePolicy", 200, "p")
    call("getArchivePolicy", 404, "nosuch")
    call("updateArchivePolicy", 200, "p", body={"definition": [
        {"granularity": "60s", "points": 200}, {"granularity": 3600}]})
    call("createArchivePolicy", 201, body={"name": "spare", "definition": [{"granularity": 1}]})
    call("deleteArchivePolicy", 204, "spare")
    call("createArchivePolicyRule", 201, body={"name": "r", "metric_pattern": "disk.*",
                                               "archive_policy_name": "p"})
    call("listArchivePolicyRules", 200)
    call("getArchivePolicyRule", 200, "r")
    call("renameArchivePolicyRule", 200, "r", body={"name": "r2"})
    call("deleteArchivePolicyRule", 204, "r2")


def resource_types(call):
    call("createResourceType", 201, body={"name": "vm", "attributes": {
        "host": {"type": "string", "required": False}, "size": {"type": "number", "min": 0}}})
    patch = [{"op": "add", "path": "/attributes/flag", "value": {"type": "bool", "required": False}}]
    call("updateResourceType", 200, "vm", body=patch,
         headers={"Content-Type": "application/json-patch+json"})
    call("listResourceTypes", 200)
    call("getResourceType", 200, "vm")
    call("createResourceType", 201, body={"name": "spare"})
    call("deleteResourceType", 204, "spare")


def resources(call):
    made = call("createResource", 201, "vm", body={
        "id": "a", "host": "h1", "size": 1, "started_at": "2024-01-01T00:00:00",
        "metrics": {"cpu": {"archive_policy_name": "p", "unit": "ns"}}})
    call("createResource", 201, "vm", body={"id": "b", "host": "h2", "size": 2})
    call("listResourceCollections", 200)
    call("listResources", 200, "vm", query="?limit=1&sort=host:desc&details=true")
    call("listResources", 200, "generic", query="?history=true")
    call("getResource", 200, "vm", "a")
    call("getResource", 304, "vm", "a", headers={"If-None-Match": made.headers["ETag"]})
    call("getResource", 404, "vm", "nosuch")
    call("updateResource", 412, "vm", "a", body={}, headers={"If-Match": '"no"'})
    call("updateResource", 200, "vm", "a", body={"host": "h3", "ended_at": None})
    call("getResourceHistory", 200, "vm", "a")
    call("addMetricsToResource", 200, "vm", "a", body={"disk": {"archive_policy_name": "p"}})
    call("listMetricsOfResource", 200, "vm", "a")
    call("getMetricOfResource", 200, "vm", "a", "cpu")
    call("deleteMetricOfResource", 204, "vm", "a", "disk")
    call("searchResources", 200, "vm", body={"=": {"host": "h3"}})
    call("searchResources", 200, "vm", query="?filter=size%20%3E%201")
    call("refuseGetSearch", 405, "vm")
    call("searchResources", 400, "vm", body={"=": {"nosuch": 1}})


def measures(call):
    metric = call("createMetric", 201, body={"archive_policy_name": "p", "name": "m"}).json["id"]
    call("createMetric", 400, body={"archive_policy_name": "nosuch"})
    call("listMetrics", 200, query="?limit=2")
    call("getMetric", 200, metric)
    call("getMetric", 404, UNKNOWN)
    some = [{"timestamp": "2024-01-01T00:00:00", "value": 12}, {"timestamp": 1704067260, "value": 3}]
    call("postMeasures", 202, metric, body=some)
    call("postMeasures", 400, metric, body=[{"timestamp": "never", "value": 1}])
    call("postMeasuresOfResource", 202, "vm", "a", "cpu", body=some)
    call("postBatch", 202, body={metric: some})
    call("postBatch", 400, body={UNKNOWN: some})
    call("postNamedBatch", 202, body={"a": {"cpu": some}})
    call("getMeasures", 200, metric, query="?refresh=true")
    call("getMeasures", 200, metric, query="?granularity=60&resample=120")
    call("getMeasures", 200, metric, query="?granularity=60&resample=M")
    call("getMeasures", 404, metric, query="?aggregation=sum")
    call("getMeasuresOfResource", 200, "vm", "a", "cpu", query="?start=2024-01-01&stop=2024-01-02")
    return metric


def aggregates(call, metric):
    call("getAggregationOfMetrics", 200, query="?metric=" + metric)
    call("postAggregationOfMetrics", 200, body=[metric])
    call("postAggregates", 200, body={"operations": ["negative", ["metric", metric, "mean"]]})
    call("postAggregates", 200, body={"operations": "(metric %s mean)" % metric})
    call("postAggregates", 400, body={"operations": ["nosuch"]})
    grouped = {"operations": ["aggregate", "mean", ["metric", "c*", "mean"]], "resource_type": "vm",
               "search": "size >= 1"}
    call("postAggregates", 200, body=grouped, query="?details=true")
    call("postAggregates", 200, body=grouped, query="?groupby=host&top=1")
    call("postAggregationOfResources", 200, "vm", "cpu", body={"=": {"size": 1}})
    call("postAggregationOfResources", 200, "vm", "cpu", query="?groupby=host")
    call("refuseNamelessAggregation", 405, "vm")
    call("searchMeasures", 200, query="?metric_id=" + metric, body={">=": 5})
    call("searchMeasures", 400, query="?metric_id=" + metric, body={"nosuch": 5})


def foreign_protocols(call):
    lines = {"Content-Type": "text/plain"}
    call("pingInfluxdb", 204)
    call("headPingInfluxdb", 204)
    call("queryInfluxdb", 204, query="?q=create+database+influxdb")
    call("queryInfluxdb", 501, query="?q=show+databases")
    call("writeInfluxdb", 204, body="m,host=telegraf f=1 1", headers=lines)
    call("writeInfluxdb", 400, body="m,host=a f=", headers=lines)
    call("writeInfluxdb", 404, query="?db=nosuch", body="m,host=other f=1 1", headers=lines)
    protobuf = {"Content-Type": "application/x-protobuf"}
    call("writePrometheus", 202, raw=b"\x00", headers=protobuf)  # an empty message
    call("writePrometheus", 400, raw=b"", headers=protobuf)


def removals(call, metric):
    call("deleteMeasures", 400, metric)
    call("deleteMeasures", 204, metric, query="?start=2024-01-01T00:01:00")
    call("deleteMeasuresOfResource", 204, "vm", "a", "cpu", query="?stop=2024-01-01T00:01:00")
    call("deleteMetric", 204, metric)
    call("deleteResource", 204, "vm", "a")
    call("deleteResources", 200, "vm", body={"=": {"host": "h2"}})


def main():
    build = sys.argv[1]
    with harness.workspace() as where:
        port = harness.free_port()
        url = "http://127.0.0.1:%d" % port
        server = harness.Process([os.path.join(build, "bin", "gnocchi-server"), "--data-dir",
                                  os.path.join(where, "data"), "--host", "127.0.0.1", "--port",
                                  str(port)], os.path.join(where, "server.log"))
        try:
            client, nobody = harness.Client(url), harness.Client(url, user=None)

            def ready():
                assert server.alive(), server.tail()
                try:
                    return client.get("/v1/capabilities").status == 200
                except OSError:
                    return False
            harness.wait_until(ready, "gnocchi-server answers", 20)
            answer = nobody.get("/v1/openapi.json")
            assert answer.status == 200, answer.body
            document = Document(answer.body)
            schemas = document.check_schemas()
            call, anonymous = Caller(document, client), Caller(document, nobody)
            service(call, anonymous)
            archive_policies(call)
            resource_types(call)
            resources(call)
            metric = measures(call)
            aggregates(call, metric)
            foreign_protocols(call)
            removals(call, metric)
            left = sorted(set(document.operations) - document.called)
            assert not left, "described, and called by nobody here: " + ", ".join(left)
            print("%d operations answer as described; %d schemas" % (
                len(document.called), schemas))
            assert server.stop() == 0, server.tail()
        finally:
            server.kill()


main()
