#include "tests/unit/api/aggregates_api.h"

namespace gnocchi::api {
namespace {

/// One VM that was "small" and became "large", with points before and around that: their
/// granularity is so coarse that the change lies within the last one.
class AggregatesHistory : public AggregatesApi {
 protected:
  static constexpr std::chrono::days kGranularity{10'000};

  AggregatesHistory() {
    ArchivePolicy coarse;
    coarse.name = "coarse";
    coarse.definition = {{kGranularity, std::nullopt, std::nullopt}};
    coarse.aggregation_methods = {"mean"};
    indexer_.archive_policies().create(coarse);
    EXPECT_EQ(ask("POST", "/v1/resource/vm", R"({"id": "v", "host": "h9", "flavor": "small",
                  "metrics": {"up": {"archive_policy_name": "coarse"}}})")
                  .status,
              201);
    const std::string path = "/v1/resource/vm/v/metric/up/measures";
    for (const char* measure : {R"([{"timestamp": "1980-01-01", "value": 3}])",
                                R"([{"timestamp": "-1 second", "value": 8}])"}) {
      EXPECT_EQ(ask("POST", path, measure).status, 202);
    }
    EXPECT_EQ(ask("GET", path + "?refresh=true").status, 200);
    EXPECT_EQ(ask("PATCH", "/v1/resource/vm/v", R"({"flavor": "large"})").status, 200);
  }

  Answer grouped(const std::string& query,
                 const std::string& operations = "(aggregate mean (metric up mean))") {
    return ask(
        "POST", "/v1/aggregates?" + query,
        R"({"resource_type": "vm", "search": "host = 'h9'", "operations": ")" + operations + "\"}");
  }

  /// How much of the last granularity had passed when the flavor changed.
  double small_share() {
    ResourceQuery query;
    query.type = "vm";
    query.filter = Filter::compare(Filter::Op::eq, "attributes.flavor", "large");
    for (const Resource& resource : indexer_.resources().list(query)) {
      if (resource.original_resource_id != "v") continue;
      const auto ns = resource.revision_start.time_since_epoch();
      return static_cast<double>((ns % Timespan{kGranularity}).count()) /
             static_cast<double>(Timespan{kGranularity}.count());
    }
    return -1;
  }

  /// The values of a group by its key.
  static std::vector<double> values(const Answer& answer, const char* key, const char* value) {
    std::vector<double> found;
    EXPECT_EQ(answer.status, 200) << answer.body;
    if (answer.status != 200) return found;
    const auto json = answer.json();
    for (const auto& group : json.GetArray()) {
      if (std::string(group["group"][key].GetString()) != value) continue;
      for (const auto& row : group["measures"]["measures"]["aggregated"].GetArray()) {
        found.push_back(row[2].GetDouble());
      }
    }
    return found;
  }
};

TEST_F(AggregatesHistory, WithoutItAttributesAreThoseOfToday) {
  const Answer answer = grouped("groupby=flavor");
  EXPECT_EQ(values(answer, "flavor", "large"), (std::vector<double>{3, 8}));
  EXPECT_TRUE(values(answer, "flavor", "small").empty());
}

TEST_F(AggregatesHistory, APointIsSplitBetweenTheRevisionsOfItsTime) {
  const Answer answer = grouped("groupby=flavor&use_history=true");
  const double share = small_share();
  ASSERT_GT(share, 0);
  const auto small = values(answer, "flavor", "small");
  ASSERT_EQ(small.size(), 2U) << answer.body;
  EXPECT_EQ(small[0], 3) << "from before the first revision";
  EXPECT_DOUBLE_EQ(small[1], 8 * share);
  const auto large = values(answer, "flavor", "large");
  ASSERT_EQ(large.size(), 1U);
  EXPECT_NEAR(large[0], 8 * (1 - share), 1e-9);
}

TEST_F(AggregatesHistory, RevisionsOfOneKeyAreOneStay) {
  ASSERT_EQ(ask("PATCH", "/v1/resource/vm/v", R"({"n": 5})").status, 200);
  const auto large = values(grouped("groupby=flavor&use_history=true"), "flavor", "large");
  ASSERT_EQ(large.size(), 1U);
  EXPECT_NEAR(large[0], 8 * (1 - small_share()), 1e-2);
  EXPECT_EQ(values(grouped("groupby=host&use_history=true"), "host", "h9"),
            (std::vector<double>{3, 8}))
      << "nothing is lost where the key never changed";
}

TEST_F(AggregatesHistory, RevisionsThemselvesCanBeKeys) {
  const Answer answer = grouped("groupby=id&groupby=revision_start&use_history=True&details=true");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = answer.json();
  ASSERT_EQ(json.Size(), 2U);
  EXPECT_TRUE(json[0]["group"]["revision_start"].IsString());
  EXPECT_EQ(json[0]["measures"]["references"].Size(), 1U);
  EXPECT_STREQ(json[0]["measures"]["references"][0]["flavor"].GetString(), "small");
  EXPECT_STREQ(json[1]["measures"]["references"][0]["flavor"].GetString(), "large");
}

TEST_F(AggregatesHistory, OfARangeOnlyItsRevisionsCount) {
  const Answer before = grouped("groupby=flavor&use_history=true&stop=1990-01-01");
  EXPECT_EQ(before.status, 400) << "no revision is that old";
  const Answer now = grouped("groupby=flavor&use_history=true&start=1980-01-01");
  EXPECT_EQ(values(now, "flavor", "small").size(), 2U) << now.body;
  EXPECT_LT(values(now, "flavor", "small")[0], 3) << "the start cuts the first point";
}

TEST_F(AggregatesHistory, OperationsMustAggregate) {
  const Answer answer = grouped("groupby=flavor&use_history=true", "(metric up mean)");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"cause": "Operations is invalid", "reason": "With use_history the )"
                         R"(operations must aggregate", "detail": []})");
}

}  // namespace
}  // namespace gnocchi::api
