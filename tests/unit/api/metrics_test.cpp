#include "tests/unit/api/metric_api.h"

namespace gnocchi::api {
namespace {

using Metrics = MetricApi;

const Identity kAlice = [] {
  Identity who;
  who.creator = "alice:blue";
  who.user_id = "alice";
  who.project_id = "blue";
  return who;
}();
const Identity kBob = [] {
  Identity who;
  who.creator = "bob:red";
  who.user_id = "bob";
  who.project_id = "red";
  return who;
}();

TEST_F(Metrics, ACreatedMetricIsShownInFull) {
  const Answer created =
      ask("POST", "/v1/metric", R"({"name": "disk.io", "unit": "B/s"})", user("foobar"));
  ASSERT_EQ(created.status, 201) << created.body;
  const auto json = created.json();
  EXPECT_STREQ(json["archive_policy_name"].GetString(), "low");
  EXPECT_TRUE(json["resource_id"].IsNull());
  EXPECT_STREQ(json["creator"].GetString(), "foobar");
  const std::string path = std::string("/v1/metric/") + json["id"].GetString();
  EXPECT_EQ(created.header("Location"), "http://localhost" + path);
  const auto shown = ask("GET", path).json();
  EXPECT_STREQ(shown["archive_policy"]["name"].GetString(), "low");
  EXPECT_TRUE(shown["resource"].IsNull());
  EXPECT_STREQ(shown["unit"].GetString(), "B/s");
  EXPECT_FALSE(shown.HasMember("resource_id"));
}

TEST_F(Metrics, FaultyDefinitionsAreRefusedWithTheirPlace) {
  const auto fault = [&](const std::string& body) {
    const Answer answer = ask("POST", "/v1/metric", body);
    EXPECT_EQ(answer.status, 400) << body;
    return answer.body;
  };
  EXPECT_EQ(fault(R"({"archive_policy_name": "nosuch"})"), "Archive policy nosuch does not exist");
  EXPECT_EQ(fault(R"({"name": "volume.io"})"),
            "No archive policy name specified and no archive policy rule found matching the metric "
            "name volume.io");
  EXPECT_EQ(fault("{}"),
            "No archive policy name specified and no archive policy rule found matching the metric "
            "name None");
  EXPECT_EQ(fault(R"({"name": "disk/io"})"), "'/' is not supported in metric name");
  EXPECT_NE(fault(R"({"archive_policy_name": "low", "unit": ")" + std::string(32, 'u') + "\"}")
                .find("length of value must be at most 31 for dictionary value @ data['unit']"),
            std::string::npos);
  EXPECT_NE(fault(R"({"archive_policy_name": "low", "name": ")" + std::string(256, 'n') + "\"}")
                .find("length of value must be at most 255"),
            std::string::npos);
  EXPECT_NE(fault(R"({"archive_policy_name": 5})").find("expected str"), std::string::npos);
  EXPECT_NE(fault(R"({"x": 5})").find("extra keys not allowed @ data['x']"), std::string::npos);
  EXPECT_NE(fault("[]").find("expected a dictionary"), std::string::npos);
  make("res");
  EXPECT_NE(fault(R"({"archive_policy_name": "low", "resource_id": "res"})")
                .find("Name cannot be null if resource_id is not null"),
            std::string::npos);
}

TEST_F(Metrics, AMetricOfAResourceNeedsRightsOnIt) {
  make("res", {}, kAlice);
  const std::string id = index::resource_id("res", kAlice.creator).to_string();
  const std::string body =
      R"({"archive_policy_name": "low", "name": "cpu", "resource_id": ")" + id + "\"}";
  EXPECT_EQ(ask("POST", "/v1/metric", body, kBob).status, 403);
  EXPECT_EQ(ask("POST", "/v1/metric", body, kAlice).status, 201);
  const Answer again = ask("POST", "/v1/metric", body, kAlice);
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.body, R"({"cause": "Named metric already exists", "detail": "cpu"})");
}

TEST_F(Metrics, OneMetricIsShownDeletedAndFedByItsOwnersOnly) {
  const std::string path = "/v1/metric/" + new_metric(kAlice);
  EXPECT_EQ(ask("GET", path, {}, kBob).status, 403);
  EXPECT_EQ(ask("GET", path + "/measures", {}, kBob).status, 403);
  EXPECT_EQ(ask("POST", path + "/measures", "[]", kBob).status, 403);
  EXPECT_EQ(ask("DELETE", path, {}, kBob).status, 403);
  EXPECT_EQ(ask("GET", path, {}, kAlice).status, 200);
  EXPECT_EQ(ask("DELETE", path, {}, kAlice).status, 204);
  EXPECT_EQ(ask("GET", path, {}, kAlice).status, 404);
  EXPECT_EQ(ask("DELETE", path, {}, kAlice).body, "Metric " + path.substr(11) + " does not exist");
}

