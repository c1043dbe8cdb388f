"""Resource types."""
import values


class Types:
    def resource_type(self):
        values.one_of(self.rng, (5, self.create_type), (2, self.show_type), (5, self.patch_type),
                      (1, self.delete_type))

    def type_name(self):
        names = sorted(self.types)
        return self.rng.choice(names + ["nosuch"] if self.rng.faulty(0.08) else names)

    def attribute(self, good=False):
        rng = self.rng
        kind = rng.choice(["string", "number", "bool", "uuid", "datetime", "string", "number"])
        found = {"type": kind}
        if rng.random() < 0.8:
            found["required"] = rng.random() < 0.25
        if kind == "string" and rng.random() < 0.5:
            found["max_length"] = rng.choice([5, 20, 255] + ([] if good or not rng.faulty(0.3) else [0, 256, 300, "x"]))
            if rng.random() < 0.5:
                found["min_length"] = rng.choice([0, 2] + ([] if good or not rng.faulty(0.3) else [-1, 30]))
        if kind == "number" and rng.random() < 0.5:
            found["min"] = rng.choice([0, -5, 1.5] + ([] if good or not rng.faulty(0.3) else [1000, "x"]))
            if rng.random() < 0.5:
                found["max"] = rng.choice([100, 10.5] + ([] if good or not rng.faulty(0.3) else [None, -10]))
        return found if good else values.wrong(rng, values.spoil(rng, found, 0.08), 0.02)

    def attribute_name(self, good=False):
        names = ["size", "label", "flag", "ref", "boot", "host", "a_b", "zz9"]
        if not good and self.rng.faulty(0.08):
            names = ["id", "type", "metrics", "creator", "é", "", "a b", "1a", "A", "x" * 70,
                     "revision_start", "_x", "name", "in", "not"]
        return self.rng.choice(names)

    def create_type(self, good=False):
        rng = self.rng
        name = "rt%dNS" % len(self.types)
        attributes = {self.attribute_name(good): self.attribute(good)
                      for _ in range(rng.randrange(1 if good else 0, 5))}
        body = {"name": name, "attributes": attributes}
        if not good and rng.faulty(0.1):
            body["name"] = rng.choice(sorted(self.types) + [None, 5, "", "é NS", "generic"])
        elif not good:
            body = values.spoil(rng, body)
        if body.get("name") == name and isinstance(body.get("attributes", {}), dict):
            self.types[name] = {k: v for k, v in body.get("attributes", {}).items()
                                if isinstance(v, dict)}
        self.add("POST", rng.choice(["/v1/resource_type", "/v1/resource_type/"]), body,
                 **({"user": "admin"} if good else {}))

    def show_type(self):
        self.add("GET", "/v1/resource_type/" + self.type_name())

    def patch_type(self):
        rng = self.rng
        name = self.type_name()
        if name == "generic":
            return  # Python accepts it, and is left with a type that nobody can use
        operations = []
        for _ in range(rng.choice([1, 1, 2, 3])):
            attribute = self.attribute_name()
            known = sorted(self.types.get(name, {}))
            if rng.random() < 0.5:
                value = self.attribute()
                if isinstance(value, dict) and rng.random() < 0.5:
                    value = dict(value, options={"fill": rng.choice(
                        ["x", 3, True, None, "filled", values.UUIDS[0], "2020-01-01T00:00:00"])})
                operations.append({"op": "add", "path": "/attributes/" + attribute, "value": value})
                if isinstance(value, dict) and name in self.types:
                    self.types[name] = dict(self.types[name], **{attribute: value})
            else:
                operations.append({"op": "remove", "path": "/attributes/" + rng.choice(
                    known + [attribute])})
        if rng.faulty(0.15):
            at = rng.randrange(len(operations))
            operations[at] = rng.choice([
                {"op": "replace", "path": "/attributes/size", "value": {}},
                {"op": "test", "path": "/attributes/size", "value": 1},
                {"op": "add", "path": "/name", "value": {}}, {"op": "add", "path": "/attributes/q"},
                {"op": "remove"}, {}, 5, {"op": "remove", "path": 7},
                {"op": "remove", "path": "/attributes"},
                {"op": "add", "path": "/attributes/size", "value": 5}])
        body = values.wrong(rng, operations, 0.04)
        headers = {"Content-Type": "application/json-patch+json"}
        if rng.faulty(0.05):
            headers = {"Content-Type": rng.choice(["application/json", "text/plain"])}
        self.add("PATCH", "/v1/resource_type/" + name, body, headers=headers)

    def delete_type(self):
        self.add("DELETE", "/v1/resource_type/" + self.type_name())
