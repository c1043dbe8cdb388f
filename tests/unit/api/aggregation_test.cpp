// /v1/aggregation and /v1/search/metric.
#include "tests/unit/api/aggregates_api.h"

namespace gnocchi::api {
namespace {

class Aggregation : public AggregatesApi {
 protected:
  std::string metric_of(const std::string& vm, const std::string& name = "cpu") {
    return ask("GET", "/v1/resource/vm/" + vm + "/metric/" + name).json()["id"].GetString();
  }
  Answer of_two(const std::string& query) {
    return ask("GET", "/v1/aggregation/metric?metric=" + metric_of("a") +
                          "&metric=" + metric_of("b") + "&granularity=1" + query);
  }
};

TEST_F(Aggregation, MetricsAreReaggregated) {
  EXPECT_EQ(values_of(of_two("").json()), "2.5 3.5 4.5");
  EXPECT_EQ(values_of(of_two("&reaggregation=sum").json()), "5.0 7.0 9.0");
  EXPECT_EQ(values_of(of_two("&aggregation=max&reaggregation=rate:max").json()), "1.0 1.0");
  EXPECT_EQ(of_two("&resample=M").body, R"([["2015-03-01T00:00:00+00:00","M",3.5]])");
  EXPECT_EQ(of_two("&resample=60&reaggregation=min").body,
            R"([["2015-03-06T14:33:00+00:00",60.0,2.0]])");
}

TEST_F(Aggregation, AMetricAloneIsGivenAsItIs) {
  const std::string path = "/v1/aggregation/metric?metric=" + metric_of("a");
  EXPECT_EQ(values_of(ask("GET", path).json()), "2.0 1.0 2.0 3.0");
  EXPECT_EQ(values_of(ask("GET", path + "&reaggregation=nothing").json()), "2.0 1.0 2.0 3.0");
  EXPECT_EQ(ask("GET", "/v1/aggregation/metric").body, "[]");
  const std::string body = R"([")" + metric_of("a") + R"(", ")" + metric_of("a") + R"("])";
  EXPECT_EQ(values_of(ask("POST", "/v1/aggregation/metric?granularity=1", body).json()),
            "1.0 2.0 3.0");
}

TEST_F(Aggregation, ResourcesAreSearchedAndGrouped) {
  const std::string path = "/v1/aggregation/resource/vm/metric/cpu?granularity=1";
  EXPECT_EQ(values_of(ask("POST", path + "&needed_overlap=60").json()), "4.0 5.0");
  EXPECT_EQ(values_of(ask("POST", path + "&needed_overlap=60&stop=2015-03-06T14:34").json()),
            "4.0 5.0 4.5");
  EXPECT_EQ(values_of(ask("POST", path, R"({"=": {"host": "h1"}})").json()), "2.5 3.5 4.5");
  EXPECT_EQ(values_of(ask("POST", path + "&filter=host%20%3D%20%27h2%27").json()), "7.0 8.0");
  EXPECT_EQ(ask("POST", path + "&filter=host%20%3D%20%27h3%27").body, "[]");
  const auto groups = ask("POST", path + "&groupby=host").json();
  ASSERT_EQ(groups.Size(), 2U);
  EXPECT_STREQ(groups[0]["group"]["host"].GetString(), "h1");
  EXPECT_EQ(values_of(groups[0]["measures"]), "2.5 3.5 4.5");
  EXPECT_EQ(values_of(groups[1]["measures"]), "7.0 8.0");
  EXPECT_EQ(ask("POST", "/v1/aggregation/resource/vm/metric/cp*").body, "[]")
      << "a name, not a pattern";
}

TEST_F(Aggregation, GroupsWithoutTheMetricAreThere) {
  make_vm("d", "h0", "tiny", "p9", {});
  make_vm("e", "h1", "tiny", "p9", {});
  const std::string path = "/v1/aggregation/resource/vm/metric/cpu?granularity=1&groupby=";
  const auto groups = ask("POST", path + "host").json();
  ASSERT_EQ(groups.Size(), 3U);
  EXPECT_STREQ(groups[0]["group"]["host"].GetString(), "h0");
  EXPECT_TRUE(groups[0]["measures"].Empty());
  EXPECT_EQ(values_of(groups[1]["measures"]), "2.5 3.5 4.5");
  EXPECT_EQ(values_of(groups[2]["measures"]), "7.0 8.0");
  const auto of_two = ask("POST", path + "flavor&groupby=project_id").json();
  ASSERT_EQ(of_two.Size(), 3U);
  EXPECT_STREQ(of_two[2]["group"]["flavor"].GetString(), "tiny");
  EXPECT_TRUE(of_two[2]["measures"].Empty());
  EXPECT_EQ(ask("POST", path + "host", R"({"=": {"host": "h7"}})").body, "[]");
  config_.max_metrics = 2;
  EXPECT_NE(ask("POST", path + "id", R"({"=": {"flavor": "small"}})").status, 400);
  EXPECT_NE(
      ask("POST", path + "id", R"({"in": {"host": ["h0", "h1"]}})").body.find("Too many groups"),
      std::string::npos);
}

TEST_F(Aggregation, WhatCannotBeAnsweredSaysWhy) {
  EXPECT_EQ(of_two("&aggregation=wtf").body,
            "Aggregation method 'wtf' at granularity '1.0' for "
            "metric " +
                std::min(metric_of("a"), metric_of("b")) + " does not exist");
  EXPECT_EQ(of_two("&reaggregation=last").status, 400);
  EXPECT_EQ(of_two("&fill=x").status, 400);
  const std::string unknown = Uuid::random().to_string();
  const Answer absent = ask("GET", "/v1/aggregation/metric?metric=" + unknown);
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.body, "Metric " + unknown + " does not exist");
  EXPECT_EQ(ask("POST", "/v1/aggregation/resource/vm/metric/cpu?groupby=nothing").body,
            "Invalid groupby attribute");
  EXPECT_EQ(ask("POST", "/v1/aggregation/resource/no/metric/cpu").body,
            "Resource type no does not exist");
  EXPECT_EQ(
      ask("GET", "/v1/aggregation/metric?metric=" + metric_of("a"), {}, user("stranger")).status,
      403);
  config_.max_points = 5;
  EXPECT_NE(of_two("").body.find("Too many points"), std::string::npos);
}

TEST_F(Aggregation, ValuesAreSearchedFor) {
  const std::string id = metric_of("a");
  const auto found = [&](const std::string& predicate, const std::string& query = {}) {
    const Answer answer =
        ask("POST", "/v1/search/metric?granularity=1&metric_id=" + id + query, predicate);
    return answer.status == 200 ? values_of(answer.json()[id.c_str()]) : answer.body;
  };
  EXPECT_EQ(found(R"({">=": 2})"), "2.0 3.0");
  EXPECT_EQ(found(R"({"and": [{"\u2265": [{"+": 23}, 25]}, {"!=": 3}]})"), "2.0");
  EXPECT_EQ(found(R"({"\u2228": [{"=": 1}, {"eq": 3}]})"), "1.0 3.0");
  EXPECT_EQ(found(R"({"not": [{"=": 1}]})"), "2.0 3.0");
  EXPECT_EQ(found(R"({"-": 2})"), "1.0 3.0") << "what is not 0 is true";
  EXPECT_EQ(found(R"({">": [10, {"pow": 2}]})"), "1.0 2.0 3.0");
  EXPECT_EQ(found(R"({"/": 0})"), "1.0 2.0 3.0");
  EXPECT_EQ(found(R"({"=": 1})", "&start=2015-03-06T14:33:58"), "");
  EXPECT_EQ(found(R"({"max": 1})"),
            R"({"cause": "Invalid input", "reason": "extra keys not allowed @ data['max']", )"
            R"("detail": ["max"]})");
  EXPECT_NE(found(R"({"=": [1]})").find("Invalid input"), std::string::npos);
  EXPECT_NE(found(R"({"=": "1"})").find("Invalid input"), std::string::npos);
  EXPECT_NE(found("{}").find("Invalid input"), std::string::npos);
  EXPECT_EQ(found(""), "No query specified in body");
  EXPECT_EQ(found(R"({"=": 1})", "&aggregation=std"),
            R"({"cause": "Aggregation does not exist", "detail": {"granularity": 1.0, )"
            R"("aggregation_method": "std"}})");
  EXPECT_EQ(ask("POST", "/v1/search/metric", R"({"=": 1})").status, 400);
  EXPECT_EQ(
      ask("POST", "/v1/search/metric?metric_id=" + Uuid::random().to_string(), R"({"=": 1})").body,
      "{}");
  EXPECT_EQ(
      ask("POST", "/v1/search/metric?metric_id=" + id, R"({"=": 1})", user("stranger")).status,
      403);
}

}  // namespace
}  // namespace gnocchi::api