TEST_F(Metrics, ListsShowWhatSingleReadsWouldAllow) {
  const std::string standalone = new_metric(kAlice);
  make("mine", R"(, "project_id": "red", "metrics": {"cpu": {"archive_policy_name": "low"}})",
       kAlice);
  make("other", R"(, "metrics": {"mem": {"archive_policy_name": "low"}})", kAlice);
  EXPECT_EQ(ask("GET", "/v1/metric", {}, kAlice).json().Size(), 3U);
  const auto of_bob = ask("GET", "/v1/metric", {}, kBob).json();
  ASSERT_EQ(of_bob.Size(), 1U);
  EXPECT_STREQ(of_bob[0]["name"].GetString(), "cpu");
  for (const char* project : {"%", "BLUE", "blu_"}) {
    EXPECT_EQ(ask("GET", "/v1/metric", {}, member("eve", project)).json().Size(), 0U) << project;
  }
  EXPECT_EQ(ask("GET", "/v1/metric", {}, user("anybody")).json().Size(), 3U);
  EXPECT_EQ(ask("GET", "/v1/metric", {}, user("admin")).json().Size(), 3U);
}

TEST_F(Metrics, ListsAreFilteredAndPaged) {
  for (const char* name : {"a", "b", "c"}) {
    new_metric(user("foobar"), std::string(R"(, "unit": "B", "name": ")") + name + "\"");
  }
  new_metric(user("other"), R"(, "name": "a")");
  EXPECT_EQ(ask("GET", "/v1/metric?name=a").json().Size(), 2U);
  EXPECT_EQ(ask("GET", "/v1/metric?name=a&creator=other").json().Size(), 1U);
  EXPECT_EQ(ask("GET", "/v1/metric?unit=B&archive_policy_name=low&status=active").json().Size(),
            3U);
  EXPECT_EQ(ask("GET", "/v1/metric?user_id=foobar").json().Size(), 3U);
  EXPECT_EQ(ask("GET", "/v1/metric?project_id=foobar").json().Size(), 0U);
  const Answer page = ask("GET", "/v1/metric?creator=foobar&sort=name:desc&limit=2");
  const auto rows = page.json();
  ASSERT_EQ(rows.Size(), 2U);
  EXPECT_STREQ(rows[0]["name"].GetString(), "c");
  EXPECT_EQ(page.header("Link"),
            std::string("<http://localhost/v1/metric?creator=foobar&limit=2&marker=") +
                rows[1]["id"].GetString() + "&sort=name%3Adesc>; rel=\"next\"");
  EXPECT_EQ(ask("GET", "/v1/metric?sort=nope:asc").body,
            "Invalid pagination: `Sort key supplied is invalid: nope'");
  EXPECT_EQ(ask("GET", "/v1/metric?marker=nope").body,
            "Invalid pagination: `Invalid marker: `nope''");
  EXPECT_EQ(ask("GET", "/v1/metric?status=nope").status, 400);
  EXPECT_EQ(ask("GET", "/v1/metric?id=nope").status, 400);
}

TEST_F(Metrics, NamedMetricsAreFoundBelowTheirResource) {
  make("res");
  const Answer added = ask("POST", "/v1/resource/generic/res/metric",
                           R"({"cpu": {"archive_policy_name": "low"}, "disk.io": {"unit": "B"}})");
  ASSERT_EQ(added.status, 200) << added.body;
  EXPECT_EQ(added.json().Size(), 2U);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/res/metric").json().Size(), 2U);
  const auto more =
      ask("POST", "/v1/resource/generic/res/metric", R"({"zz": {"archive_policy_name": "low"}})");
  EXPECT_EQ(more.json().Size(), 3U);
  EXPECT_STREQ(more.json()[0]["name"].GetString(), "zz");  // clients take the first for the new one
  const auto shown = ask("GET", "/v1/resource/generic/res/metric/cpu").json();
  EXPECT_STREQ(shown["resource"]["original_resource_id"].GetString(), "res");
  EXPECT_EQ(
      ask("POST", "/v1/resource/generic/res/metric", R"({"cpu": {"archive_policy_name": "low"}})")
          .body,
      "Named metric cpu already exists");
  EXPECT_EQ(ask("GET", "/v1/resource/generic/res/metric/no").body, "Metric no does not exist");
  EXPECT_EQ(ask("GET", "/v1/resource/nosuch/res/metric/cpu").body,
            "Resource type nosuch does not exist");
  const Answer absent = ask("GET", "/v1/resource/generic/nores/metric/cpu");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.body.rfind("Resource ", 0), 0U);
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic/res/metric/cpu").status, 204);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/res/metric/cpu").status, 404);
}

