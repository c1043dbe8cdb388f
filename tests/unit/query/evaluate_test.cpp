#include <cmath>

#include "tests/unit/query/programs.h"

namespace gnocchi::query {
namespace {

using Columns = std::vector<std::vector<double>>;

TEST(Evaluate, PointsAreComputedByThemselves) {
  EXPECT_EQ(run("(negative (metric a mean))", {{1, -2}}).columns, (Columns{{-1, 2}}));
  EXPECT_EQ(run("(abs (neg (metric a mean)))", {{1, -2}}).columns, (Columns{{1, 2}}));
  EXPECT_EQ(run("(floor (metric a mean))", {{1.5}}).columns, (Columns{{1}}));
  EXPECT_EQ(run("(ceil (metric a mean))", {{1.5}}).columns, (Columns{{2}}));
  EXPECT_EQ(run("(- 10 (metric a mean))", {{1, 2}, {3, 4}}).columns, (Columns{{9, 8}, {7, 6}}));
  EXPECT_EQ(run("(- (metric a mean) 10)", {{1, 2}}).columns, (Columns{{-9, -8}}));
  EXPECT_EQ(run("(mod (metric a mean) 5)", {{7, -7}}).columns, (Columns{{2, 3}}));
  EXPECT_EQ(run("(mod (metric a mean) -5)", {{7, -7}}).columns, (Columns{{-3, -2}}));
  EXPECT_TRUE(std::isnan(run("(mod (metric a mean) 0)", {{7}}).columns[0][0]));
  EXPECT_EQ(run("(clip (metric a mean) 2 (+ 1 3))", {{1, 3, 5}}).columns, (Columns{{2, 3, 4}}));
  EXPECT_EQ(run("(clip (metric a mean) 2)", {{1, 3, 5}}).columns, (Columns{{2, 3, 5}}));
  EXPECT_EQ(run("(clip_max (metric a mean) 2)", {{1, 3}}).columns, (Columns{{1, 2}}));
  EXPECT_TRUE(std::isnan(run("(clip (metric a mean) 1 2)", {{kNan}}).columns[0][0]));
  EXPECT_EQ(run("(max (metric a mean) 2)", {{1, 3, kNan}}).columns, (Columns{{2, 3, 2}}));
}

TEST(Evaluate, ComparisonsAreTruthsAndFalseForNan) {
  const Frame frame = run("(> (metric a mean) 2)", {{1, 3, kNan}});
  EXPECT_EQ(frame.columns, (Columns{{0, 1, 0}}));
  EXPECT_TRUE(frame.truth_values);
  EXPECT_FALSE(frame.aggregated);
  EXPECT_EQ(run("(\xe2\x89\xa0 (metric a mean) 1)", {{1, 3, kNan}}).columns, (Columns{{0, 1, 1}}));
  EXPECT_FALSE(run("(* 2 (> (metric a mean) 2))", {{1, 3}}).truth_values);
}

TEST(Evaluate, RatesOfChangeBelongToTheLaterPoint) {
  const Frame frame = run("(rateofchange (metric a mean))", {{1, 4, 2}});
  EXPECT_EQ(frame.columns, (Columns{{3, -2}}));
  EXPECT_EQ(frame.times, (std::vector<std::int64_t>{61 * kSecond, 62 * kSecond}));
  EXPECT_TRUE(run("(rateofchange (metric a mean))", {{}}).times.empty());
  EXPECT_TRUE(run("(rateofchange (metric a mean))", {{1}}).columns[0].empty());
}

TEST(Evaluate, RatesOfChangePerSecondKeepTheFirstPointAsNan) {
  Frame frame = frame_of({{1, 4, 2}});
  frame.times = {0, 2 * kSecond, 2 * kSecond + kSecond / 2};
  const std::vector<std::size_t> references{0};
  const Frame result = evaluate(program_of("(rateofchangesec (metric a mean))"), frame, references,
                                kAnyNumberOfPoints);
  EXPECT_EQ(result.times.size(), 3U);
  EXPECT_TRUE(std::isnan(result.columns[0][0]));
  EXPECT_EQ(result.columns[0][1], 1.5);
  EXPECT_EQ(result.columns[0][2], -4);
}

TEST(Evaluate, ResamplingGroupsEachSeries) {
  const Frame frame = run("(resample mean 2 (metric a mean))", {{1, 3, 5}, {2, 4, 8}});
  EXPECT_EQ(frame.columns, (Columns{{2, 5}, {3, 8}}));
  EXPECT_EQ(frame.times, (std::vector<std::int64_t>{60 * kSecond, 62 * kSecond}));
  EXPECT_EQ(std::get<Timespan>(frame.sampling), std::chrono::seconds{2});
  const Frame year = run("(resample 90pct Y (metric a mean))", {{1, 2, 11}});
  EXPECT_EQ(year.times, (std::vector<std::int64_t>{0}));
  EXPECT_NEAR(year.columns[0][0], 9.2, 1e-12);
  EXPECT_EQ(std::get<timeseries::CalendarGroup>(year.sampling), timeseries::CalendarGroup::year);
  EXPECT_EQ(fault_of([] {
              run("(resample rate:mean M (metric a mean))", {{1, 2}});
            }),
            "Cannot derive aggregates on calendar granularities.");
}

TEST(Evaluate, RollingTakesAWindowBeforeEachPoint) {
  const Frame frame = run("(rolling mean 2 (metric a mean))", {{1, 3, 6}});
  EXPECT_EQ(frame.columns, (Columns{{2, 4.5}}));
  EXPECT_EQ(frame.times, (std::vector<std::int64_t>{61 * kSecond, 62 * kSecond}));
  EXPECT_EQ(run("(rolling rate:mean 2 (metric a mean))", {{1, 3, 6}}).columns, (Columns{{2.5}}));
  EXPECT_EQ(fault_of([] {
              run("(rolling mean 4 (metric a mean))", {{1, 3, 6}});
            }),
            "Rolling window '4' is greater than serie length '3'");
}

TEST(Evaluate, AggregatingTakesAllSeriesTogether) {
  const Frame frame = run("(aggregate sum (metric a mean))", {{1, kNan}, {3, 4}, {5, kNan}});
  EXPECT_EQ(frame.columns, (Columns{{9, 4}}));
  EXPECT_TRUE(frame.aggregated);
  EXPECT_EQ(run("(aggregate rate:max (metric a mean))", {{1, 7}, {3, 4}}).columns, (Columns{{4}}));
  EXPECT_TRUE(run("(aggregate max (> (metric a mean) 2))", {{1, 7}, {3, 4}}).truth_values);
}

TEST(Evaluate, SeveralOperandsAreAggregatedAsOne) {
  const Frame frame =
      run("(aggregate mean (metric a mean) (* 2 (metric b max)))", {{1, 2}, {4, 5}}, {0, 1});
  EXPECT_EQ(frame.columns, (Columns{{4.5, 6}}));
  EXPECT_NE(
      fault_of([] {
        run("(aggregate mean (metric a mean) (rateofchange (metric b max)))", {{1}, {4}}, {0, 1});
      }).find("different granularity"),
      std::string::npos);
}

TEST(Evaluate, ReferencesChooseTheirColumns) {
  const Frame frame = run("(/ (metric a mean) (metric b mean))", {{8, 9}, {2, 3}}, {0, 1});
  EXPECT_EQ(frame.columns, (Columns{{4, 3}}));
  EXPECT_TRUE(frame.aggregated);
  EXPECT_EQ(run("(- (metric a mean) (metric b mean))", {{1}, {10}, {20}}, {0, 1, 1}).columns,
            (Columns{{-9}, {-19}}));
  EXPECT_EQ(run("(- (metric b mean) (metric a mean))", {{10}, {20}, {1}}, {0, 0, 1}).columns,
            (Columns{{9}, {19}}));
  EXPECT_EQ(
      fault_of([] {
        run("(- (metric a mean) (metric b mean))", {{1}, {2}, {3}, {4}, {5}}, {0, 0, 1, 1, 1});
      }),
      "operands could not be broadcast together with shapes (1,2) (1,3)");
  EXPECT_EQ(fault_of([] {
              run("(- (metric a mean) (resample mean 60 (metric a mean)))", {{1, 2}}, {0});
            }),
            "Can't compute timeseries with different granularity ['metric', 'a', 'mean'] <> "
            "['resample', 'mean', '60', ['metric', 'a', 'mean']]");
}

TEST(Evaluate, AMetricThatWasNotFoundHasNoColumns) {
  EXPECT_TRUE(run("(/ (metric a mean) (metric b mean))", {{8, 9}}, {0}).columns.empty());
  EXPECT_EQ(run("(aggregate count (+ 0 (metric b mean)) (metric a mean))", {{8, 9}}, {1}).columns,
            (Columns{{1, 1}}));
}

TEST(Evaluate, WhatWouldTakeTooMuchIsRefused) {
  const std::vector<double> many(2000, 1.0);
  EXPECT_THROW(run("(rolling mean 1000 (metric a mean))", {many}, {0}, 2000), TooManyPoints);
  EXPECT_NO_THROW(run("(rolling mean 100 (metric a mean))", {many}, {0}, 2000));
  EXPECT_THROW(run("(+ (metric a mean) (metric a mean))", {many}, {0}, 2000), TooManyPoints);
  EXPECT_NO_THROW(run("(+ (metric a mean) (metric a mean))", {many}, {0}, 4000));
}

}  // namespace
}  // namespace gnocchi::query
