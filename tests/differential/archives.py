"""Archive policies and rules."""
import values


class Archives:
    def archive_policy(self):
        values.one_of(self.rng, (6, self.create_policy), (2, self.show_policy),
                      (3, self.change_policy), (1, self.delete_policy))

    def policy_name(self):
        return self.rng.choice(self.policies + ["nosuch"] if self.rng.faulty(0.1)
                               else self.policies)

    def definition_item(self, good):
        rng = self.rng
        item = {"granularity": rng.choice(values.GRANULARITIES)}
        form = rng.randrange(3)
        if form == 0:
            item["points"] = rng.choice([1, 10, 60, 1000])
        elif form == 1:
            item["timespan"] = rng.choice(["7 days", "1 day", "30 days", 86400 * 365])
        elif rng.random() < 0.3:
            item = {"points": rng.choice([10, 24, 60]), "timespan": rng.choice(["1 day", 3600])}
        if not good and rng.faulty(0.15):
            item[rng.choice(sorted(item))] = rng.choice(values.BAD_GRANULARITIES)
        if not good and rng.faulty(0.05):
            item["points"], item["timespan"] = 7, "1h"
        return item

    def definition(self, good):
        items = [self.definition_item(good) for _ in range(self.rng.choice([1, 1, 2, 3]))]
        if good:
            items = [{"granularity": 1, "points": 3600}, {"granularity": 60, "points": 1440},
                     {"granularity": "1h"}][self.rng.randrange(3):]
        return values.wrong(self.rng, items, 0 if good else 0.03)

    def create_policy(self, good=False):
        rng = self.rng
        name = "ap%dNS" % len(self.policies)
        body = {"name": name, "definition": self.definition(good)}
        if rng.random() < 0.6:
            body["back_window"] = rng.choice([0, 1, 3, 10] if good else [
                0, 2, 10, "3"] + ([-1, 1.5, None, "x", True] if rng.faulty(0.6) else []))
        if rng.random() < 0.7:
            methods = rng.sample(values.METHODS, rng.randrange(1, 6))
            how = rng.randrange(5)
            if how == 0:
                methods = ["-std", "+rate:mean"]
            elif how == 1 and not good and rng.faulty(1):
                methods = rng.choice([["*"], [], ["nosuch"], ["+nosuch"], "mean", ["0pct"],
                                      ["100pct"], ["*", "-rate:5pct"], [5]])
            elif good:
                methods = sorted(set(methods + ["mean", "sum"]))
            body["aggregation_methods"] = methods
        if not good and rng.faulty(0.1):
            body["name"] = rng.choice(self.policies + [None, "", 5, "a/b NS", "é NS", "x" * 300])
        elif not good:
            body = values.spoil(rng, body)
        if body.get("name") == name:
            self.policies.append(name)
        self.add("POST", rng.choice(["/v1/archive_policy", "/v1/archive_policy/"]), body,
                 **({"user": "admin"} if good else {}))

    def show_policy(self):
        self.add("GET", "/v1/archive_policy/" + self.policy_name())

    def change_policy(self):
        rng = self.rng
        name = self.policy_name()
        if rng.random() < 0.5:
            definition = [{"granularity": g, "points": rng.choice([5, 100, 2000])}
                          for g in rng.choice([[1, 60], [60], [1, 60, 3600], [300], [3600]])]
        else:
            definition = self.definition(False)
        body = values.spoil(rng, {"definition": definition})
        self.add("PATCH", rng.choice(["/v1/archive_policy/", "/v1/archive_policy//"]) + name, body)

    def delete_policy(self):
        self.add("DELETE", "/v1/archive_policy/" + self.policy_name())

    def archive_policy_rule(self):
        rng = self.rng
        name = "rule%dNS" % len(self.rules)
        known = rng.choice(self.rules or ["nosuch"])
        how = rng.randrange(6)
        if how <= 2:
            body = {"name": rng.choice([name, name, name, known]),
                    "metric_pattern": values.wrong(rng, rng.choice(["disk.*", "*", "cpu*", "m[0-4]", "m?", "disk.io*",
                                                  "é*", "disk.[!i]*"]), 0.02),
                    "archive_policy_name": self.policy_name()}
            body = values.spoil(rng, body)
            self.rules.append(name)
            self.add("POST", "/v1/archive_policy_rule", body)
        elif how == 3:
            self.add("GET", "/v1/archive_policy_rule/" + known)
        elif how == 4:
            body = values.spoil(rng, {"name": rng.choice([name, name, known])})
            self.rules.append(name)
            self.add("PATCH", "/v1/archive_policy_rule/" + known, body)
        else:
            self.add("DELETE", "/v1/archive_policy_rule/" + known)
