#include "core/timeseries/series.h"

#include <gtest/gtest.h>

#include "core/timeseries/bound_series.h"
#include "core/timeseries/time_grid.h"

namespace gnocchi::timeseries {
namespace {

Measure at(std::int64_t ns, double value) { return {Timestamp{Timespan{ns}}, value}; }

Series sorted_series(std::span<const Measure> measures) {
  const FreshPoints points = sorted(measures);
  return {{points.times.begin(), points.times.end()}, {points.values.begin(), points.values.end()}};
}

TEST(Merge, NewerPointsReplaceAndOthersStay) {
  const Series older{{1, 3, 5, 7}, {1, 3, 5, 7}};
  EXPECT_EQ(merge(Series{{3, 4, 9}, {30, 40, 90}}, older),
            (Series{{1, 3, 4, 5, 7, 9}, {1, 30, 40, 5, 7, 90}}));
  EXPECT_EQ(merge(Series{{8}, {80}}, older), (Series{{1, 3, 5, 7, 8}, {1, 3, 5, 7, 80}}));
  EXPECT_EQ(merge(Series{{0}, {0}}, older), (Series{{0, 1, 3, 5, 7}, {0, 1, 3, 5, 7}}));
  EXPECT_EQ(merge(Points{}, older), older);
  EXPECT_EQ(merge(older, Series{}), older);
  EXPECT_EQ(merge(Series{{1, 3, 5, 7}, {0, 0, 0, 0}}, older), (Series{{1, 3, 5, 7}, {0, 0, 0, 0}}));
}

TEST(Truncate, PointsATimespanBeforeTheLastGo) {
  Series series{{10, 20, 30}, {1, 2, 3}};
  truncate(series, Timespan{10});
  EXPECT_EQ(series, (Series{{30}, {3}}));
  Series kept{{10, 20, 30}, {1, 2, 3}};
  truncate(kept, Timespan::max());
  EXPECT_EQ(kept.size(), 3U);
  Series none;
  truncate(none, Timespan{10});
  EXPECT_TRUE(none.empty());
}

TEST(RestrictTo, KeepsStartAndLeavesOutStop) {
  Series series{{10, 20, 30}, {1, 2, 3}};
  restrict_to(series, 10, 30);
  EXPECT_EQ(series, (Series{{10, 20}, {1, 2}}));
  restrict_to(series, 30, 10);
  EXPECT_TRUE(series.empty());
}

TEST(Sorted, LastOfEqualTimesCounts) {
  const std::vector<Measure> measures{at(3, 1), at(1, 2), at(3, 3), at(2, 4), at(1, 5)};
  EXPECT_EQ(sorted_series(measures), (Series{{1, 2, 3}, {5, 4, 3}}));
  EXPECT_EQ(sorted_series(std::vector{at(1, 1), at(1, 2), at(2, 3)}), (Series{{1, 2}, {2, 3}}));
}

TEST(Sorted, TimesBeforeTheEpochAreLeftOut) {
  EXPECT_EQ(sorted_series(std::vector{at(-5, 1), at(0, 2)}), (Series{{0}, {2}}));
  EXPECT_TRUE(sorted_series({}).empty());
}

TEST(BackWindow, CountsBlocksBeforeTheNewest) {
  const AggregationPlan plan(ArchivePolicy{"p", 2, {{Timespan{100}, {}, {}}}, {"mean"}});
  EXPECT_EQ(first_block_ns(plan, 1050), 800);
  EXPECT_EQ(first_block_ns(plan, 50), -200);
}

TEST(BackWindow, LongerThanAllTimeKeepsEverything) {
  const AggregationPlan plan(
      ArchivePolicy{"p", 4'000'000'000, {{std::chrono::hours{24 * 365}, {}, {}}}, {"mean"}});
  EXPECT_LT(first_block_ns(plan, 1'700'000'000'000'000'000), 0);
}

}  // namespace
}  // namespace gnocchi::timeseries
