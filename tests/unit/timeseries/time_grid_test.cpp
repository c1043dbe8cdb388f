#include "core/timeseries/time_grid.h"

#include <gtest/gtest.h>

namespace gnocchi::timeseries {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNoon = 1'700'000'040 * kSecond;  // a multiple of a minute

TEST(TimeGrid, TimesAreFlooredToTheStep) {
  EXPECT_EQ(floor_time(kNoon, 60 * kSecond), kNoon);
  EXPECT_EQ(floor_time(kNoon + 59 * kSecond, 60 * kSecond), kNoon);
  EXPECT_EQ(floor_time(kNoon - kSecond, 60 * kSecond), kNoon - 60 * kSecond);
  EXPECT_EQ(floor_time(0, kSecond), 0);
  EXPECT_EQ(floor_exact(-1, kSecond), -kSecond);
  EXPECT_EQ(floor_exact(-kSecond, kSecond), -kSecond);
}

TEST(TimeGrid, JustBeforeABorderGnocchiRoundsUp) {
  EXPECT_EQ(floor_time(kNoon - 1, 60 * kSecond), kNoon);
  EXPECT_EQ(floor_time(kNoon - 200, 60 * kSecond), kNoon - 60 * kSecond);
  // Doubles hold the times of the Epoch's first weeks exactly.
  EXPECT_EQ(floor_time(120 * kSecond - 1, 60 * kSecond), 60 * kSecond);
}

TEST(TimeGrid, UnevenStepsAreExact) {
  for (const std::int64_t step : {kSecond / 4, kSecond / 1000, 60 * kSecond / 7, std::int64_t{7}}) {
    for (std::int64_t i = 0; i < 1000; ++i) {
      const std::int64_t time = kNoon / step * step + i * step;
      ASSERT_EQ(floor_time(time, step), time) << step;
      ASSERT_EQ(floor_time(time + step - 1, step), time) << step;
    }
  }
}

TEST(TimeGrid, NothingOverflows) {
  EXPECT_EQ(saturating_add(kLatest, 1), kLatest);
  EXPECT_EQ(saturating_add(kEarliest, -1), kEarliest);
  EXPECT_EQ(saturating_multiply(kLatest, 2), kLatest);
  EXPECT_EQ(saturating_multiply(kLatest, -2), kEarliest);
  EXPECT_EQ(floor_exact(kEarliest, kLatest), kEarliest);
  EXPECT_EQ(floor_time(kLatest, kLatest), kLatest);
  EXPECT_LE(floor_time(kLatest, 60 * kSecond), kLatest);
}

TEST(TimeGrid, SplitLongerThanAllTimeStartsAtTheEpoch) {
  const std::int64_t month = 31 * 86400 * kSecond;
  EXPECT_EQ(split_start(kNoon, month), 0);
  EXPECT_EQ(next_split(0, month), kLatest);
  EXPECT_EQ(split_start(kNoon, kSecond), kNoon / (3600 * kSecond) * 3600 * kSecond);
}

}  // namespace
}  // namespace gnocchi::timeseries
