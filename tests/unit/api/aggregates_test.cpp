#include "tests/unit/api/aggregates_api.h"

namespace gnocchi::api {
namespace {

using Texts = std::vector<std::string>;

class Aggregates : public AggregatesApi {};

TEST_F(Aggregates, ASearchTakesAllItsMetricsTogether) {
  const Answer answer = aggregate("(aggregate sum (metric cpu mean))");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, R"({"measures": {"aggregated": [)"
                         R"(["2015-03-06T14:33:57+00:00",1.0,12.0],)"
                         R"(["2015-03-06T14:33:58+00:00",1.0,15.0],)"
                         R"(["2015-03-06T14:33:59+00:00",1.0,9.0]]}})");
}

TEST_F(Aggregates, WildcardsFindMetricsOfManyNames) {
  const auto json = aggregate("(metric disk.* mean)").json();
  const auto& measures = json["measures"];
  EXPECT_EQ(measures.MemberCount(), 2U);
  EXPECT_EQ(values_of(measures[id_of("a").c_str()]["disk.read"]["mean"]), "10.0 20.0 30.0");
  EXPECT_EQ(values_of(measures[id_of("b").c_str()]["disk.write"]["mean"]), "1.0 1.0 1.0");
  const auto braces = aggregate("(aggregate sum (metric disk.[rx]??? mean))").json();
  EXPECT_EQ(values_of(braces["measures"]["aggregated"]), "10.0 20.0 30.0") << "read, not write";
  EXPECT_EQ(aggregate("(metric DISK.* mean)").status, 400) << "case counts";
}

TEST_F(Aggregates, SearchesMayBeTexts) {
  const Answer answer = aggregate("(aggregate max (metric cpu mean))", {}, R"("host = 'h1'")");
  EXPECT_EQ(values_of(answer.json()["measures"]["aggregated"]), "4.0 5.0 6.0");
}

TEST_F(Aggregates, GroupsAreMadeByAttributesOfResources) {
  EXPECT_EQ(groups_of(aggregate("(aggregate sum (metric cpu mean))", "&groupby=host"), "host"),
            (Texts{"h1: 5.0 7.0 9.0", "h2: 7.0 8.0"}));
  const Answer two =
      aggregate("(aggregate sum (metric cpu mean))", "&groupby=project_id&groupby=flavor");
  EXPECT_EQ(groups_of(two, "flavor"), (Texts{"large: 4.0 5.0 6.0", "small: 8.0 10.0 3.0"}));
  EXPECT_EQ(groups_of(two, "project_id"), (Texts{"p2: 4.0 5.0 6.0", "p1: 8.0 10.0 3.0"}));
}

TEST_F(Aggregates, GroupsAreMadeByUnitsAndNamesOfMetrics) {
  EXPECT_EQ(groups_of(aggregate("(aggregate sum (metric * mean))", "&groupby=metric.unit"),
                      "metric.unit"),
            (Texts{"null: 12.0 15.0 9.0", "B/s: 11.0 21.0 31.0"}));
  EXPECT_EQ(groups_of(aggregate("(aggregate sum (metric disk.* mean))",
                                "&groupby=metric.name&groupby=host"),
                      "metric.name"),
            (Texts{"disk.read: 10.0 20.0 30.0", "disk.write: 1.0 1.0 1.0"}));
}

TEST_F(Aggregates, OperationsOfTwoMetricsPairThemInEachGroup) {
  EXPECT_EQ(groups_of(aggregate("(/ (metric disk.read mean) (metric cpu mean))",
                                "&groupby=original_resource_id", R"("original_resource_id = 'a'")"),
                      "original_resource_id"),
            (Texts{"a: 10.0 10.0 10.0"}));
}

TEST_F(Aggregates, ComparisonsAnswerTruths) {
  EXPECT_EQ(
      values_of(
          aggregate("(> (aggregate max (metric cpu mean)) 7)").json()["measures"]["aggregated"]),
      "F T F");
}

TEST_F(Aggregates, FillsSayWhatBecomesOfGaps) {
  const auto sums = [&](const std::string& query) {
    const Answer answer = aggregate("(aggregate sum (metric cpu mean))", query);
    return answer.status == 200 ? values_of(answer.json()["measures"]["aggregated"]) : answer.body;
  };
  EXPECT_EQ(sums("&fill=0"), "12.0 15.0 9.0");
  EXPECT_EQ(sums("&fill=100"), "12.0 15.0 109.0");
  EXPECT_EQ(sums("&fill=ffill"), "12.0 15.0 17.0");
  EXPECT_EQ(sums("&fill=bfill"), "12.0 15.0 9.0");
  EXPECT_EQ(sums("&fill=full_bfill"), "12.0 15.0 17.0");
  EXPECT_EQ(sums("&needed_overlap=100"), "12.0 15.0");
  EXPECT_EQ(sums("&needed_overlap=100&stop=2015-03-06T14:34:00"),
            R"({"cause": "Metrics can't being aggregated", "reason": "Less than 100.000000% of )"
            R"j(datapoints overlap in this timespan (66.67%)", )j"
            R"("detail": [["cpu", "mean"], ["cpu", "mean"], ["cpu", "mean"]]})");
}

