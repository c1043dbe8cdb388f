"""Bad input of every kind: a 4xx in Gnocchi's JSON error form that names the fault; nothing of a
refused request is stored, and the server goes on.

usage: bad_input.py BUILD_DIRECTORY DATABASE
"""
import json
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402

LIMIT = 1 << 20
MEASURES = "/v1/metric/{metric}/measures"
BATCH = "/v1/batch/metrics/measures"
NAMED = "/v1/batch/resources/metrics/measures"
RESOURCES = "/v1/resource/generic"
SEARCH = "/v1/search/resource/generic"
POLICY = "/v1/archive_policy"
GOOD = {"timestamp": "2024-01-01T00:00:00", "value": 1}


def policy(**changes):
    body = {"name": "bad", "definition": [{"granularity": "1s", "points": 10}]}
    body.update(changes)
    return body


# (what, method, path, body, status, words of the description)
CASES = [
    ("no JSON", "POST", MEASURES, b"{", 400, ""),
    ("nothing", "POST", MEASURES, b"", 400, ""),
    ("trailing garbage", "POST", MEASURES, b"[] []", 400, ""),
    ("deep JSON", "POST", MEASURES, b"[" * 200000, 400, ""),
    ("deep batch", "POST", BATCH, b'{"a":' * 100000, 400, ""),
    ("deep search", "POST", SEARCH, b'{"not":' * 100000, 400, ""),
    ("deep search, well formed", "POST", SEARCH,
     b'{"not":' * 5000 + b'{"=":{"user_id":"x"}}' + b"}" * 5000, 400, ""),
    ("deep policy", "POST", POLICY, b'{"name":' + b"[" * 50000, 400, ""),
    ("object for a list", "POST", MEASURES, {"timestamp": 1, "value": 1}, 400, "measures"),
    ("number for a list", "POST", MEASURES, b"7", 400, "measures"),
    ("no timestamp", "POST", MEASURES, [{"value": 1}], 400, ""),
    ("no value", "POST", MEASURES, [{"timestamp": 1}], 400, ""),
    ("value is a list", "POST", MEASURES, [{"timestamp": 1, "value": [1]}], 400, "value"),
    ("value is a word", "POST", MEASURES, [{"timestamp": 1, "value": "much"}], 400, "value"),
    ("timestamp is a word", "POST", MEASURES, [{"timestamp": "yesterday-ish", "value": 1}], 400,
     "yesterday-ish"),
    ("timestamp before 1970", "POST", MEASURES, [{"timestamp": "1969-12-31T23:59:59", "value": 1}],
     400, "timestamp"),
    ("negative timestamp", "POST", MEASURES, [{"timestamp": -5, "value": 1}], 400, "timestamp"),
    ("timestamp far ahead", "POST", MEASURES, [{"timestamp": 1e30, "value": 1}], 400, "timestamp"),
    ("timestamp NaN", "POST", MEASURES, b'[{"timestamp": NaN, "value": 1}]', 400, "timestamp"),
    ("good, then bad", "POST", MEASURES, [GOOD, {"timestamp": "bad", "value": 1}], 400, "bad"),
    ("not UTF-8", "POST", MEASURES, b'[{"timestamp": "\xff\xfe", "value": 1}]', 400, ""),
    ("lone surrogate", "POST", RESOURCES, b'{"id": "\\ud800"}', 400, ""),
    ("NUL in a string", "POST", POLICY, b'{"name": "a\\u0000b", "definition": []}', 400, ""),
    ("wrong uuid in a batch", "POST", BATCH, {"no-uuid": [GOOD]}, 400, ""),
    ("batch of an unknown metric", "POST", BATCH,
     {"{metric}": [GOOD], "5f6ed9e0-8d4b-4b4b-8d4b-5f6ed9e08d4b": [GOOD]}, 400,
     "Unknown metrics: 5f6ed9e0-8d4b-4b4b-8d4b-5f6ed9e08d4b"),
    ("batch is a list", "POST", BATCH, [GOOD], 400, ""),
    ("batch of an unknown resource", "POST", NAMED, {"nobody": {"cpu": [GOOD]}}, 400,
     "Unknown metrics:"),
    ("create_metrics on an unknown resource", "POST", NAMED + "?create_metrics=true",
     {"nobody": {"cpu": [GOOD]}}, 400, "Unknown resources"),
    ("create_metrics is no boolean", "POST", NAMED + "?create_metrics=perhaps",
     {"nobody": {"cpu": [GOOD]}}, 400, "create_metrics"),
    ("metric with an unknown field", "POST", "/v1/metric",
     {"archive_policy_name": "p", "colour": "red"}, 400, "colour"),
    ("metric of an unknown policy", "POST", "/v1/metric", {"archive_policy_name": "nosuch"}, 400,
     "nosuch"),
    ("metric without a policy", "POST", "/v1/metric", {"name": "unmatched"}, 400, "unmatched"),
    ("metric with a slash", "POST", "/v1/metric", {"archive_policy_name": "p", "name": "a/b"}, 400,
     "'/'"),
    ("metric name too long", "POST", "/v1/metric", {"archive_policy_name": "p", "name": "n" * 300},
     400, ""),
    ("unit too long", "POST", "/v1/metric", {"archive_policy_name": "p", "unit": "u" * 32}, 400,
     "unit"),
    ("no uuid in the path", "GET", "/v1/metric/no-uuid/measures", None, 404, "no-uuid"),
    ("unknown metric", "GET", "/v1/metric/5f6ed9e0-8d4b-4b4b-8d4b-5f6ed9e08d4b", None, 404,
     "Metric 5f6ed9e0-8d4b-4b4b-8d4b-5f6ed9e08d4b does not exist"),
    ("start is no time", "GET", MEASURES + "?start=abc", None, 400, "start"),
    ("granularity is no time", "GET", MEASURES + "?granularity=abc", None, 400, "granularity"),
    ("negative granularity", "GET", MEASURES + "?granularity=-5", None, 400, "granularity"),
    ("unknown aggregation", "GET", MEASURES + "?aggregation=mode", None, 404, "mode"),
    ("resample without granularity", "GET", MEASURES + "?resample=60", None, 400, "granularity"),
    ("policy without definition", "POST", POLICY, {"name": "bad"}, 400, "definition"),
    ("empty definition", "POST", POLICY, policy(definition=[]), 400, ""),
    ("negative granularity in a policy", "POST", POLICY,
     policy(definition=[{"granularity": -1, "points": 5}]), 400, ""),
    ("zero granularity", "POST", POLICY, policy(definition=[{"granularity": 0, "points": 5}]), 400,
     "ranularity"),
    ("zero points", "POST", POLICY, policy(definition=[{"granularity": 1, "points": 0}]), 400, ""),
    ("points are a word", "POST", POLICY,
     policy(definition=[{"granularity": 1, "points": "many"}]), 400, ""),
    ("granularity twice", "POST", POLICY,
     policy(definition=[{"granularity": 1, "points": 5}, {"granularity": 1, "points": 9}]), 400,
     "granularity"),
    ("timespan does not fit", "POST", POLICY,
     policy(definition=[{"granularity": 1, "points": 5, "timespan": 9}]), 400, ""),
    ("granularity of a fraction of a nanosecond", "POST", POLICY,
     policy(definition=[{"points": 7, "timespan": 60}]), 400, ""),
    ("archive over 292 years", "POST", POLICY,
     policy(definition=[{"granularity": 86400, "points": 10 ** 9}]), 400, ""),
    ("unknown method", "POST", POLICY, policy(aggregation_methods=["mode"]), 400,
     "data['aggregation_methods'][0]"),
    ("negative back window", "POST", POLICY, policy(back_window=-1), 400, "back_window"),
    ("policy name too long", "POST", POLICY, policy(name="n" * 300), 400, ""),
    ("policy with an unknown field", "POST", POLICY, policy(colour=1), 400, "colour"),
    ("resource without id", "POST", RESOURCES, {}, 400, "id"),
    ("resource with an unknown attribute", "POST", RESOURCES, {"id": "r", "colour": "red"}, 400,
     "colour"),
    ("resource id with a slash", "POST", RESOURCES, {"id": "a/b"}, 400, "/"),
    ("resource id too long", "POST", RESOURCES, {"id": "r" * 400}, 400, ""),
    ("started_at is no time", "POST", RESOURCES, {"id": "r", "started_at": "soon-ish"}, 400,
     "started_at"),
    ("ends before it starts", "POST", RESOURCES,
     {"id": "r", "started_at": "2024-01-02", "ended_at": "2024-01-01"}, 400, ""),
    ("resource with an unknown metric", "POST", RESOURCES,
     {"id": "r", "metrics": {"m": "5f6ed9e0-8d4b-4b4b-8d4b-5f6ed9e08d4b"}}, 400, ""),
    ("resource of an unknown type", "POST", "/v1/resource/nosuch", {"id": "r"}, 404,
     "Resource type nosuch does not exist"),
    ("type with a reserved attribute", "POST", "/v1/resource_type",
     {"name": "bad", "attributes": {"user_id": {"type": "string"}}}, 400, "user_id"),
    ("type with a wrong attribute type", "POST", "/v1/resource_type",
     {"name": "bad", "attributes": {"a": {"type": "colour"}}}, 400, ""),
    ("search for an unknown attribute", "POST", SEARCH, {"=": {"colour": "red"}}, 400, "colour"),
    ("search with an unknown operator", "POST", SEARCH, {"~": {"user_id": "x"}}, 400, ""),
    ("search with two operators", "POST", SEARCH,
     {"=": {"user_id": "x"}, "!=": {"user_id": "y"}}, 400, ""),
    ("search string cut short", "POST", SEARCH + "?filter=user_id%20%3D", b"", 400,
     "Invalid filter"),
    ("deep search string", "POST", SEARCH + "?filter=" + "(" * 20000, b"", 400, "Invalid filter"),
    ("unknown marker", "GET", RESOURCES + "?marker=5f6ed9e0-8d4b-4b4b-8d4b-5f6ed9e08d4b", None, 400,
     "5f6ed9e0-8d4b-4b4b-8d4b-5f6ed9e08d4b"),
    ("limit is a word", "GET", RESOURCES + "?limit=few", None, 400, "limit"),
    ("negative limit", "GET", RESOURCES + "?limit=-1", None, 400, "limit"),
    ("sort by nothing known", "GET", RESOURCES + "?sort=colour:asc", None, 400, "colour"),
    ("delete everything", "DELETE", RESOURCES, None, 400, "caution"),
    ("too large", "POST", MEASURES, b" " * (LIMIT + 1), 413, ""),
    ("unknown path", "GET", "/v1/nosuch", None, 404, None),
    ("wrong method", "PUT", "/v1/metric", {}, 405, None),
]

