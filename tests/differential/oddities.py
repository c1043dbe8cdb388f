"""Requests that no one should send, and some that are only rare."""
import values

PATHS = ["/", "/v1", "/v1/", "/v1/nosuch", "/v2", "/v1/capabilities", "/v1/capabilities/",
         "/v1/metric/x/measures", "/v1/resource/generic/x/y", "/v1/archive_policy/low/x",
         "/v1/search", "/v1/search/resource", "/v1/search/resource/nosuch", "/v1/batch",
         "/v1/batch/metrics", "/v1/resource/nosuch", "/v1/resource/nosuch/x", "/v1/aggregation",
         "/v1/status/x", "/v1/resource_type/", "/v1/metric/", "/v1/archive_policy_rule/",
         "/v1/archive_policy", "/v1/resource/generic", "/v1/resource", "/v1/metric",
         "/v1/batch/metrics/measures", "/v1/search/resource/generic", "/healthcheck"]
BODIES = ["", "{", "[1,", "nul", "{\"a\":}", "\"x\"", "5", "[]", "{}", "null", "true", "é",
          "{'a': 1}", "{\"a\": 1,}", "\ufeff{}", "{\"name\": \"\\ud800\"}", "[[[[]]]]"]


class Oddities:
    def oddity(self):
        values.one_of(self.rng, (3, self.odd_method), (3, self.odd_body), (3, self.odd_headers))

    def odd_method(self):
        method = self.rng.choice(["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "POST"])
        path = self.rng.choice(PATHS)
        if method == "DELETE" and path.rstrip("/").endswith("generic"):
            method = "GET"
        self.add(method, path, unordered=True)

    def odd_body(self):
        rng = self.rng
        method, path = rng.choice([
            ("POST", "/v1/archive_policy"), ("POST", "/v1/metric"), ("POST", "/v1/resource_type"),
            ("POST", "/v1/resource/generic"), ("POST", "/v1/batch/metrics/measures"),
            ("POST", "/v1/batch/resources/metrics/measures"), ("POST", "/v1/archive_policy_rule"),
            ("POST", "/v1/search/resource/generic"), ("PATCH", self.resource_path()[0]),
            ("PATCH", "/v1/archive_policy/low"), ("POST", self.metric_path() + "/measures")])
        body = rng.choice(BODIES)
        if path.endswith("measures") and body in ("[]", "{}"):
            body = "{"
        self.add(method, path, body)

    def odd_headers(self):
        rng = self.rng
        headers = rng.choice([
            {"Accept": None}, {"Accept": "*/*"}, {"Accept": "text/html"}, {"Accept": "text/plain"},
            {"Accept": "application/json, */*"}, {"Accept": "application/xml"},
            {"Content-Type": "text/plain"}, {"Content-Type": None},
            {"Content-Type": "application/json; charset=utf-8"}])
        method, path, body = rng.choice([
            ("GET", "/v1/archive_policy/nosuch", None), ("GET", "/v1/metric/x", None),
            ("GET", "/v1/resource/generic/nosuch", None), ("GET", "/v1/archive_policy", None),
            ("POST", "/v1/metric", {"archive_policy_name": "nosuch"}), ("GET", "/v1/nosuch", None),
            ("POST", "/v1/resource/generic", {"id": "a/b"}), ("GET", "/v1/capabilities", None),
            ("POST", "/v1/archive_policy", {"name": "x"}), ("PUT", "/v1/metric", None)])
        self.add(method, path, body, headers=headers)
