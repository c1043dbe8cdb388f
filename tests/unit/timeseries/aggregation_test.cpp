#include "core/timeseries/aggregation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

using namespace std::chrono_literals;

TEST(Methods, EveryValidNameIsParsedAndPrintedBack) {
  const auto& names = valid_methods();
  EXPECT_EQ(names.size(), 216U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string& name : names) {
    const auto method = Method::parse(name);
    ASSERT_TRUE(method) << name;
    EXPECT_EQ(method->to_string(), name);
  }
}

TEST(Methods, OtherNamesAreNone) {
  for (const char* name : {"", "rate:", "rate:rate:mean", "0pct", "100pct", "05pct", "pct", "-1pct",
                           "1.5pct", "+5pct", "Mean", "mean ", "quantile", "nan", "*", "+mean"}) {
    EXPECT_FALSE(Method::parse(name)) << name;
  }
}

ArchivePolicy policy(std::vector<ArchivePolicyItem> definition, std::vector<std::string> methods) {
  return {"p", 2, std::move(definition), std::move(methods)};
}

TEST(AggregationPlan, GranularitiesAscendAndTheCoarsestIsTheBlock) {
  const AggregationPlan plan(
      policy({{1h, {}, {}}, {60s, 10, 600s}, {1s, {}, 5s}, {60s, {}, {}}}, {"mean"}));
  ASSERT_EQ(plan.granularities().size(), 3U);
  EXPECT_EQ(plan.granularities()[0].granularity, 1s);
  EXPECT_EQ(plan.granularities()[1].timespan, 600s);
  EXPECT_EQ(plan.block_size(), 1h);
  EXPECT_EQ(plan.back_window_blocks(), 2);
}

TEST(AggregationPlan, RateMethodsComeLastAndKeepOneBlockMore) {
  const AggregationPlan plan(policy({{60s, {}, {}}}, {"sum", "rate:max", "count", "sum"}));
  EXPECT_EQ(std::vector(plan.method_names().begin(), plan.method_names().end()),
            (std::vector<std::string>{"count", "sum", "rate:max"}));
  EXPECT_EQ(plan.plain_methods().size(), 2U);
  EXPECT_EQ(plan.rate_methods().size(), 1U);
  EXPECT_EQ(plan.back_window_blocks(), 3);
}

TEST(AggregationPlan, PolicyThatCannotBeAggregatedIsCorrupt) {
  for (const ArchivePolicy& bad :
       {policy({}, {"mean"}), policy({{0s, {}, {}}}, {"mean"}), policy({{-1s, {}, {}}}, {"mean"}),
        policy({{60s, {}, {}}}, {"average"})}) {
    try {
      const AggregationPlan plan(bad);
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::corrupt_data);
      EXPECT_TRUE(std::string(error.what()).starts_with("archive policy p: ")) << error.what();
    }
  }
}

TEST(AggregationPlan, PolicyWithoutMethodsIsAccepted) {
  const AggregationPlan plan(policy({{60s, {}, {}}}, {}));
  EXPECT_TRUE(plan.methods().empty());
}

}  // namespace
}  // namespace gnocchi::timeseries
