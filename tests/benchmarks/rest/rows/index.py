"""Metrics and resources, which only Gnocchi has."""
import json

import data
import load
from rows.row import Row, per_second
from systems import base, gnocchi

FOUND = 50


def of_gnocchi(prepare):
    def checked(system, sizes):
        if not isinstance(system, gnocchi.Gnocchi):
            raise base.Unsupported
        return prepare(system, sizes)
    return checked


def resource_id(number):
    """A UUID of a mark, which the client numbers on."""
    return "00000000-0000-4000-8000-00" + data.mark(number)


def create(path, body):
    @of_gnocchi
    def prepare(system, sizes):
        offset = [0]

        def measure():
            requests = load.Moving([load.json_request("POST", path, body(offset[0]))], 1)
            run = load.run(system, requests, 16, sizes.seconds)
            check_created(system, path, run.requests)
            offset[0] += run.requests + 1000  # beyond what the client had under way
            return per_second(run)
        return measure
    return prepare


def check_created(system, path, at_least):
    """A thousand of them can be listed, each once."""
    listed = system.ask_json("GET", path + "?limit=1000")
    assert len({entry["id"] for entry in listed}) == len(listed) >= min(1000, at_least), len(listed)


def make_instances(system, count, hosts):
    """Resources of a type of its own on so many hosts, made by as many clients as are useful."""
    system.ask_json("POST", "/v1/resource_type", {
        "name": "instance", "attributes": {"host": {"type": "string", "required": True}}})
    requests = [load.json_request("POST", "/v1/resource/instance", {
        "id": "00000000-0000-4000-8000-%012d" % i, "host": "h-%d" % (i % hosts)})
        for i in range(count)]
    load.each_once(system, requests)


@of_gnocchi
def list_resources(system, sizes):
    count = sizes(1000, 50)
    make_instances(system, count, 1)

    def measure():
        request = load.Request("GET", "/v1/resource/generic?limit=1000")
        assert len({r["id"] for r in json.loads(system.ask(request))}) == count
        return per_second(load.run(system, [request], 8, sizes.seconds))
    return measure


@of_gnocchi
def search_resources(system, sizes):
    """Fifty are found; of Python's a tenth as many are there."""
    hosts = max(2, sizes(200, 4) // system.patience)
    count = FOUND * hosts
    make_instances(system, count, hosts)

    def measure():
        requests = [load.json_request("POST", "/v1/search/resource/instance",
                                      {"=": {"host": "h-%d" % h}}) for h in range(hosts)]
        for host in (0, hosts - 1):
            found = json.loads(system.ask(requests[host]))
            assert len(found) == FOUND, len(found)
            assert {r["host"] for r in found} == {"h-%d" % host}, found
        return per_second(load.run(system, requests, 8, sizes.seconds))
    return measure


ROWS = {
    "create-metric": Row("create a metric, 16 connections", "req/s", create(
        "/v1/metric", lambda _: {"archive_policy_name": "low"}), 5000, {"python": 15}),
    "create-resource": Row("create a resource, 16 connections", "req/s", create(
        "/v1/resource/generic", lambda offset: {"id": resource_id(offset)}), 3000, {"python": 15}),
    "list": Row("list 1,000 resources, 8 connections", "req/s", list_resources, 300,
                {"python": 30}),
    "search": Row("search 50 of 10,000 resources, 8 connections", "req/s", search_resources, 3000,
                  {"python": 30}),
}
