#include "core/index/timestamps.h"
#include "core/index/timestamp_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

// 2014-01-01T12:00:00.5
constexpr Timestamp kNow{Timespan{1'388'577'600'500'000'000}};

std::int64_t ns_of(std::string_view text) {
  const auto parsed = parse_timestamp(text, kNow);
  EXPECT_EQ(parsed.fault, TimestampFault::none) << text;
  return parsed.ns;
}

TimestampFault fault_of(std::string_view text) { return parse_timestamp(text, kNow).fault; }

TEST(Timestamps, CommonShapesAreRead) {
  EXPECT_EQ(ns_of("2015-03-06T14:34:12"), 1'425'652'452'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06 14:34:12"), 1'425'652'452'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12Z"), 1'425'652'452'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12+00:00"), 1'425'652'452'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12.5"), 1'425'652'452'500'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12.123456+00:00"), 1'425'652'452'123'456'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12.123456789Z"), 1'425'652'452'123'456'789);
}

TEST(Timestamps, ShorterShapesAndOffsetsAreRead) {
  EXPECT_EQ(ns_of("2015-03"), 1'425'168'000'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06"), 1'425'600'000'000'000'000);
  EXPECT_EQ(ns_of(" 2015-03-06"), 1'425'600'000'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14"), 1'425'650'400'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34"), 1'425'652'440'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14Z"), 1'425'650'400'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12+01:00"), 1'425'648'852'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12+0100"), 1'425'648'852'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12+01"), 1'425'648'852'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34-0130"), 1'425'657'840'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12."), 1'425'652'452'000'000'000);
  EXPECT_EQ(ns_of("2015-03-06T14:34:12.1234567891"), 1'425'652'452'123'456'789);
  EXPECT_EQ(ns_of("2016-02-29"), 1'456'704'000'000'000'000);
  EXPECT_EQ(ns_of("+2015-01-01"), 1'420'070'400'000'000'000);
}

