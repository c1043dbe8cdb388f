// Resources under the ids that clients of Gnocchi 3.0 and of later versions make of a name.
#include "tests/unit/api/metric_api.h"

namespace gnocchi::api {
namespace {

constexpr char kPoint[] = R"([{"timestamp": "2015-03-06T14:33:57", "value": 43.1}])";
constexpr char kBatch[] = "/v1/batch/resources/metrics/measures";
constexpr char kCpu[] = R"(, "metrics": {"cpu": {"archive_policy_name": "low"}})";

class ResourceAliases : public MetricApi {
 protected:
  static std::string id_of_3_0(const std::string& name) {
    return index::resource_id(name, {"", index::IdScheme::without_creator}).to_string();
  }
  static std::string id_of_3_1(const std::string& name) {
    return index::resource_id(name, "foobar").to_string();
  }
  static std::string url(const std::string& id, const std::string& more = {}) {
    return "/v1/resource/generic/" + id + more;
  }
  int status(const std::string& method, const std::string& where, const std::string& body = {},
             const Identity& who = user("foobar")) {
    return ask(method, where, body, who).status;
  }
  /// Whether the resource "vm" answers to this id wherever an id may stand.
  void expect_found_as(const std::string& id, const std::string& stored) {
    SCOPED_TRACE(id);
    EXPECT_EQ(ask("GET", url(id)).json()["id"].GetString(), stored);
    EXPECT_EQ(status("PATCH", url(id), R"({"user_id": ")" + Uuid::random().to_string() + "\"}"),
              200);
    EXPECT_EQ(ask("GET", url(id, "/history")).json()[0]["id"].GetString(), stored);
    EXPECT_EQ(ask("GET", url(id, "/metric")).json().Size(), 1U);
    EXPECT_EQ(status("GET", url(id, "/metric/cpu")), 200);
    EXPECT_EQ(status("GET", url(id, "/metric/cpu/measures")), 200);
    EXPECT_EQ(status("POST", url(id, "/metric/cpu/measures"), kPoint), 202);
    EXPECT_EQ(ask("GET", url(id, "/metric/ram")).body, "Metric ram does not exist");
    EXPECT_EQ(status("POST", kBatch, "{\"" + id + R"(": {"cpu": )" + kPoint + "}}"), 202);
    for (const std::string& search :
         {R"({"=": {"id": ")" + id + "\"}}",
          R"({"in": {"id": [")" + Uuid::random().to_string() + "\", \"" + id + "\"]}}",
          R"({"not": {"!=": {"id": ")" + id + "\"}}}"}) {
      EXPECT_EQ(names_of(ask("POST", "/v1/search/resource/generic", search)),
                std::vector<std::string>{"vm"})
          << search;
    }
    EXPECT_EQ(names_of(ask("POST", "/v1/search/resource/generic?filter=id%20=%20'" + id + "'")),
              std::vector<std::string>{"vm"});
    EXPECT_EQ(status("GET", "/v1/resource/generic?marker=" + id), 200);
  }
};

TEST_F(ResourceAliases, OneResourceIsFoundByNameAndByBothIds) {
  ASSERT_EQ(make("vm", kCpu).status, 201);
  for (const auto& id : {std::string("vm"), id_of_3_0("vm"), id_of_3_1("vm")}) {
    expect_found_as(id, id_of_3_1("vm"));
  }
  EXPECT_EQ(status("DELETE", url(id_of_3_0("vm"))), 204);
  EXPECT_EQ(status("GET", url("vm")), 404);
  EXPECT_EQ(ask("GET", url(id_of_3_0("vm"))).body,
            "Resource " + id_of_3_0("vm") + " does not exist");
}

TEST_F(ResourceAliases, InTheOldSchemeTheOldIdIsStored) {
  config_.id_scheme = "3.0";
  ASSERT_EQ(make("vm", kCpu).status, 201);
  for (const auto& id : {std::string("vm"), id_of_3_0("vm"), id_of_3_1("vm")}) {
    expect_found_as(id, id_of_3_0("vm"));
  }
  EXPECT_EQ(make("vm").status, 409);
  EXPECT_EQ(make("vm", {}, user("pasta")).status, 409) << "in 3.0 a name is one resource";
  config_.id_scheme = "3.1";
  expect_found_as("vm", id_of_3_0("vm"));
  EXPECT_EQ(make("vm").body, "Resource " + id_of_3_0("vm") + " already exists");
  EXPECT_EQ(make("vm", {}, user("pasta")).status, 201);
}

TEST_F(ResourceAliases, RowsOfTheNewSchemeAreFoundInTheOldOne) {
  ASSERT_EQ(make("vm", kCpu).status, 201);
  config_.id_scheme = "3.0";
  expect_found_as("vm", id_of_3_1("vm"));
  EXPECT_EQ(make("vm").body, "Resource " + id_of_3_1("vm") + " already exists");
}

TEST_F(ResourceAliases, ANameIsNotAnotherCreatorsResource) {
  ASSERT_EQ(make("vm", kCpu).status, 201);
  const Identity pasta = user("pasta");
  EXPECT_EQ(status("GET", url("vm"), {}, pasta), 404);
  EXPECT_EQ(status("PATCH", url(id_of_3_0("vm")), "{}", pasta), 403) << "the id itself is";
  EXPECT_EQ(status("GET", url("vm", "/metric/cpu"), {}, pasta), 404);
  const Answer unknown = ask("POST", std::string(kBatch) + "?create_metrics=true",
                             R"({"vm": {"cpu": )" + std::string(kPoint) + "}}", pasta);
  EXPECT_NE(unknown.body.find("Unknown resources"), std::string::npos) << unknown.body;
  ASSERT_EQ(make("vm", kCpu, pasta).status, 201);
  EXPECT_EQ(ask("GET", url(id_of_3_0("vm"))).json()["creator"].GetString(), std::string("foobar"));
}

