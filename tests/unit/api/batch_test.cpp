#include "tests/unit/api/metric_api.h"

namespace gnocchi::api {
namespace {

using Batch = MetricApi;

constexpr char kPoint[] = R"([{"timestamp": "2015-03-06T14:33:57", "value": 43.1}])";

std::string named(const std::string& resource, const std::string& metric,
                  const std::string& value = kPoint) {
  return "{\"" + resource + "\": {\"" + metric + "\": " + value + "}}";
}

TEST_F(Batch, MetricsAreFedTogetherOrNotAtAll) {
  const std::string a = new_metric();
  const std::string b = new_metric();
  const std::string unknown1 = "37aec8b7-c0d9-445b-8ab9-d3c6312dcf5d";
  const std::string unknown2 = "37aec8b7-c0d9-445b-8ab9-d3c6312dcf5c";
  const auto body = [](const std::vector<std::string>& ids) {
    std::string text;
    for (const auto& id : ids) text += (text.empty() ? "{\"" : ", \"") + id + "\": " + kPoint;
    return text + "}";
  };
  const Answer refused =
      ask("POST", "/v1/batch/metrics/measures", body({unknown1, a, unknown2, b}));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, "Unknown metrics: " + unknown2 + ", " + unknown1);
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ(ask("POST", "/v1/batch/metrics/measures", body({a, b}), member("eve", "x")).status,
            403);
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ(ask("POST", "/v1/batch/metrics/measures", body({a, b})).status, 202);
  EXPECT_EQ(pending(), 2U);
  EXPECT_EQ(ask("POST", "/v1/batch/metrics/measures", "{}").status, 202);
}

TEST_F(Batch, UnknownNamesAreListedAsText) {
  make("res", R"(, "metrics": {"cpu": {"archive_policy_name": "low"}})");
  const std::string id = index::resource_id("res", "foobar").to_string();
  const std::string url = "/v1/batch/resources/metrics/measures";
  const Answer refused = ask("POST", url, R"({"res": {"cpu": [], "mem": [], "disk.io": []}})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, "Unknown metrics: " + id + "/disk.io, " + id + "/mem");
  const std::string other = "46c9418d-d63b-4cdd-be89-8f57ffc5952e";
  EXPECT_EQ(ask("POST", url, named(other, "m")).body, "Unknown metrics: " + other + "/m");
  EXPECT_EQ(ask("POST", url, named(id, "cpu")).status, 202);
  EXPECT_EQ(pending(), 1U);
}

TEST_F(Batch, MissingMetricsAreCreated) {
  make("res");
  const std::string url = "/v1/batch/resources/metrics/measures?create_metrics=True";
  ASSERT_EQ(ask("POST", url,
                R"({"res": {"disk.io": [{"timestamp": 1, "value": 2}],
                            "cpu": {"archive_policy_name": "low", "unit": "%",
                                    "measures": [{"timestamp": 1, "value": 2}]}}})")
                .status,
            202);
  EXPECT_EQ(pending(), 2U);
  const auto cpu = ask("GET", "/v1/resource/generic/res/metric/cpu").json();
  EXPECT_STREQ(cpu["unit"].GetString(), "%");
  EXPECT_STREQ(cpu["creator"].GetString(), "foobar");
  ASSERT_EQ(ask("POST", url, named("res", "cpu")).status, 202);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/res/metric").json().Size(), 2U);
}

TEST_F(Batch, UnknownResourcesAreListedAndNothingIsMadeOrStored) {
  make("res");
  const std::string url = "/v1/batch/resources/metrics/measures?create_metrics=true";
  const Answer refused = ask("POST", url,
                             R"({"res": {"disk.io": [{"timestamp": 1, "value": 2}]},
                                 "foobar": {"cpu": [], "mem": []}})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body,
            R"({"cause": "Unknown resources", "detail": [{"resource_id": )"
            R"("2fbfbb20-8d56-5e1e-afb9-b3007da11fdf", "original_resource_id": "foobar"}]})");
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/res/metric").json().Size(), 0U);
}