# Python's schema has columns of 3-byte characters on MySQL; SQLite takes these.
EMOJI = "\U0001F600"
MYSQL_CASES = [
    ("emoji in a metric's name", "POST", "/v1/metric",
     {"archive_policy_name": "p", "name": EMOJI}, 400, "metric"),
    ("emoji in a policy's name", "POST", POLICY, policy(name=EMOJI), 400, "archive_policy"),
    ("emoji in a type's name", "POST", "/v1/resource_type", {"name": EMOJI}, 400, "resource_type"),
    ("emoji in a user", "POST", RESOURCES, {"id": "r", "user_id": EMOJI}, 400, "user_id"),
    ("emoji in a resource's metric", "POST", RESOURCES,
     {"id": "r", "metrics": {EMOJI: {"archive_policy_name": "p"}}}, 400, "name"),
    ("emoji in like", "POST", SEARCH, {"like": {"user_id": EMOJI}}, 400, "like"),
]


def stored(client):
    return {url: client.expect(200, "GET", url) for url in (
        POLICY, "/v1/archive_policy_rule", "/v1/resource_type", RESOURCES, "/v1/metric",
        "/v1/status?details=false")}


def check(client, metric, case):
    what, method, path, body, status, words = case
    path = path.replace("{metric}", metric)
    if isinstance(body, (dict, list)):
        body = json.dumps(body).replace("{metric}", metric)
    try:
        answer = client.request(method, path, body)
    except OSError as e:
        return "%s: no answer: %s" % (what, e)
    if answer.status != status:
        return "%s: %d, not %d: %.300s" % (what, answer.status, status, answer.body)
    try:
        error = answer.json
        description = json.dumps(error["description"], ensure_ascii=False)
        if error["code"] != status or not error["title"]:
            return "%s: wrong form: %.300s" % (what, answer.body)
    except (ValueError, KeyError):
        return "%s: not Gnocchi's JSON error: %.300s" % (what, answer.body)
    if words is not None and (words not in description or description in ('""', "null")):
        return "%s: does not name the fault (%r): %.300s" % (what, words, answer.body)
    return None


