#include "core/query/moving_average.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace gnocchi::query {
namespace {

using timeseries::Series;
using namespace std::chrono_literals;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMs = 1'000'000;

// Gnocchi 3.0's own example: 69, 42, 6, 44, 7 every 20 s, as means of minutes.
const Series kMinutes{{0, 60 * kSecond}, {39, 25.5}};

TEST(MovingAverage, WindowBeginsWithItsPoint) {
  EXPECT_EQ(moving_average(kMinutes, 60s, {120s, false}), (Series{{0}, {32.25}}));
}

TEST(MovingAverage, CentredWindowOfEvenSizeIsTheMeanOfTwo) {
  EXPECT_EQ(moving_average(kMinutes, 60s, {120s, true}), (Series{{60 * kSecond}, {28.875}}));
}

TEST(MovingAverage, NothingIsSaidWhereTheWindowReachesBeyondTheSeries) {
  EXPECT_TRUE(moving_average(kMinutes, 60s, {180s, false}).empty());
  EXPECT_TRUE(moving_average({}, 60s, {120s, false}).empty());
}

TEST(MovingAverage, NanIsNoPointAndInfinityStaysInItsWindows) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const Series data{{0, kSecond, 2 * kSecond, 3 * kSecond, 4 * kSecond}, {1, kNan, 3, kInf, 5}};
  const Series result = moving_average(data, 1s, {2s, false});
  EXPECT_EQ(result, (Series{{0, 2 * kSecond, 3 * kSecond}, {1, kInf, kInf}}));
}

/// Word by word what 3.0 says, one point after the other.
Series plain(const Series& data, Timespan granularity, const MovingAverage& how) {
  const auto mean = [&](std::int64_t first, std::int64_t last) {
    double sum = 0;
    int count = 0;
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (data.times[i] < first || data.times[i] > last) continue;
      sum += data.values[i];
      ++count;
    }
    return std::pair{count, sum / count};
  };
  const std::int64_t left = how.centred ? how.window.count() / 2 : 0;
  const std::int64_t right = how.window.count() - left - kMs;
  Series result;
  for (const std::int64_t x : data.times) {
    if (x - left < data.times.front()) continue;
    if (x + right > data.times.back() + granularity.count()) continue;
    auto [count, value] = mean(x - left, x + right);
    if (how.centred && count % 2 == 0) {
      value = (mean(x - kMs - left, x - kMs + right).second +
               mean(x + kMs - left, x + kMs + right).second) /
              2;
    }
    if (std::isnan(value)) continue;
    result.times.push_back(x);
    result.values.push_back(value);
  }
  return result;
}

TEST(MovingAverage, LongSeriesWithGapsAgreeWithTheDefinition) {
  std::mt19937 random(7);
  Series data;
  for (std::int64_t i = 0; i < 2000; ++i) {
    if (random() % 5 == 0) continue;
    data.times.push_back(i * 10 * kSecond);
    data.values.push_back(static_cast<double>(random() % 1'000'000) / 7);
  }
  for (const Timespan window : {10s, 50s, 60s, 3600s}) {
    for (const bool centred : {false, true}) {
      const Series expected = plain(data, 10s, {window, centred});
      const Series result = moving_average(data, 10s, {window, centred});
      ASSERT_EQ(result.times, expected.times);
      for (std::size_t i = 0; i < result.size(); ++i) {
        ASSERT_NEAR(result.values[i], expected.values[i], 1e-12 * expected.values[i]);
      }
    }
  }
}

}  // namespace
}  // namespace gnocchi::query
