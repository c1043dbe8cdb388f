"""Where we differ from Python Gnocchi 4.4.2 on purpose: each entry with its reason.

`test(step, python, ours, difference)` of an entry is true only for the very difference that is
meant. After an entry with `diverges` the two sides no longer hold the same, and the scenario ends.
"""
import ast
import collections
import html
import re
import urllib.parse

Known = collections.namedtuple("Known", "name reason test diverges", defaults=(False,))


def description(answer):
    """What an error says: text, or a dictionary. Found in the HTML form too."""
    body = answer.json
    if isinstance(body, dict):
        return body.get("description")
    found = re.search(r"<br /><br />\n(.*)\n\n\n </body>", answer.body, re.DOTALL)
    if not found:
        return None
    text = html.unescape(found.group(1))
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def cause(answer):
    found = description(answer)
    return found.get("cause") if isinstance(found, dict) else None


def crash(step, python, ours, _):
    return python.status in (0, 500) and 400 <= ours.status < 500


def library_text(name):
    def test(_step, python, ours, difference):
        return python.status == ours.status == 400 and cause(python) == cause(ours) == name
    return test


def refused(answer):
    return answer.status == 400 and isinstance(description(answer), str)


def only_own(step, python, ours, _):
    """We show a plain user a part of what Python shows, and all of what is his."""
    user = step.get("user")
    theirs, mine = python.json, ours.json
    if user is None or python.status != 200 or ours.status != 200:
        return False
    if step.get("walk"):
        theirs, mine = theirs["items"], mine["items"]
    if not isinstance(theirs, list) or not all(
            isinstance(r, dict) and r.get("creator", user) == user for r in mine):
        return False
    ids = {r["id"] for r in mine}
    return any(r["id"] not in ids and r.get("creator", "") != user for r in theirs)


def leaking_link(step, python, ours, difference):
    if difference.where != "header Link" or not isinstance(step.get("body"), dict):
        return False
    url, _, query = difference.python.strip("<").partition("?")
    query, _, rest = query.partition(">")
    key = urllib.parse.quote_plus(next(iter(step["body"]), ""))
    kept = [p for p in query.split("&") if not p.startswith(key + "=")]
    return "<%s?%s>%s" % (url, "&".join(kept), rest) == difference.ours


def refused_parameter(answer):
    return answer.status == 400 and (cause(answer) == "Argument value error" or
                                     "A granularity must be specified" in answer.body)


def pages_repeat(step, python, ours, _):
    if not step.get("walk") or python.status != 200 or ours.status != 200:
        return False
    if "items" not in python.json or "items" not in ours.json:
        return False
    # The ids of metrics are each server's own.
    theirs, mine = [[(r["name"], r["unit"], r["resource_id"]) if "archive_policy" in r else
                     r.get("id") for r in a.json["items"]] for a in (python, ours)]
    return len(theirs) != len(mine) and set(theirs) <= set(mine)


def null_time(step, python, ours, _):
    return python.status in (0, 500) and ours.status in (200, 201) and any(
        name in ("started_at", "ended_at") and one is None for name, one in members(step["body"]))


def both_refused(first, second):
    """Two faults, and each side names another one: Python's text and ours match."""
    def matches(answer, pattern):
        found = description(answer)
        text = found if isinstance(found, str) else cause(answer) or ""
        return answer.status in (400, 404, 409) and re.match(pattern, text) is not None

    def test(_step, python, ours, _difference):
        return matches(python, first) and matches(ours, second)
    return test


def extension(pattern, *statuses):
    """What Python refuses and later releases, or we, take; or the other way around."""
    def test(_step, python, ours, _difference):
        pair = (python.status, ours.status)
        refusal = python if python.status == 400 else ours
        text = description(refusal)
        text = text if isinstance(text, str) else str(text)
        return pair in statuses and re.search(pattern, text) is not None
    return test