TEST_F(Batch, FaultyDefinitionsCreateNothing) {
  make("res");
  const std::string url = "/v1/batch/resources/metrics/measures?create_metrics=true";
  const auto fault = [&](const std::string& metric, const std::string& value) {
    const Answer answer =
        ask("POST", url, R"({"res": {"disk.ok": [], ")" + metric + "\": " + value + "}}");
    EXPECT_EQ(answer.status, 400);
    return answer.body;
  };
  EXPECT_EQ(fault("a/b", "[]"), "'/' is not supported in metric name");
  EXPECT_EQ(fault("x", R"({"archive_policy_name": "nosuch", "measures": []})"),
            "Archive policy nosuch does not exist");
  EXPECT_EQ(fault("x", "[]"),
            "No archive policy name specified and no archive policy rule found matching the metric "
            "name x");
  EXPECT_NE(fault("disk.x", R"({"unit": ")" + std::string(32, 'u') + R"(", "measures": []})")
                .find("at most 31"),
            std::string::npos);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/res/metric").json().Size(), 0U);
}

TEST_F(Batch, CreatingMetricsNeedsRightsOnTheResource) {
  const Identity alice = member("alice", "blue");
  make("res", {}, alice);
  const std::string id = index::resource_id("res", alice.creator).to_string();
  const std::string url = "/v1/batch/resources/metrics/measures?create_metrics=true";
  EXPECT_EQ(ask("POST", url, named(id, "disk.io"), member("bob", "red")).status, 403);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/" + id + "/metric", {}, alice).json().Size(), 0U);
  Identity service = member("ceilometer", "service");
  service.roles = {"service"};
  EXPECT_EQ(ask("POST", url, named(id, "disk.io"), service).status, 202);
  EXPECT_EQ(ask("POST", url, named(id, "disk.io"), alice).status, 403);
  EXPECT_EQ(ask("POST", url, named(id, "disk.mine"), alice).status, 202);
}

TEST_F(Batch, BodiesOfOtherTypesAreRefused) {
  Request request;
  request.method = "POST";
  request.raw_path = request.path = "/v1/batch/metrics/measures";
  request.body = "{}";
  request.identity = user("foobar");
  request.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(ask(request).status, 415);
}

// Measures are accepted by what the cache says of their metric: these are what must not outlive a
// change made here.
TEST_F(Batch, ChangesMadeHereReachTheNextMeasuresAtOnce) {
  make("res", R"(, "metrics": {"cpu": {"archive_policy_name": "low"}})");
  const std::string cpu = "/v1/resource/generic/res/metric/cpu";
  const std::string batch = "/v1/batch/resources/metrics/measures";
  const std::string id = ask("GET", cpu).json()["id"].GetString();
  const std::string by_id = "/v1/metric/" + id + "/measures";
  const auto statuses = [&] {
    return std::vector<int>{
        ask("POST", by_id, kPoint).status, ask("POST", cpu + "/measures", kPoint).status,
        ask("POST", batch, named("res", "cpu")).status, ask("GET", by_id).status};
  };
  EXPECT_EQ(statuses(), (std::vector<int>{202, 202, 202, 200}));
  ASSERT_EQ(ask("PATCH", "/v1/resource/generic/res", R"({"metrics": {}})").status, 200);
  EXPECT_EQ(statuses(), (std::vector<int>{202, 404, 400, 200}));
  ASSERT_EQ(
      ask("PATCH", "/v1/resource/generic/res", "{\"metrics\": {\"cpu\": \"" + id + "\"}}").status,
      200);
  EXPECT_EQ(statuses(), (std::vector<int>{202, 202, 202, 200}));
  ASSERT_EQ(ask("DELETE", "/v1/resource/generic/res").status, 204);
  EXPECT_EQ(statuses(), (std::vector<int>{404, 404, 400, 404}));
}

}  // namespace
}  // namespace gnocchi::api
