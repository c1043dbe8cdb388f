#include "core/query/frame.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/query/gaps.h"
#include "tests/unit/query/programs.h"

namespace gnocchi::query {
namespace {

using timeseries::Series;
using Columns = std::vector<std::vector<double>>;
using Times = std::vector<std::int64_t>;

constexpr Timespan kStep = std::chrono::seconds{1};

Frame align(const std::vector<Series>& series, double filler, std::size_t max_points) {
  FrameBuilder builder(kStep, series.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    builder.add(i, {series[i].times, series[i].values});
  }
  return builder.take(filler, max_points);
}

Frame aligned(const Gaps& gaps, const Range& range = {}) {
  Frame frame =
      align({{{2, 3, 4}, {20, 30, 40}}, {{1, 3, 5}, {100, 300, 500}}}, gaps.filler(), 100);
  settle_gaps(frame, gaps, range);
  return frame;
}

TEST(Frame, SeriesAreLaidOverTheUnionOfTheirTimes) {
  const Frame frame =
      align({{{1, 3}, {10, 30}}, {{2, 3}, {200, 300}}, {}}, kNan, kAnyNumberOfPoints);
  EXPECT_EQ(frame.times, (Times{1, 2, 3}));
  EXPECT_EQ(frame.columns[0][0], 10);
  EXPECT_TRUE(std::isnan(frame.columns[0][1]));
  EXPECT_EQ(frame.columns[1][2], 300);
  EXPECT_TRUE(std::isnan(frame.columns[2][0]));
  EXPECT_EQ(frame.sources, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Frame, SeriesOfTheSameTimesMayComeInAnyOrder) {
  FrameBuilder builder(kStep, 3);
  const Times times{1, 2};
  const std::vector<double> first{10, 20};
  const std::vector<double> last{30, 40};
  builder.add(2, {times, last});
  builder.add(0, {times, first});
  const Frame frame = builder.take(0, 6);
  EXPECT_EQ(frame.times, times);
  EXPECT_EQ(frame.columns, (Columns{first, {0, 0}, last}));
}

TEST(Frame, TablesThatWouldBeTooLargeAreRefused) {
  const std::vector<Series> series{{{1, 3}, {10, 30}}, {{2, 4}, {200, 300}}};
  EXPECT_THROW(align(series, kNan, 7), TooManyPoints);
  EXPECT_NO_THROW(align(series, kNan, 8));
}

TEST(Gaps, TextsAreFillsOrNumbers) {
  EXPECT_EQ(Gaps::parse("full_bfill")->fill, Gaps::Fill::full_bfill);
  EXPECT_EQ(Gaps::parse("-1.5")->value, -1.5);
  EXPECT_EQ(Gaps::parse("0")->fill, Gaps::Fill::value);
  EXPECT_FALSE(Gaps::parse("dropNA"));
  EXPECT_FALSE(Gaps::parse(""));
  EXPECT_TRUE(Gaps::parse("ffill")->drops());
  EXPECT_FALSE(Gaps::parse("null")->drops());
  EXPECT_FALSE(Gaps::parse("5")->drops());
}

TEST(Gaps, AreFilledWithAValue) {
  EXPECT_EQ(aligned({Gaps::Fill::value, 7}).columns,
            (Columns{{7, 20, 30, 40, 7}, {100, 7, 300, 7, 500}}));
}

TEST(Gaps, AreFilledFromBeforeOrAfter) {
  const auto filled = [](Gaps::Fill fill) {
    Frame frame = aligned({fill});
    for (auto& column : frame.columns) {
      for (double& value : column) value = std::isnan(value) ? -1 : value;
    }
    return frame.columns;
  };
  EXPECT_EQ(filled(Gaps::Fill::ffill), (Columns{{-1, 20, 30, 40, 40}, {100, 100, 300, 300, 500}}));
  EXPECT_EQ(filled(Gaps::Fill::bfill), (Columns{{20, 20, 30, 40, -1}, {100, 300, 300, 500, 500}}));
  EXPECT_EQ(filled(Gaps::Fill::full_ffill),
            (Columns{{20, 20, 30, 40, 40}, {100, 100, 300, 300, 500}}));
  EXPECT_EQ(filled(Gaps::Fill::full_bfill),
            (Columns{{20, 20, 30, 40, 40}, {100, 300, 300, 500, 500}}));
}

TEST(Gaps, WithoutAFillAnOpenRangeEndsWithACommonPoint) {
  const Frame frame = aligned({});
  EXPECT_EQ(frame.times, (Times{3}));
  EXPECT_EQ(frame.columns, (Columns{{30}, {300}}));
}

TEST(Gaps, WithoutAFillABoundedRangeIsTakenWhole) {
  const Range range{Timestamp{Timespan{1}}, Timestamp{Timespan{6}}};
  EXPECT_EQ(fault_of([&] { aligned({}, range); }),
            "Less than 100.000000% of datapoints overlap in this timespan (20.00%)");
  EXPECT_EQ(aligned({Gaps::Fill::none, 0, 20}, range).times, (Times{1, 2, 3, 4, 5}));
}

TEST(Gaps, WithoutACommonPointThereIsNoOverlap) {
  const auto apart = [](double needed) {
    Frame frame = align({{{1}, {10}}, {{2}, {20}}}, kNan, 100);
    settle_gaps(frame, {Gaps::Fill::none, 0, needed}, {});
    return frame.times;
  };
  EXPECT_EQ(fault_of([&] { apart(1); }), "No overlap");
  EXPECT_EQ(apart(0), (Times{1, 2}));
}

}  // namespace
}  // namespace gnocchi::query
