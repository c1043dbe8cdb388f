#include "core/timeseries/resample.h"

#include <gtest/gtest.h>

#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

using namespace std::chrono;

std::int64_t day(int y, unsigned m, unsigned d) {
  return nanoseconds{sys_days{year{y} / month{m} / d}.time_since_epoch()}.count();
}

Method method(const char* name) { return Method::parse(name).value(); }

TEST(Resample, GroupsByGranularity) {
  const Series series{{0, 60, 120, 180}, {1, 2, 3, 4}};
  EXPECT_EQ(resample(series, method("sum"), Timespan{120}), (Series{{0, 120}, {3, 7}}));
}

TEST(Resample, RateTakesDifferencesFirst) {
  const Series series{{0, 60, 120, 180}, {1, 3, 7, 20}};
  EXPECT_EQ(resample(series, method("rate:sum"), Timespan{120}), (Series{{0, 120}, {2, 17}}));
  EXPECT_TRUE(resample({{0}, {1}}, method("rate:sum"), Timespan{120}).empty());
  EXPECT_TRUE(resample({}, method("rate:sum"), Timespan{120}).empty());
  EXPECT_TRUE(resample({}, method("mean"), Timespan{120}).empty());
}

TEST(Resample, CalendarGroupsBeginOnTheirFirstDay) {
  const Series series{{day(2015, 12, 31), day(2016, 1, 1), day(2016, 2, 29), day(2016, 8, 7)},
                      {1, 2, 3, 4}};
  const auto times = [&](const char* name) {
    return resample(series, method("count"), parse_calendar_group(name).value()).times;
  };
  EXPECT_EQ(times("Y"), (std::vector{day(2015, 1, 1), day(2016, 1, 1)}));
  EXPECT_EQ(times("H"), (std::vector{day(2015, 7, 1), day(2016, 1, 1), day(2016, 7, 1)}));
  EXPECT_EQ(times("Q"), (std::vector{day(2015, 10, 1), day(2016, 1, 1), day(2016, 7, 1)}));
  EXPECT_EQ(times("M"),
            (std::vector{day(2015, 12, 1), day(2016, 1, 1), day(2016, 2, 1), day(2016, 8, 1)}));
  EXPECT_EQ(times("W"), (std::vector{day(2015, 12, 27), day(2016, 2, 28), day(2016, 8, 7)}));
  EXPECT_FALSE(parse_calendar_group("y"));
}

TEST(Resample, CalendarGroupAtTheEndOfTimeIsFound) {
  const Series series{{INT64_MAX - 1}, {1}};
  for (const char* name : {"Y", "H", "Q", "M", "W"}) {
    EXPECT_EQ(resample(series, method("sum"), parse_calendar_group(name).value()).size(), 1U);
  }
}

TEST(Resample, RateOfACalendarGroupIsRefused) {
  EXPECT_THROW(resample({}, method("rate:mean"), CalendarGroup::month), Refused);
}

}  // namespace
}  // namespace gnocchi::timeseries
