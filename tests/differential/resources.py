"""Resources: their making, change, history and deletion, with conditional headers."""
import values

DATES = ["Mon, 01 Jan 2001 00:00:00 GMT", "Tue, 01 Jan 2999 00:00:00 GMT", "x", ""]


class Resources:
    def resource(self):
        values.one_of(self.rng, (6, self.create_resource), (3, self.show_resource),
                      (1, self.delete_resource), (2, self.history))

    def resource_change(self):
        values.one_of(self.rng, (6, self.update_resource), (3, self.post_metrics),
                      (1, self.delete_many))

    def attribute_value(self, attribute):
        rng = self.rng
        kind = attribute.get("type")
        if rng.faulty(0.07):
            return rng.choice(values.WRONG)
        if kind == "number":
            return rng.choice([0, 1, 5, 7.25, -3, 50, 1e3])
        if kind == "bool":
            return rng.random() < 0.5
        if kind == "uuid":
            return rng.choice(values.UUIDS)
        if kind == "datetime":
            return values.moment(rng)
        return self.word()

    def attributes_for(self, type_name, all_required=True):
        found = {}
        for name, attribute in self.types.get(type_name, {}).items():
            needed = attribute.get("required", True) and all_required
            if self.rng.random() < (0.97 if needed else 0.5):
                found[name] = self.attribute_value(attribute)
        return found

    def metric_name(self):
        return self.rng.choice(["cpu", "disk.io", "disk.iops", "m1", "m3", "mem", "é", "net in"])

    def metric_value(self):
        """What may stand for a metric in a resource's `metrics`."""
        rng = self.rng
        known = ["<<%d.id>>" % m["label"] for m in self.metrics if "path" not in m and not any(
            "<<%d.id>>" % m["label"] == used for used in self.given)]
        return values.one_of(
            rng, (5, lambda: {"archive_policy_name": self.policy_name()}), (2, {}),
            (2, lambda: {"archive_policy_name": self.policy_name(), "unit": self.word()}),
            (2 if known else 0.1 * rng.faults, lambda: self.give(known)),
            (0.5 * rng.faults,
             lambda: rng.choice(values.WRONG + [{"unit": "u" * 32}, {"name": "other"}])))

    def give(self, known):
        """A metric's id, each only once: a metric has one name."""
        chosen = self.rng.choice(known or [values.UUIDS[0]])
        self.given.append(chosen)
        return chosen

    def create_resource(self):
        rng = self.rng
        n = len(self.resources)
        type_name = self.type_name()
        id = values.one_of(rng, (5, "res%dNS" % n), (2, "%08d-1111-4222-8333-444444444444" % n),
                           (1, "a b é %d" % n), (0.5 * rng.faults if n else 0, lambda: self.resource_id()),
                           (0.5 * rng.faults, lambda: rng.choice(
                               ["a/b", "x" * 256, "", None, 5, "%41", "a+b"])))
        body = {"id": id}
        body.update(self.attributes_for(type_name))
        for name, chance, value in (("user_id", 0.4, lambda: rng.choice(["u1", "u2", self.word()])),
                                    ("project_id", 0.4, lambda: rng.choice(["p1", "p2", None])),
                                    ("started_at", 0.3, lambda: values.moment(rng)),
                                    ("ended_at", 0.2, lambda: self.end(body))):
            if rng.random() < chance:
                body[name] = value()
        if rng.random() < 0.5:
            body["metrics"] = {self.metric_name(): self.metric_value()
                               for _ in range(rng.randrange(3))}
        body = values.spoil(rng, body, 0.08)
        label = self.add("POST", "/v1/resource/" + type_name, body)
        if isinstance(id, str) and id and "/" not in id:
            self.resources.append((type_name, id, label))
            for name, value in (body.get("metrics") or {}).items() if isinstance(
                    body.get("metrics"), dict) else ():
                self.metrics.append({"label": label, "path": "metrics." + name,
                                     "resource": (type_name, id), "name": name})

    def end(self, body):
        """Mostly after the start: of an end before it Python dies."""
        if self.rng.faulty(0.3):
            return values.moment(self.rng)
        body.setdefault("started_at", "2023-01-01T00:00:00")
        return self.rng.choice(["2101-01-01T00:00:00", 4133980800, "2102-07-01T06:30:00.25"])

    def known_resource(self):
        if not self.resources:
            self.create_resource()
        if not self.resources or self.rng.faulty(0.06):
            return self.type_name(), self.rng.choice(["nosuch", values.UUIDS[1]]), None
        return self.rng.choice(self.resources)

    def resource_id(self):
        return self.known_resource()[1]

    def resource_path(self):
        """Under its own type mostly, else generic, else another."""
        type_name, id, label = self.known_resource()
        if label is not None and self.rng.random() < 0.3:
            id = "<<%d.id>>" % label
        type_name = values.one_of(self.rng, (6, type_name), (3, "generic"), (1, self.type_name))
        return "/v1/resource/%s/%s" % (type_name, id), label

    def conditions(self, label):
        rng = self.rng
        if rng.random() < 0.6:
            return {}
        tag = rng.choice(['"bogus"', "*", "<<%s.@ETag>>" % (label or 0), "<<%s.@ETag>>" % (
            label or 0), 'W/"x", "y"', ""])
        return rng.choice([{"If-Match": tag}, {"If-None-Match": tag},
                           {"If-Modified-Since": rng.choice(DATES)},
                           {"If-Unmodified-Since": rng.choice(DATES)},
                           {"If-Match": tag, "If-Unmodified-Since": rng.choice(DATES)}])

    def show_resource(self):
        path, label = self.resource_path()
        self.add("GET", path + self.rng.choice(["", "", "/"]), headers=self.conditions(label))

    def history(self):
        path, _ = self.resource_path()
        rng = self.rng
        self.add("GET", path + "/history" + self.query(
            details=values.wrong(rng, rng.choice([None, "true", "False"]), 0.1),
            sort=rng.choice([None, None, "revision_end:asc", "revision_start:desc"]),
            limit=rng.choice([None, None, 1, 2] + ([0, "x"] if rng.faulty(0.5) else []))), walk=rng.random() < 0.6)

    def delete_resource(self):
        path, label = self.resource_path()
        self.add("DELETE", path, headers=self.conditions(label))

    def update_resource(self):
        rng = self.rng
        path, label = self.resource_path()
        if path.split("/")[3] == "generic":
            # By way of generic Python loses the revision of a resource of another type.
            type_name, id, label = self.known_resource()
            path = "/v1/resource/%s/%s" % (type_name, id)
        type_name = path.split("/")[3]
        body = self.attributes_for(type_name, False)
        for name, chance, value in (("user_id", 0.1, lambda: self.word()),
                                    ("project_id", 0.1, lambda: rng.choice(["p1", "p3"])),
                                    ("started_at", 0.1, lambda: values.moment(rng)),
                                    ("ended_at", 0.25, lambda: self.end(body))):
            if rng.random() < chance:
                body[name] = value()
        if rng.random() < 0.2:
            body["metrics"] = {self.metric_name(): self.metric_value()
                               for _ in range(rng.randrange(3))}
        body = values.spoil(rng, body, 0.06)
        self.add("PATCH", path, body, headers=self.conditions(label))

    def post_metrics(self):
        path, label = self.resource_path()
        name = self.metric_name()
        body = {name: self.metric_value() for name in {name, self.metric_name()}}
        body = values.wrong(self.rng, body)
        self.add("POST", path + "/metric", body, unordered=True)

    def delete_many(self):
        """Of any type but generic Python leaves the resources as generic ones: nothing more then."""
        rng = self.rng
        type_name = self.type_name()
        last = [200] if type_name != "generic" else []
        if rng.random() < 0.5:
            self.add("DELETE", "/v1/resource/%s%s" % (type_name, rng.choice(["", "/"])),
                     self.filter(type_name, 1), last=last)
        else:
            self.add("DELETE", "/v1/resource/%s%s" % (type_name, self.query(
                filter=rng.choice([None, self.filter_text(type_name)]))), last=last)
