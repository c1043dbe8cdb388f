"""Metrics and their measures."""
import values


class Metrics:
    def metric(self):
        values.one_of(self.rng, (5, self.create_metric), (3, self.show_metric),
                      (1, self.delete_metric), (2, self.resource_metrics))

    def create_metric(self):
        rng = self.rng
        body = {}
        if rng.random() < 0.85:
            body["archive_policy_name"] = self.policy_name()
        if rng.random() < 0.75:
            body["name"] = values.one_of(rng, (9, self.metric_name), (rng.faults, lambda: rng.choice(
                ["a/b", "", "x" * 256, None, 5])))
        if rng.random() < 0.3:
            body["unit"] = values.wrong(rng, rng.choice(["B/s", "é", "", "u" * 31]), 0.3)
        if rng.random() < 0.3 and "name" in body and self.resources:
            body["resource_id"] = self.resource_id()
        body = values.spoil(rng, body, 0.05)
        label = self.add("POST", rng.choice(["/v1/metric", "/v1/metric/"]), body)
        self.metrics.append({"label": label, "name": body.get("name")})

    def metric_path(self, nested=0.4):
        """Of one metric: by id, or by resource and name."""
        rng = self.rng
        if not self.metrics:
            self.create_metric()
        if rng.faulty(0.05):
            return "/v1/metric/" + rng.choice([values.UUIDS[2], "x", "00", "<<0.id>>"])
        metric = rng.choice(self.metrics)
        if "resource" in metric and rng.random() < nested:
            type_name, id = metric["resource"]
            return "/v1/resource/%s/%s/metric/%s" % (
                rng.choice([type_name, type_name, "generic"]), id, metric["name"])
        return "/v1/metric/<<%d.%s>>" % (metric["label"], metric.get("path", "id"))

    def show_metric(self):
        self.add("GET", self.metric_path())

    def delete_metric(self):
        self.add("DELETE", self.metric_path())

    def resource_metrics(self):
        path, _ = self.resource_path()
        rng = self.rng
        self.add("GET", path + "/metric" + rng.choice(["", "/", "/" + self.metric_name(),
                                                       "/nosuch"][:3 + (rng.faults > 0)]),
                 unordered=True)

    def post_measures(self):
        path = self.metric_path() + "/measures"
        body = values.wrong(self.rng, values.measures(self.rng), 0.02)
        if body in ([], {}):
            body = None  # an empty list stops Python's sack for ever
        self.add("POST", path, body, flush=[path + "?refresh=true"])
        if self.rng.random() < 0.7:
            self.add("GET", path, user="admin")

    def get_measures(self):
        rng = self.rng
        start = rng.choice([None, None, values.moment(rng, 0.1)])
        stop = rng.choice([None, None, values.moment(rng, 0.1)])
        self.add("GET", self.metric_path() + "/measures" + self.query(
            refresh=values.wrong(rng, rng.choice([None, "true"]), 0.1), start=start or None,
            stop=stop or None,
            aggregation=rng.choice([None, None, None, "sum", "sum", "max"] + values.METHODS),
            granularity=values.wrong(rng, rng.choice([None, None, None, 1, 60, "1h", 300, "60.0"]),
                                     0.2),
            resample=rng.choice([None] * 5 + [120, "1h", 7200, "Y", "H", "W"] + (
                ["x", 0] if rng.faulty(0.5) else [])),
            nosuch=rng.choice([None, None, None, 1])))