TEST_F(Aggregates, DetailsNameTheResourcesThatWereUsed) {
  const auto json = aggregate("(aggregate sum (metric disk.* mean))", "&details=true").json();
  ASSERT_EQ(json["references"].Size(), 2U);
  EXPECT_STREQ(json["references"][0]["original_resource_id"].GetString(), "a");
  EXPECT_EQ(json["references"][0]["metrics"].MemberCount(), 2U) << "all metrics, not the used ones";
  const auto grouped =
      aggregate("(aggregate sum (metric cpu mean))", "&details=true&groupby=host").json();
  EXPECT_EQ(grouped[0]["measures"]["references"].Size(), 2U);
  EXPECT_EQ(grouped[1]["measures"]["references"].Size(), 1U);
}

TEST_F(Aggregates, OthersResourcesAreNotFound) {
  const Answer answer = ask("POST", "/v1/aggregates",
                            R"j({"resource_type": "vm", "search": {}, "operations":
                                "(aggregate sum (metric cpu mean))"})j",
                            user("stranger"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"cause": "Metrics not found", "detail": ["cpu"]})");
}

TEST_F(Aggregates, WhatCannotBeAnsweredSaysWhy) {
  const auto fault = [&](const Answer& answer, int status = 400) {
    EXPECT_EQ(answer.status, status) << answer.body;
    return answer.body;
  };
  EXPECT_EQ(fault(aggregate("(metric (b mean) (a* mean) (b max))")),
            R"({"cause": "Metrics not found", "detail": ["a*", "b"]})");
  EXPECT_EQ(fault(aggregate("(aggregate mean (metric cpu mean))", "&groupby=unit")),
            "Invalid pagination: `Sort key supplied is invalid: unit'");
  const std::string metric = ask("GET", "/v1/resource/vm/a/metric/cpu").json()["id"].GetString();
  EXPECT_EQ(fault(aggregate("(metric cpu last)", {}, R"({"=": {"id": "a"}})"), 404),
            R"({"cause": "Metrics with unknown aggregation", "detail": [[")" + metric +
                R"(", "last"]]})");
  EXPECT_EQ(
      fault(aggregate("(rolling mean 5 (metric cpu mean))", {}, R"({"=": {"id": "c"}})")),
      R"({"cause": "Metrics can't being aggregated", "reason": "Rolling window '5' is greater )"
      R"(than serie length '2'", "detail": [["cpu", "mean"]]})");
  EXPECT_EQ(fault(ask("POST", "/v1/aggregates?granularity=7",
                      R"j({"resource_type": "vm", "search": {"=": {"id": "a"}},
                          "operations": "(metric c* mean)"})j")),
            R"({"cause": "Metrics can't being aggregated", "reason": "Granularities are missing", )"
            R"("detail": [["cpu", "mean", 7.0]]})");
  EXPECT_EQ(fault(ask("POST", "/v1/aggregates", R"j({"resource_type": "no", "search": {},
                                                    "operations": "(metric cpu mean)"})j")),
            R"({"cause": "Resource type does not exist", "detail": "no"})");
  EXPECT_EQ(fault(aggregate("(metric cpu mean)", {}, R"("host = ")"))
                .rfind(R"({"cause": "Invalid input", "reason": "Invalid filter: )", 0),
            0U);
}

