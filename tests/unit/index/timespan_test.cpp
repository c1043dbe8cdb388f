#include "core/index/timespan.h"

#include <gtest/gtest.h>

#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// In seconds; -1e99: not a timespan.
double parsed(std::string_view text) {
  const auto span = parse_timespan(text);
  return span ? static_cast<double>(span->count()) / 1e9 : -1e99;
}

TEST(Timespan, NumbersAreSeconds) {
  EXPECT_EQ(parse_timespan("60"), seconds(60));
  EXPECT_EQ(parse_timespan(" 0.5 "), milliseconds(500));
  EXPECT_EQ(parse_timespan("1e3"), seconds(1000));
  EXPECT_EQ(parse_timespan("1_000"), seconds(1000));
  EXPECT_EQ(parse_timespan("-10"), seconds(-10));
  EXPECT_EQ(parse_timespan("1e-9"), Timespan(1));
  EXPECT_EQ(parse_timespan("1e-10"), Timespan(0));
}

// Expected values are those of pytimeparse 1.1.8.
TEST(Timespan, UnitsAreThoseOfPytimeparse) {
  EXPECT_EQ(parsed("1 minute"), 60);
  EXPECT_EQ(parsed("30s"), 30);
  EXPECT_EQ(parsed("1w2d"), 777600);
  EXPECT_EQ(parsed("1 DAY"), 86400);
  EXPECT_EQ(parsed("1 dys"), 86400);
  EXPECT_EQ(parsed("1wk"), 604800);
  EXPECT_EQ(parsed("1 d, 5 h/3m"), 104580);
  EXPECT_EQ(parsed("1m / 2s"), 62);
  EXPECT_EQ(parsed("- 1 minute"), -60);
  EXPECT_EQ(parsed("|5s"), 5);
  EXPECT_EQ(parsed("1.5s"), 1.5);
  EXPECT_EQ(parsed("60 s\n"), 60);
}

TEST(Timespan, FractionsOfUnitsAboveSecondsAreCutToWholeSeconds) {
  EXPECT_EQ(parsed("1.5 m 3s"), 93);
  EXPECT_EQ(parsed("-1.5m 3s"), -87);
  EXPECT_EQ(parsed("0.0001 h"), 0);
}

TEST(Timespan, ClocksMayFollowWeeksAndDays) {
  EXPECT_EQ(parsed("1:30"), 90);
  EXPECT_EQ(parsed(":22"), 22);
  EXPECT_EQ(parsed("2:03:04"), 7384);
  EXPECT_EQ(parsed("1d 2:03:04"), 93784);
  EXPECT_EQ(parsed("2 w 1:02:03"), 1213323);
  EXPECT_EQ(parsed("1:02:03:04.5"), 93784.5);
}

TEST(Timespan, AnythingElseIsNone) {
  for (const char* text : {"",           " ",
                           ".",          "..s",
                           "a b",        "1 shenanigan",
                           "1m1m",       "1 m 2 h",
                           "1h 1m 1",    "1:2",
                           "5 ms",       "1 minute ago",
                           "1.5.2h",     "1 d ,, 5h",
                           "1,5s",       "0x10",
                           "nan",        "inf",
                           "1e400",      "s",
                           "-",          "1d 1:02:03:04",
                           "100:00",     "1:30 m",
                           "9223372037", "293 years",
                           "--5s",       "+-5"}) {
    EXPECT_EQ(parse_timespan(text), std::nullopt) << text;
  }
}

TEST(Timespan, GranularitiesMustBePositive) {
  EXPECT_EQ(to_timespan("1 hour"), std::chrono::hours(1));
  EXPECT_EQ(to_timespan(0.29), milliseconds(290));
  for (const char* text : {"0", "-5 s", "1e-10"}) {
    try {
      to_timespan(text);
      ADD_FAILURE() << text;
    } catch (const Refused& refused) {
      EXPECT_STREQ(refused.what(), "Timespan must be positive");
      EXPECT_EQ(refused.reason(), Refused::Reason::invalid_value);
    }
  }
  EXPECT_THROW(to_timespan("soon"), Refused);
  EXPECT_THROW(to_timespan(1e300), Refused);
}

}  // namespace
}  // namespace gnocchi::index