TEST_F(Metrics, MeasuresComeBackCoarsestFirst) {
  ArchivePolicy two;
  two.name = "two";
  two.definition = {{std::chrono::seconds{1}, std::nullopt, std::nullopt},
                    {std::chrono::minutes{1}, std::nullopt, std::nullopt}};
  two.aggregation_methods = {"max", "mean"};
  indexer_.archive_policies().create(two);
  const Answer created = ask("POST", "/v1/metric", R"({"archive_policy_name": "two"})");
  const std::string path =
      std::string("/v1/metric/") + created.json()["id"].GetString() + "/measures";
  EXPECT_EQ(ask("GET", path).body, "[]");
  ASSERT_EQ(ask("POST", path,
                R"([{"timestamp": "2015-03-06T14:33:57", "value": 43.1},
                    {"timestamp": "2015-03-06T14:33:58", "value": 12}])")
                .status,
            202);
  EXPECT_EQ(ask("GET", path + "?refresh=true").body, R"([["2015-03-06T14:33:00+00:00",60.0,27.55],)"
                                                     R"(["2015-03-06T14:33:57+00:00",1.0,43.1],)"
                                                     R"(["2015-03-06T14:33:58+00:00",1.0,12.0]])");
  EXPECT_EQ(ask("GET", path + "?granularity=1&resample=3600&aggregation=max").body,
            R"([["2015-03-06T14:00:00+00:00",3600.0,43.1]])");
  EXPECT_EQ(ask("GET", path + "?granularity=1&resample=M").body,
            R"([["2015-03-01T00:00:00+00:00","M",27.55]])");
  EXPECT_EQ(ask("GET", path + "?granularity=1&start=2015-03-06T14:33:58").body,
            R"([["2015-03-06T14:33:58+00:00",1.0,12.0]])");
  EXPECT_EQ(ask("GET", path + "?granularity=1&stop=1425652438").body,
            R"([["2015-03-06T14:33:57+00:00",1.0,43.1]])");
}

TEST_F(Metrics, QuestionsForMeasuresThatCannotBeAnsweredSayWhy) {
  const std::string id = new_metric();
  const std::string path = "/v1/metric/" + id + "/measures";
  const auto fault = [&](const std::string& query, int status) {
    const Answer answer = ask("GET", path + query);
    EXPECT_EQ(answer.status, status) << query;
    return answer.body;
  };
  EXPECT_EQ(
      fault("?aggregation=last", 404),
      R"({"cause": "Aggregation method does not exist for this metric", "detail": {"metric": )"
      "\"" +
          id + R"(", "aggregation_method": "last"}})");
  EXPECT_EQ(fault("?granularity=42", 404),
            "Aggregation method 'mean' at granularity '42.0' for "
            "metric " +
                id + " does not exist");
  EXPECT_EQ(fault("?start=foo", 400), R"({"cause": "Argument value error", "detail": "start", )"
                                      R"("reason": "Must be a datetime or a timestamp"})");
  EXPECT_EQ(fault("?granularity=foo", 400),
            R"({"cause": "Argument value error", "detail": "granularity", )"
            R"("reason": "Unable to parse timespan"})");
  EXPECT_EQ(fault("?resample=60", 400), "A granularity must be specified to resample");
  EXPECT_EQ(fault("?resample=-5&granularity=60", 400), "Timespan must be positive");
  EXPECT_EQ(fault("?refresh=maybe", 400), "Unable to parse `refresh': invalid truth value 'maybe'");
  EXPECT_EQ(ask("GET", path + "?unknown=1").status, 200);
}

TEST_F(Metrics, EmptyListsAreTakenAndStoreNothing) {
  const std::string path = "/v1/metric/" + new_metric() + "/measures";
  EXPECT_EQ(ask("POST", path, "[]").status, 202);
  EXPECT_EQ(ask("POST", path, "{}").status, 202);
  EXPECT_EQ(pending(), 0U);
}

}  // namespace
}  // namespace gnocchi::api