TEST(Timestamps, NumbersAreSecondsThroughADouble) {
  EXPECT_EQ(ns_of("0"), 0);
  EXPECT_EQ(ns_of("-0.0"), 0);
  EXPECT_EQ(ns_of("2015"), 2'015'000'000'000);
  EXPECT_EQ(ns_of("1e9"), 1'000'000'000'000'000'000);
  EXPECT_EQ(ns_of(" 12\n"), 12'000'000'000);
  EXPECT_EQ(ns_of("1388577600.123"), 1'388'577'600'122'999'808);
  EXPECT_EQ(timestamp_from_seconds(1388577600.123).ns, 1'388'577'600'122'999'808);
  EXPECT_EQ(timestamp_from_seconds(1425652437.1).form, TimestampForm::number);
}

TEST(Timestamps, RelativeTimesCountFromNow) {
  EXPECT_EQ(ns_of("-1 minute"), kNow.time_since_epoch().count() - 60'000'000'000);
  EXPECT_EQ(ns_of("5 minutes"), kNow.time_since_epoch().count() + 300'000'000'000);
  EXPECT_EQ(ns_of("-1:30"), kNow.time_since_epoch().count() - 90'000'000'000);
  EXPECT_EQ(parse_timestamp("-10 seconds", kNow).form, TimestampForm::relative);
  EXPECT_EQ(ns_of("now"), 1'388'577'600'000'000'000);
  EXPECT_EQ(ns_of("NOW"), 1'388'577'600'000'000'000);
  EXPECT_EQ(ns_of("today"), 1'388'534'400'000'000'000);
}

TEST(Timestamps, NothingBeforeTheEpochAndNothingPastNanosecondsIsTaken) {
  EXPECT_EQ(fault_of("1969-12-31T23:59:59.999"), TimestampFault::before_epoch);
  EXPECT_EQ(fault_of("1915-03-06T14:33:57"), TimestampFault::before_epoch);
  EXPECT_EQ(fault_of("1970-01-01T00:00:00+01:00"), TimestampFault::before_epoch);
  EXPECT_EQ(fault_of("-2015-01-01"), TimestampFault::before_epoch);
  EXPECT_EQ(fault_of("-1"), TimestampFault::before_epoch);
  EXPECT_EQ(fault_of("-100 years"), TimestampFault::unreadable);
  EXPECT_EQ(fault_of("-3000 weeks"), TimestampFault::before_epoch);
  EXPECT_EQ(ns_of("1969-12-31T23:30:00-01:00"), 1'800'000'000'000);
  EXPECT_EQ(ns_of("2262-04-11T23:47:16.854775807"), INT64_MAX);
  EXPECT_EQ(fault_of("2262-04-11T23:47:16.854775808"), TimestampFault::too_late);
  EXPECT_EQ(fault_of("2262-04-12"), TimestampFault::too_late);
  EXPECT_EQ(fault_of("9999-12-31T23:59:59-23:59"), TimestampFault::too_late);
  EXPECT_EQ(fault_of("99999999999999999999-01-01"), TimestampFault::too_late);
  EXPECT_EQ(fault_of("9223372037"), TimestampFault::too_late);
  EXPECT_EQ(fault_of("1e300"), TimestampFault::too_late);
  EXPECT_EQ(fault_of("14000 weeks"), TimestampFault::too_late);
}

TEST(Timestamps, GarbageIsUnreadable) {
  for (const char* text : {"",
                           " ",
                           "NaT",
                           "nan",
                           "inf",
                           "-inf",
                           "1e400",
                           "foo",
                           "2015-",
                           "2015-3-6",
                           "15:30:00:00:00",
                           "2015-02-30",
                           "2015-13-01",
                           "2015-00-01",
                           "2015-01-00",
                           "2015-03-06T24:00:00",
                           "2015-03-06T14:60",
                           "2015-03-06T14:34:60",
                           "2015-03-06T",
                           "2015-03-06T1",
                           "2015-03-06T14:34:12+1",
                           "2015-03-06T14:34:12+24:00",
                           "2015-03-06T14:34:12+01:60",
                           "2015-03-06T14:34:12,5",
                           "2015-03-06T14:34:12 Z",
                           "2015-03-06Z",
                           "2015-03-06 ",
                           "20150306T143412",
                           "2015-W10-1",
                           "2015-060",
                           "1915-100-06T14:33:57",
                           "0x10",
                           "1__0",
                           "2015-03-06T14:34:12.1234567890123456789",
                           "2015-03-06t14:34:12"}) {
    EXPECT_EQ(fault_of(text), TimestampFault::unreadable) << text;
  }
  EXPECT_EQ(timestamp_from_seconds(std::nan("")).fault, TimestampFault::unreadable);
  EXPECT_EQ(timestamp_from_seconds(HUGE_VAL).fault, TimestampFault::unreadable);
}

TEST(Timestamps, ToTimestampSaysGnocchisSentences) {
  const auto sentence_of = [](std::string_view text) -> std::string {
    try {
      to_timestamp(text, kNow);
    } catch (const Refused& fault) {
      return fault.what();
    }
    return {};
  };
  EXPECT_EQ(sentence_of("foo"), "Unable to convert timestamps");
  EXPECT_EQ(sentence_of("1915-03-06"), "Timestamp must be after Epoch");
  EXPECT_EQ(sentence_of("3000-01-01"), "Timestamp must be before 2262-04-11T23:47:16.854775807");
}

TEST(Timestamps, ToDatetimeRoundsToMicroseconds) {
  EXPECT_EQ(to_datetime("2014-01-03T02:02:02.123456", kNow),
            Timestamp{Timespan{1'388'714'522'123'456'000}});
  EXPECT_EQ(to_datetime("1388714522.5", kNow), Timestamp{Timespan{1'388'714'522'500'000'000}});
  EXPECT_EQ(to_datetime("2014-01-01T00:00:00.999999999", kNow),
            Timestamp{Timespan{1'388'534'401'000'000'000}});
}

TEST(Timestamps, AreWrittenInSeconds) {
  const auto text = [](std::int64_t ns) {
    char buffer[kTimestampText];
    return std::string(buffer, put_timestamp(buffer, Timestamp{Timespan{ns}}));
  };
  EXPECT_EQ(text(0), "1970-01-01T00:00:00+00:00");
  EXPECT_EQ(text(1'425'652'452'999'999'999), "2015-03-06T14:34:12+00:00");
  EXPECT_EQ(text(-1), "1969-12-31T23:59:59+00:00");
  EXPECT_EQ(text(INT64_MAX), "2262-04-11T23:47:16+00:00");
  EXPECT_EQ(text(INT64_MIN), "1677-09-21T00:12:43+00:00");
}

TEST(Timestamps, WritingManyInARowGivesTheSameAsOneByOne) {
  TimestampWriter writer;
  char many[kTimestampText];
  char one[kTimestampText];
  for (std::int64_t ns = 0; ns < 400 * 86'400'000'000'000; ns += 7'919'000'000'000) {
    writer.put(many, ns);
    put_timestamp(one, Timestamp{Timespan{ns}});
    ASSERT_EQ(std::string_view(many, kTimestampText), std::string_view(one, kTimestampText));
  }
}

}  // namespace
}  // namespace gnocchi::index