TEST_F(Aggregates, MoreThanTheServerAllowsIsRefused) {
  config_.max_metrics = 4;
  const Answer metrics = aggregate("(aggregate sum (metric * mean))");
  EXPECT_EQ(metrics.status, 400);
  EXPECT_NE(metrics.body.find(R"({"cause": "Too many metrics", )"), std::string::npos);
  EXPECT_EQ(aggregate("(aggregate sum (metric cpu mean))").status, 200);
  config_.max_points = 8;
  EXPECT_EQ(
      aggregate("(aggregate sum (metric cpu mean))").body,
      R"({"cause": "Too many points", "reason": "The request would take 3 series over 3 points )"
      R"(of time or more, more than [api] max_aggregated_points allows", "detail": []})");
  config_.max_points = 7;
  EXPECT_NE(aggregate("(aggregate sum (metric cpu mean))").body.find("more than 7 stored points"),
            std::string::npos);
  config_.max_points = 9;
  EXPECT_EQ(aggregate("(aggregate sum (metric cpu mean))").status, 200);
}

class Ranked : public AggregatesApi {};

TEST_F(Ranked, GroupsAreOrderedAndCutByTheirMean) {
  const auto ranked = [&](const std::string& query) {
    return groups_of(
        aggregate("(aggregate sum (metric cpu mean))", "&groupby=original_resource_id" + query),
        "original_resource_id");
  };
  EXPECT_EQ(ranked("&top=2"), (Texts{"c: 7.0 8.0", "b: 4.0 5.0 6.0"}));
  EXPECT_EQ(ranked("&order=asc&limit=1"), (Texts{"a: 1.0 2.0 3.0"}));
  EXPECT_EQ(ranked("&order=asc&top=1"), (Texts{"a: 1.0 2.0 3.0"}));
  EXPECT_EQ(ranked("&order=desc"), (Texts{"c: 7.0 8.0", "b: 4.0 5.0 6.0", "a: 1.0 2.0 3.0"}));
  EXPECT_EQ(ranked("&limit=1").size(), 1U);
}

TEST_F(Ranked, SoAreSeries) {
  const auto json = aggregate("(metric cpu mean)", "&top=2&details=true").json();
  ASSERT_EQ(json["measures"].MemberCount(), 2U);
  EXPECT_EQ(json["measures"].MemberBegin()->name.GetString(), id_of("c"));
  EXPECT_TRUE(json["measures"].HasMember(id_of("b").c_str()));
  EXPECT_EQ(json["references"].Size(), 2U);
}

TEST_F(Ranked, NonsenseIsRefused) {
  for (const char* query :
       {"&top=0", "&top=-1", "&top=x", "&top=1.5", "&limit=0", "&order=up", "&top=1&limit=1"}) {
    const Answer answer =
        aggregate("(aggregate sum (metric cpu mean))", "&groupby=host" + std::string(query));
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(answer.body.rfind(R"({"cause": "Argument value error", )", 0), 0U) << answer.body;
  }
  EXPECT_EQ(aggregate("(aggregate sum (metric cpu mean))", "&top=1").status, 400)
      << "a single series has no order";
}

}  // namespace
}  // namespace gnocchi::api
