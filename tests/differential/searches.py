"""Filters in both forms, lists and pages."""
import json

import values

COMPARISONS = ["=", "==", "eq", "!=", "ne", "<", "lt", "<=", "le", ">", "gt", ">=", "ge", "≠", "≤",
               "≥", "like", "in"]
COMMON = {"id": "id", "user_id": "string", "project_id": "string", "type": "string",
          "started_at": "datetime", "ended_at": "datetime", "original_resource_id": "string",
          "creator": "string", "revision_start": "datetime", "revision_end": "datetime"}
# Not created_by_user_id and created_by_project_id: in mode basic Python finds nothing by them.


class Searches:
    def filterable(self, type_name):
        found = dict(COMMON)
        for name, attribute in self.types.get(type_name, {}).items():
            found[name] = attribute.get("type", "string")
        return found

    def filter_value(self, kind):
        rng = self.rng
        if rng.faulty(0.1):
            return rng.choice([None, None, True, 5, "x", 1.5, ""])
        if kind == "id":
            return self.resource_id()
        if kind == "datetime":
            return rng.choice([values.moment(rng), None])
        if kind == "number":
            return rng.choice([0, 1, 5, 7.25, -3, 50, None])
        if kind == "bool":
            return rng.random() < 0.5
        if kind == "uuid":
            return rng.choice(values.UUIDS)
        return rng.choice(["u1", "u2", "p1", "p2", None, "admin", "res1NS", self.word(), "generic"])

    def filter(self, type_name, depth):
        """A tree of at most `depth` levels above its comparisons."""
        rng = self.rng
        if depth > 0 and rng.random() < 0.5:
            if rng.random() < 0.3:
                return {"not": self.filter(type_name, depth - 1)}
            return {rng.choice(["and", "or"]): [
                self.filter(type_name, depth - 1) for _ in range(rng.choice([1, 2, 2, 3]))]}
        if rng.faulty(0.04):
            return rng.choice([{}, {"=": {}}, {"=": {"id": "x", "type": "y"}}, {"nosuch": {"a": 1}},
                               {"=": 5}, {"and": []}, {"and": {}}, {"in": {"type": []}},
                               {"in": {"type": "x"}}, {"not": []}, {"=": {"type": ["x"]}},
                               {"=": {"type": "a"}, "<": {"type": "b"}}, {"like": {"id": "x%"}}])
        operator = rng.choice(COMPARISONS)
        known = self.filterable(type_name)
        name = "nosuch" if rng.faulty(0.05) else rng.choice(sorted(known))
        if operator == "in":
            value = [self.filter_value(known.get(name)) for _ in range(rng.choice([1, 2, 3]))]
        else:
            value = self.filter_value(known.get(name))
            if value is None and not rng.faulty(0.1):
                operator = rng.choice(["=", "!=", "==", "ne"])  # of the others Python dies
            if operator == "like" and isinstance(value, str):
                value = rng.choice([value, value[:2] + "%", "%" + value, "_" + value[1:], "%"])
        return {operator: {name: value}}

    def filter_text(self, type_name, depth=2):
        rng = self.rng
        if rng.faulty(0.06):
            return rng.choice(["", "x", "a=", "=1", "(a=1", "a=1 and", "not", "a = 1 b = 2",
                               "user_id in []", "user_id='", "a==='b'", "user_id = u1"])
        if depth > 0 and rng.random() < 0.5:
            inner = [self.filter_text(type_name, depth - 1) for _ in range(rng.choice([2, 2, 3]))]
            how = rng.randrange(4)
            if how == 0:
                return "not (%s)" % inner[0]
            joined = (" and " if how == 1 else " or ").join(inner)
            return "(%s)" % joined if how < 3 else joined
        known = self.filterable(type_name)
        name = "nosuch" if rng.faulty(0.05) else rng.choice(sorted(known))
        operator = rng.choice(COMPARISONS)
        if operator == "in":
            value = "[%s]" % ", ".join(
                literal(self.filter_value(known.get(name))) for _ in range(rng.choice([1, 2])))
        else:
            value = self.filter_value(known.get(name))
            if value is None and not rng.faulty(0.1):
                operator = rng.choice(["=", "!=", "ne"])
            value = literal(value)
        space = rng.choice(["", " "]) if not operator.isalpha() else " "
        return name + space + operator + space + value

    def search(self):
        rng = self.rng
        type_name = self.type_name()
        path = "/v1/search/resource/" + type_name
        details = values.wrong(rng, rng.choice([None, None, None, "true", "false"]))
        query = dict(details=details, history=values.wrong(rng, rng.choice([None, None, None, "true"])))
        query.update(self.page(details))
        body = None
        how = rng.randrange(5)
        if how <= 2:
            body = values.wrong(rng, self.filter(type_name, 3), 0.02)
        elif how == 3:
            query["filter"] = self.filter_text(type_name)
        self.add("POST", path + self.query(**query), body, walk=rng.random() < 0.5,
                 unordered=details is not None)

    def page(self, details=None):
        """With details Python forgets the order, so that its pages repeat and skip: no pages then."""
        rng = self.rng
        if details is not None:
            return {"attrs": rng.choice([None, ["id", "type"]])}
        marker = None
        if rng.faulty(0.15):
            marker = rng.choice([values.UUIDS[0], "x", self.resource_id()])
        sort = rng.choice([None, None, None, "id:asc", "started_at:desc", "id", "user_id:asc", "project_id:desc-nullslast",
                           "user_id:asc-nullsfirst", ["user_id:desc", "id:asc"]])
        if rng.faulty(0.1):
            sort = rng.choice(["nosuch:asc", "id:x", "", ":"])
        return {"limit": values.wrong(rng, rng.choice([None, None, None, 1, 2, 3, 100000]), 0.1),
                "marker": marker, "sort": sort,
                "attrs": rng.choice([None, None, None, "id", ["id", "type"], ["id", "nosuch"]])}

    def listing(self):
        rng = self.rng
        how = rng.randrange(8)
        if how <= 2:
            details = values.wrong(rng, rng.choice([None, None, "true", "True"]))
            query = dict(details=details, history=values.wrong(rng, rng.choice([None, None, "true"])))
            query.update(self.page(details))
            self.add("GET", "/v1/resource/%s%s" % (self.type_name(), self.query(**query)),
                     walk=rng.random() < 0.6, unordered=details is not None)
        elif how <= 5:
            query = self.page()
            query.pop("attrs", None)
            if query["sort"] not in (None, "name:asc"):
                query["sort"] = rng.choice(["name:asc", "nosuch", "id:desc", "unit:desc"])
            if query["marker"] and self.metrics and rng.random() < 0.5:
                query["marker"] = values.UUIDS[0]
            query.update(rng.choice([{}, {}, {"name": self.metric_name()}, {"status": "active"},
                                     {"status": "x"}, {"archive_policy_name": self.policy_name()},
                                     {"creator": "admin"}, {"user_id": "admin"},
                                     {"project_id": "p1"}, {"unit": "B/s"}, {"nosuch": "1"},
                                     {"id": values.UUIDS[0]}]))
            # The order of ids, and so what a page holds, is each server's own.
            self.add("GET", "/v1/metric" + self.query(**query), walk=True, unordered=True)
        else:
            self.add("GET", rng.choice(["/v1/archive_policy", "/v1/archive_policy_rule",
                                        "/v1/resource_type", "/v1/resource", "/v1/resource/"]),
                     unordered=True)


def literal(value):
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'%s'" % value if "'" not in value else json.dumps(value, ensure_ascii=False)
    return str(value)
