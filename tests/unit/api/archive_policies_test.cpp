#include "tests/unit/api/application_fixture.h"

namespace gnocchi::api {
namespace {

class ArchivePolicies : public ApplicationFixture {
 protected:
  Response make(const std::string& body, const std::string& user = "admin") {
    return ask("POST", "/v1/archive_policy", body, {}, user);
  }
  /// The description that a body is refused with.
  std::string refusal(const std::string& body) {
    const auto response = make(body);
    EXPECT_EQ(response.status, 400) << body;
    return description(response);
  }
};

TEST_F(ArchivePolicies, AreMadeReadListedAndDeleted) {
  const auto made = make(R"({"name": "m", "back_window": "3", "aggregation_methods": ["max"],
      "definition": [{"granularity": "1 minute", "points": 20}, {"granularity": 2}]})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(header(made, "Location"), "http://localhost:8041/v1/archive_policy/m");
  EXPECT_EQ(made.body,
            R"({"name": "m", "back_window": 3, "definition": [{"timespan": "0:20:00", )"
            R"("granularity": "0:01:00", "points": 20}, {"timespan": null, "granularity": )"
            R"("0:00:02", "points": null}], "aggregation_methods": ["max"]})");
  EXPECT_EQ(ask("GET", "/v1/archive_policy/m").body, made.body);
  EXPECT_EQ(ask("GET", "/v1/archive_policy//m/", {}, {}, "foobar").body, made.body);
  EXPECT_EQ(ask("GET", "/v1/archive_policy").body, "[" + made.body + "]");
  EXPECT_EQ(description(make(R"({"name": "m", "definition": [{"granularity": 1}]})")),
            "\"Archive policy m already exists\"");
  EXPECT_EQ(ask("DELETE", "/v1/archive_policy/m").status, 204);
  const auto gone = ask("DELETE", "/v1/archive_policy/m");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(description(gone), "\"Archive policy m does not exist\"");
  EXPECT_EQ(ask("GET", "/v1/archive_policy/m").status, 404);
  EXPECT_EQ(ask("PATCH", "/v1/archive_policy/m", "{}").status, 404);
}

TEST_F(ArchivePolicies, HaveTheConfiguredMethodsByDefault) {
  EXPECT_NE(make(R"({"name": "a", "definition": [{"granularity": 1}]})")
                .body.find(R"(["count", "max", "mean", "min", "std", "sum"])"),
            std::string::npos);
  EXPECT_NE(make(R"({"name": "b", "definition": [{"granularity": 1}],
                     "aggregation_methods": ["-mean", "+median"]})")
                .body.find(R"(["count", "max", "median", "min", "std", "sum"])"),
            std::string::npos);
}

// Descriptions are those of Python Gnocchi 4.4.2.
TEST_F(ArchivePolicies, BadBodiesAreRefusedInItsWords) {
  const auto input = [](const std::string& reason, const std::string& detail) {
    return R"({"cause": "Invalid input", "reason": ")" + reason + R"(", "detail": [)" + detail +
           "]}";
  };
  EXPECT_EQ(refusal("[]"), input("expected a dictionary", ""));
  EXPECT_EQ(refusal(R"({"cowsay": 1})"),
            input("extra keys not allowed @ data['cowsay']", "\"cowsay\""));
  EXPECT_EQ(refusal(R"({"name": 1})"),
            input("expected str for dictionary value @ data['name']", "\"name\""));
  EXPECT_EQ(refusal(R"({"name": "b"})"),
            input("required key not provided @ data['definition']", "\"definition\""));
  EXPECT_EQ(refusal(R"({"definition": []})"),
            input("length of value must be at least 1 for dictionary value @ data['definition']",
                  "\"definition\""));
  EXPECT_EQ(refusal(R"({"definition": {}})"),
            input("expected a list for dictionary value @ data['definition']", "\"definition\""));
  EXPECT_EQ(refusal(R"({"definition": [1]})"),
            input("expected a dictionary @ data['definition'][0]", "\"definition\", \"0\""));
  const std::string path = "@ data['definition'][0]['granularity']";
  const std::string steps = R"("definition", "0", "granularity")";
  EXPECT_EQ(refusal(R"({"definition": [{"granularity": "a b"}]})"),
            input("Unable to parse timespan for dictionary value " + path, steps));
  EXPECT_EQ(refusal(R"({"definition": [{"granularity": -1}]})"),
            input("Timespan must be positive for dictionary value " + path, steps));
  EXPECT_EQ(refusal(R"({"definition": [{"points": null}]})"),
            input("expected int for dictionary value @ data['definition'][0]['points']",
                  R"("definition", "0", "points")"));
  EXPECT_EQ(refusal(R"({"definition": [{"points": 0}]})"),
            input("value must be at least 1 for dictionary value @ data['definition'][0]['points']",
                  R"("definition", "0", "points")"));
  EXPECT_EQ(refusal(R"({"back_window": -1})"),
            input("value must be at least 0 for dictionary value @ data['back_window']",
                  "\"back_window\""));
  EXPECT_EQ(refusal(R"({"aggregation_methods": "x"})"),
            input("expected a list for dictionary value @ data['aggregation_methods']",
                  "\"aggregation_methods\""));
  EXPECT_EQ(
      refusal(R"({"aggregation_methods": [1]})"),
      input("not a valid value @ data['aggregation_methods'][0]", R"("aggregation_methods", "0")"));
}