def members(value):
    """All values within a body."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield key, one
            yield from members(one)
    elif isinstance(value, list):
        for one in value:
            yield None, one
            yield from members(one)


def bool_as_time(step, python, ours, _difference):
    return "is not a valid" not in ours.body and ours.status == 400 and any(
        isinstance(one, bool) for _, one in members(step.get("body"))) and \
        "not a valid value for dictionary value" in ours.body


FAULTS = ("Invalid value: ", "Invalid pagination: ", "Invalid filter: ")


def two_faults(_step, python, ours, _difference):
    def of_filter(text):
        return text.startswith(FAULTS) or re.fullmatch(
            r"Resource type \S+ has no .* attribute", text)
    return refused(python) and refused(ours) and of_filter(description(python)) and \
        of_filter(description(ours))


def parser_text(_step, python, ours, _difference):
    def of_filter(answer):
        return answer.status == 400 and (cause(answer) == "Invalid input" or
                                         str(description(answer)).startswith("Invalid filter: "))
    return of_filter(python) and of_filter(ours)


KNOWN = [
    Known("Python crashes", "An error inside Python closes the connection without an answer; we "
          "say what is wrong with the request (4xx).", crash, True),
    Known("null as time", "Python crashes over a resource's time of null; to us it is none.",
          null_time, True),
    Known("another's resource", "In mode basic Python lets a plain user create metrics on "
          "anybody's resource; we want him to be its creator.",
          lambda step, python, ours, _d: step.get("user") is not None and ours.status == 403 and
          python.status in (202, 400) and "create_metrics=" in step["path"], True),
    Known("patch that crashes", "Python crashes over a patch that adds an attribute twice.",
          lambda step, python, ours, _d: step["method"] == "PATCH" and python.status == 0 and
          ours.status == 200 and step["path"].startswith("/v1/resource_type/"), True),
    Known("nothing to change", "Python forgets ETag and Last-Modified if a PATCH changes nothing.",
          lambda step, _p, _o, d: step["method"] == "PATCH" and "/v1/resource/" in step["path"] and
          d.where in ("header ETag", "header Last-Modified") and d.python is None),
    Known("foreign resources", "Since 4.7 a resource that the asker may not see is one that does "
          "not exist.",
          lambda step, python, ours, _d: step.get("user") is not None and python.status == 403 and
          ours.status == 404 and "/v1/resource/" in step["path"] and
          str(description(ours)).startswith("Resource ")),
    Known("long ids", "Since 4.7 an id may have 289 characters, not 255.",
          lambda step, python, ours, _d: "x" * 256 in step["path"] + str(step.get("body")) and
          python.status in (400, 404) and "Resource " + "x" * 256 + " " in str(
              description(python)) or "transformable resource id >255" in python.body, True),
    Known("OPTIONS", "Python gives an empty answer a type.",
          lambda step, _p, _o, d: step["method"] == "OPTIONS" and d.where == "header Content-Type"),
    Known("half a character", "Python takes half of a pair of \\u escapes, which no UTF-8 can hold.",
          lambda _s, _p, ours, _d: cause(ours) == "Unable to decode body" and
          re.search("urrogate", ours.body) is not None),
    Known("text of ujson", "Where and why a body is no JSON, in the words of Python's library.",
          library_text("Unable to decode body")),
    Known("text of voluptuous", "What is wrong with a body of several faults: which of them "
          "voluptuous names, and how, depends on the order of its alternatives.",
          library_text("Invalid input")),
    Known("text of pyparsing", "Where a filter in text form is wrong, in the words of Python's "
          "library.", parser_text),
    Known("two faults", "A filter or a page with two faults: the one that is named differs.",
          two_faults),
    Known("two faults of a batch", "Unknown resource and no policy for its metrics: we name the "
          "resource, which the client has to make first.",
          both_refused("No archive policy name specified|Archive policy .* does not exist",
                       "Unknown resources"), True),
    Known("two faults of metrics", "Metrics of a resource with two faults: the one that is named "
          "differs.", both_refused("(Archive policy|Metric) .* does not exist|Named metric",
                                   "(Archive policy|Metric) .* does not exist|Named metric")),
    Known("metrics and attributes", "Python looks for the policies of metrics first.",
          both_refused("No archive policy name specified", "Invalid input")),
    Known("metrics of no resource", "A resource that does not exist comes first.",
          both_refused("No archive policy name specified", "Resource .* does not exist")),
    Known("like of an id", "An id can not be compared with `like`: the text differs.",
          both_refused("Invalid input", "Invalid value: `.*' for field `id'")),
    Known("body in Link", "Python lets a search's body leak into the URL of the next page.",
          leaking_link),
    Known("nothing by calendar", "Python crashes when it resamples no points by the calendar.",
          lambda step, python, ours, _d: python.status == 0 and ours.body == "[]" and
          "resample=" in step["path"]),
    Known("empty time", "Python reads a time of '' as one of 1677.",
          lambda step, python, ours, _d: python.status in (200, 201) and ours.status == 400 and any(
              one == "" for _, one in members(step["body"])) and
          "not a valid value for dictionary value" in ours.body, True),
    Known("text of a fill", "Why a value does not fill an attribute, in the words of Python.",
          both_refused("Invalid input: Option 'fill' of resource attribute",
                       "Invalid input: Option 'fill' of resource attribute")),
    Known("two faults of a definition", "A definition with two faults: the one that is named "
          "differs.", both_refused("Archive policy .* does not support change|More than one",
                                   "Archive policy .* does not support change|More than one")),
    Known("create_metrics", "Python reads create_metrics only once a metric is missing.",
          extension("Unable to parse `create_metrics'", (202, 400)), True),
    Known("long strings", "Since 4.7 a string attribute may have 256 characters.",
          lambda step, python, ours, _d: cause(python) == "Invalid input" and
          ours.status in (200, 201) and ("max_length", 256) in members(step["body"]), True),
    Known("empty names", "A policy or rule without a name could never be addressed, and an empty "
          "pattern matches nothing.",
          extension(r"length of value must be at least 1 .*\['(name|metric_pattern)'\]",
                    (201, 400), (403, 400), (400, 400)), True),
    Known("null among times", "`in` takes null for a time too, as for other attributes.",
          extension(r"Invalid value: `\[.*None.*\]' for field", (400, 200))),
    Known("measures that are not", "Python's schema of a search among measures knows `not`, its "
          "evaluation does not.", extension("Unknown operator not", (400, 200))),
    Known("values as markers", "A marker may be the value of the sort key of the last row, which "
          "CloudKitty sends.", extension("Invalid pagination: `Invalid marker", (400, 200))),
    Known("creator's parts", "Python compares created_by_user_id and created_by_project_id by "
          "equality alone; we by every operator.",
          extension("Invalid value: .* for field `created_by_", (400, 200))),
    Known("another type", "A filter compares an attribute with a value of another type, a bool with "
          "a text: Python leaves it to MySQL, we refuse it.",
          extension(r"Invalid value: `.*' for field", (200, 400)), True),
    Known("bool as time", "Python takes true for the first second of 1970.", bool_as_time, True),
    Known("changed attributes", "To add an attribute that exists does nothing in 4.4; since 4.7 it "
          "changes the attribute, or is refused if stored values might not fit.",
          lambda step, python, ours, _d: step["method"] == "PATCH" and
          "/v1/resource_type/" in step["path"] and python.status == 200 and
          (ours.status == 200 or re.search("can not (be changed|become)",
                                           str(description(ours))) is not None), True),
    Known("pages that repeat", "Python's pages repeat and skip rows whose sort key is null.",
          pages_repeat),
    Known("delete by type", "To delete resources of a type by attributes that all types share, "
          "Python forgets to join the tables: it deletes rows of others, and counts them.",
          lambda step, _p, _o, d: step["method"] == "DELETE" and d.where == "body.deleted" and
          not step["path"].startswith("/v1/resource/generic"), True),
    Known("nothing to aggregate", "Python does not look at the parameters of an old aggregation if "
          "no resource has the metric.",
          lambda step, python, ours, _d: step["path"].startswith("/v1/aggregation/resource") and
          python.status == 200 and '["' not in python.body and refused_parameter(ours)),
    Known("aggregates that crash", "Python crashes over booleans of comparisons in an aggregate, "
          "the count of one series, a fill of nothing: there is nothing to compare with.",
          lambda step, python, ours, _d: python.status == 0 and ours.status == 200 and
          step["path"].startswith(("/v1/aggregates", "/v1/aggregation"))),
    Known("end and start", "Python compares a new ended_at with the old started_at.",
          lambda step, python, ours, _d: step["method"] == "PATCH" and ours.status == 200 and
          "started_at" in step["body"] and re.match(
              "Value .* for attribute ended_at .* is invalid", str(description(python))), True),
    Known("metrics without measures", "A search for values fails in Python if one of the metrics "
          "never had a measure; to us it has no such values.",
          lambda step, python, ours, _d: step["path"].startswith("/v1/search/metric") and
          cause(python) == "Metric does not exist" and ours.status == 200),
    Known("text of operations", "Which of several faults of a request for aggregates is named.",
          lambda step, python, ours, _d: step["path"].startswith("/v1/aggregates") and
          python.status == ours.status == 400 and cause(python) and cause(ours)),
    Known("404 or 405", "We refuse a method that a path does not have without looking for what "
          "the path names.",
          lambda step, python, ours, _d: {python.status, ours.status} == {404, 405} or
          step["path"] in ("/", "/v1", "/v1/", "/healthcheck") and
          python.status in (200, 302) and ours.status == 405),
    Known("406 before 404", "We refuse an Accept that cannot be met without looking for what the "
          "path names.",
          lambda step, python, ours, _d: python.status in (404, 400) and ours.status == 406 and
          "Accept" in (step.get("headers") or {})),
    Known("spaces", "Python's text has the indentation of its source within.",
          lambda _s, python, ours, _d: python.status == ours.status == 400 and
          python.body.split() == ours.body.split()),
    Known("tenancy", "In mode basic Python shows every user everything; we show a plain user what "
          "is his.", only_own, True),
    Known("period of no whole nanoseconds", "Python stores a policy of 7 points in an hour and can "
          "never read what it aggregates by it; we refuse it.",
          lambda _s, python, ours, _d: python.status == 201 and refused(ours) and
          "no whole number of nanoseconds" in description(ours), True),
]


def known(step, python, ours, difference):
    """The entry that covers the difference, or None."""
    for entry in KNOWN:
        if entry.test(step, python, ours, difference):
            return entry
    return None