def raw(port, data):
    """Sends bytes that no client library would; the status, or None if closed without one."""
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        s.settimeout(10)
        s.sendall(data)
        line = s.makefile("rb").readline().split()
        return int(line[1]) if len(line) > 1 else None


def main():
    options = "[oslo_middleware]\nmax_request_body_size = %d\n" % LIMIT
    build, kind = sys.argv[1], sys.argv[2]
    cases = CASES + (MYSQL_CASES if kind == "mysql" else [])
    with harness.workspace() as where:
        database = harness.Database(kind, where)
        gnocchi = harness.Deployment(build, where, database, options=options)
        try:
            gnocchi.upgrade("--skip-archive-policies-creation")
            api = gnocchi.start_api()
            client = gnocchi.client()
            client.expect(201, "POST", POLICY, policy(name="p"))
            metric = client.expect(201, "POST", "/v1/metric", {"archive_policy_name": "p"})["id"]
            before = stored(client)
            faults = [f for f in (check(client, metric, case) for case in cases) if f]
            for data, want in ((b"GET / HTTP/9.9\r\n\r\n", (400, 505)),
                               (b"nonsense\r\n\r\n", (400,)),
                               (b"GET /v1/metric\x00 HTTP/1.1\r\nHost: x\r\n\r\n", (400, 401, 404)),
                               (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 2000000 + b"\r\n\r\n",
                                (400, 431)),
                               (b"POST /v1/metric HTTP/1.1\r\nHost: x\r\n"
                                b"Content-Length: -1\r\n\r\n", (400,)),
                               (b"POST /v1/metric HTTP/1.1\r\nHost: x\r\n"
                                b"Content-Length: 99999999999\r\n\r\n",
                                (413,))):
                try:
                    status = raw(gnocchi.port, data)
                except OSError as e:
                    status = repr(e)
                if status not in want:
                    faults.append("%.40r: %s, not %s" % (data, status, want))
            if stored(client) != before:
                faults.append("something of a refused request was stored")
            # Odd, but good.
            for body in (b'[{"timestamp": 1700000000, "value": NaN}]',
                         b'[{"timestamp": 1700000001, "value": -Infinity}]',
                         b'[{"timestamp": "1700000002.5", "value": "7.5"}]', b"[]"):
                answer = client.post(MEASURES.replace("{metric}", metric), body)
                if answer.status != 202:
                    faults.append("%s: %d %s" % (body, answer.status, answer.body))
            for fault in faults:
                print(fault)
            print("%d bad requests, %d faults" % (len(cases) + 6, len(faults)))
            assert api.alive(), api.tail()
            gnocchi.stop()
        finally:
            gnocchi.kill()
            database.drop()
    sys.exit(1 if faults else 0)


main()