TEST_F(ArchivePolicies, PoisonIsRefused) {
  for (const char* definition :
       {R"([{"points": 7, "timespan": 60}])", R"([{"points": 1000000000000, "granularity": 60}])",
        R"([{"granularity": 1e300}])", R"([{"granularity": "Infinity"}])",
        R"([{"granularity": NaN}])", R"([{"granularity": []}])", R"([{"granularity": {}}])",
        R"([{"granularity": 1, "points": 1e30}])", R"([{"granularity": null}])"}) {
    EXPECT_EQ(make(R"({"name": "p", "definition": )" + std::string(definition) + "}").status, 400)
        << definition;
  }
  EXPECT_EQ(make(R"({"name": "", "definition": [{"granularity": 1}]})").status, 400);
  EXPECT_EQ(
      make(R"({"name": ")" + std::string(256, 'x') + R"(", "definition": [{"granularity": 1}]})")
          .status,
      400);
  EXPECT_EQ(make(R"({"name": "p", "back_window": 2147483648, "definition": [{"granularity": 1}]})")
                .status,
            400);
  EXPECT_EQ(ask("GET", "/v1/archive_policy").body, "[]");
}

TEST_F(ArchivePolicies, OnlyPointsTimespansAndBackWindowChange) {
  make(R"({"name": "m", "definition": [{"granularity": 1, "points": 20}]})");
  EXPECT_NE(ask("PATCH", "/v1/archive_policy/m",
                R"({"definition": [{"granularity": 1, "points": 50}], "back_window": 2})")
                .body.find(R"("back_window": 2, "definition": [{"timespan": "0:00:50")"),
            std::string::npos);
  EXPECT_EQ(description(ask("PATCH", "/v1/archive_policy/m",
                            R"({"definition": [{"granularity": 2, "points": 50}]})")),
            R"("Archive policy m does not support change: 1.0 granularity interval was changed")");
  EXPECT_EQ(ask("PATCH", "/v1/archive_policy/m", R"({"back_window": 9})").status, 200);
  EXPECT_EQ(archive_policies_.find("m")->back_window, 9U);
  EXPECT_EQ(ask("PATCH", "/v1/archive_policy/m", "{}").status, 400);
  EXPECT_EQ(ask("PATCH", "/v1/archive_policy/m", R"({"name": "n"})").status, 400);
}

TEST_F(ArchivePolicies, AreTheAdministratorsAlone) {
  const std::string body = R"({"name": "m", "definition": [{"granularity": 1}]})";
  EXPECT_EQ(make(body, "foobar").status, 403);
  EXPECT_EQ(make("no json", "foobar").status, 403);
  make(body);
  EXPECT_EQ(ask("PATCH", "/v1/archive_policy/m", body, {}, "foobar").status, 403);
  EXPECT_EQ(ask("DELETE", "/v1/archive_policy/m", {}, {}, "foobar").status, 403);
}

TEST_F(ArchivePolicies, InUseStay) {
  make(R"({"name": "m", "definition": [{"granularity": 1}]})");
  indexer_.in_use.insert("m");
  const auto response = ask("DELETE", "/v1/archive_policy/m");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(description(response), "\"Archive policy m is still in use\"");
}

TEST_F(ArchivePolicies, AnAbsentIndexIsNoAbsentPolicy) {
  indexer_.broken = Error(Error::Code::unavailable, "no database");
  EXPECT_EQ(ask("GET", "/v1/archive_policy/m").status, 503);
}

TEST_F(ArchivePolicies, RulesAreMadeRenamedAndDeleted) {
  make(R"({"name": "low", "definition": [{"granularity": 1}]})");
  const std::string rules = "/v1/archive_policy_rule";
  const auto made =
      ask("POST", rules, R"({"name": "r1", "metric_pattern": "*", "archive_policy_name": "low"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(header(made, "Location"), "http://localhost:8041/v1/archive_policy_rule/r1");
  EXPECT_EQ(made.body, R"({"name": "r1", "archive_policy_name": "low", "metric_pattern": "*"})");
  ask("POST", rules, R"({"name": "r2", "metric_pattern": "d*", "archive_policy_name": "low"})");
  EXPECT_EQ(ask("GET", rules).body.find("r2"), 11U);
  EXPECT_EQ(
      ask("POST", rules, R"({"name": "r1", "metric_pattern": "x", "archive_policy_name": "low"})")
          .status,
      409);
  const auto orphan =
      ask("POST", rules, R"({"name": "r3", "metric_pattern": "x", "archive_policy_name": "no"})");
  EXPECT_EQ(orphan.status, 400);
  EXPECT_EQ(description(orphan), R"({"cause": "Archive policy does not exist", "detail": "no"})");
  EXPECT_EQ(ask("PATCH", rules + "/r2", R"({"name": "r9"})").status, 200);
  EXPECT_EQ(ask("GET", rules + "/r2").status, 404);
  EXPECT_EQ(description(ask("PATCH", rules + "/r9", R"({"name": "r1"})")),
            R"("Archive policy rule r9 does not support change: )"
            R"(Archive policy rule r1 already exists.")");
  EXPECT_EQ(ask("PATCH", rules + "/r9", "{}").status, 400);
  EXPECT_EQ(archive_policies_.rule_for("disk")->name, "r9");
  EXPECT_EQ(ask("DELETE", rules + "/r9").status, 204);
  EXPECT_EQ(archive_policies_.rule_for("disk")->name, "r1");
  EXPECT_EQ(description(ask("DELETE", rules + "/r9")), "\"Archive policy rule r9 does not exist\"");
}

}  // namespace
}  // namespace gnocchi::api
