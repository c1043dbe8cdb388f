"""Measures of many metrics at once."""
import values


class Batches:
    def batch(self):
        values.one_of(self.rng, (2, self.batch_metrics), (4, self.batch_resources))

    def batch_metrics(self):
        rng = self.rng
        body = {}
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            metric = rng.choice(self.metrics) if self.metrics else None
            key = "<<%d.%s>>" % (metric["label"], metric.get("path", "id")) if metric else "x"
            if rng.faulty(0.06):
                key = rng.choice(["x", values.UUIDS[0], ""])
            body[key] = values.wrong(rng, values.measures(rng), 0.02) or None
        self.add("POST", "/v1/batch/metrics/measures", values.wrong(rng, body, 0.02),
                 flush=["/v1/metric/%s/measures?refresh=true" % key for key in body])

    def batch_resources(self):
        rng = self.rng
        body, read = {}, []
        for _ in range(rng.choice([0, 1, 1, 2])):
            type_name, id, label = self.known_resource()
            names = {}
            for _ in range(rng.choice([0, 1, 2, 3])):
                name = self.metric_name()
                value = values.wrong(rng, values.measures(rng, 0.02), 0.02) or None
                if rng.random() < 0.4:
                    value = {"measures": value}
                    if rng.random() < 0.7:
                        value["archive_policy_name"] = self.policy_name()
                    if rng.random() < 0.3:
                        value["unit"] = values.wrong(rng, "B", 0.3)
                    value = values.spoil(rng, value, 0.05)
                names[name] = value
                read.append("/v1/resource/generic/%s/metric/%s" % (id, name))
            body[id] = values.wrong(rng, names, 0.02)
        # A refused request leaves metrics behind in Python, none with us.
        create = values.wrong(rng, rng.choice([None, "true", "True", "true", "false"]))
        self.add("POST", "/v1/batch/resources/metrics/measures" + self.query(
            create_metrics=create), values.wrong(rng, body, 0.02),
                 flush=[path + "/measures?refresh=true" for path in read], last=[400, 403])
        for path in read[:2]:
            self.add("GET", path)
            self.add("GET", path + "/measures", user="admin")