TEST_F(ResourceAliases, BatchesNameWhatIsMissingAsTheClientDoes) {
  const std::string id = id_of_3_0("vm");
  const auto batch = [&](const std::string& metric) {
    return ask("POST", kBatch, "{\"" + id + "\": {\"" + metric + "\": " + kPoint + "}}").body;
  };
  EXPECT_EQ(batch("cpu"), "Unknown metrics: " + id + "/cpu");
  ASSERT_EQ(make("vm", kCpu).status, 201);
  EXPECT_EQ(batch("ram"), "Unknown metrics: " + id + "/ram");
  EXPECT_EQ(batch("cpu"), "");
  EXPECT_EQ(pending(), 1U);
}

TEST_F(ResourceAliases, BatchesMakeMetricsOfAliasedResources) {
  ASSERT_EQ(make("vm", kCpu).status, 201);
  const std::string body = "{\"" + id_of_3_0("vm") + R"(": {"disk.io": )" + kPoint + "}}";
  EXPECT_EQ(status("POST", std::string(kBatch) + "?create_metrics=true", body), 202);
  EXPECT_EQ(ask("GET", url("vm", "/metric")).json().Size(), 2U);
}

TEST_F(ResourceAliases, TwoNamesOfOneResourceInABatchAreOne) {
  ASSERT_EQ(make("vm", R"(, "metrics": {"cpu": {"archive_policy_name": "low"},
                                        "ram": {"archive_policy_name": "low"}})")
                .status,
            201);
  const std::string body =
      R"({"vm": {"cpu": [{"timestamp": 1, "value": 1}]}, ")" + id_of_3_0("vm") +
      R"(": {"cpu": [{"timestamp": 2, "value": 2}], "ram": [{"timestamp": 3, "value": 3}]}})";
  EXPECT_EQ(status("POST", kBatch, body), 202);
  EXPECT_EQ(pending(), 2U) << "one bundle a metric";
  const std::string both = R"({"vm": {"cpu": []}, ")" + id_of_3_0("vm") + R"(": {"disk": []}})";
  EXPECT_EQ(ask("POST", kBatch, both).body, "Unknown metrics: " + id_of_3_1("vm") + "/disk");
}

TEST_F(ResourceAliases, ANewMetricMayNameItsResourceByAnyId) {
  ASSERT_EQ(make("vm").status, 201);
  const auto create = [&](const std::string& id, const std::string& name) {
    return ask("POST", "/v1/metric",
               R"({"archive_policy_name": "low", "user_id": "u", "name": ")" + name +
                   R"(", "resource_id": ")" + id + "\"}");
  };
  EXPECT_EQ(create(id_of_3_0("vm"), "a").json()["resource_id"].GetString(), id_of_3_1("vm"));
  EXPECT_EQ(create("vm", "b").json()["resource_id"].GetString(), id_of_3_1("vm"));
  EXPECT_EQ(create("none", "c").body, "Resource " + id_of_3_1("none") + " does not exist");
}

TEST_F(ResourceAliases, SlashesAreWelcomeInTheOldSchemeAlone) {
  EXPECT_EQ(make("eth0/1").status, 400);
  config_.id_scheme = "3.0";
  ASSERT_EQ(make("eth0/1", R"(, "metrics": {"if/in": {"archive_policy_name": "low"}})").status,
            201);
  EXPECT_EQ(ask("GET", url("eth0%2F1")).json()["original_resource_id"].GetString(),
            std::string("eth0/1"));
  EXPECT_EQ(status("POST", url("eth0%2F1", "/metric/if%2Fin/measures"), kPoint), 202);
  EXPECT_EQ(status("POST", kBatch, R"({"eth0/1": {"if/in": )" + std::string(kPoint) + "}}"), 202);
  EXPECT_EQ(
      status("POST", url("eth0%2F1", "/metric"), R"({"a/b": {"archive_policy_name": "low"}})"),
      200);
  config_.id_scheme = "3.1";
  EXPECT_EQ(status("GET", url(id_of_3_0("eth0/1"), "/metric/if%2Fin")), 200);
  EXPECT_EQ(status("GET", url("eth0%2F1")), 404);
}

TEST_F(ResourceAliases, AMarkerMayBeTheValueOfTheSortKey) {
  for (const char* project : {"p1", "p2", "p3", "p4"}) {
    make(std::string("of-") + project, R"(, "project_id": ")" + std::string(project) + "\"");
  }
  make("of-nobody");
  const std::string list = "/v1/resource/generic?limit=2&sort=project_id:";
  using Names = std::vector<std::string>;
  EXPECT_EQ(names_of(ask("GET", list + "asc&marker=p2")), (Names{"of-p3", "of-p4"}));
  EXPECT_EQ(names_of(ask("GET", list + "asc&marker=p4")), Names{});
  EXPECT_EQ(names_of(ask("GET", list + "desc&marker=p2")), (Names{"of-p1", "of-nobody"}));
  EXPECT_EQ(names_of(ask("GET", list + "asc&marker=of-p3")), Names{"of-p4"}) << "a resource's name";
  EXPECT_EQ(status("GET", "/v1/resource/generic?marker=p2"), 400) << "no sort key";
  EXPECT_EQ(status("GET", "/v1/resource/generic?sort=started_at:asc&marker=x"), 400);
  EXPECT_EQ(status("GET", "/v1/resource/generic?sort=id:asc&marker=p2"), 400);
}

}  // namespace
}  // namespace gnocchi::api
