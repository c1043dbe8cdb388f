#include "core/config/values.h"

#include <gmock/gmock.h>

namespace gnocchi::config {
namespace {

using namespace std::chrono_literals;
using plugin::OptionSpec;
using plugin::OptionType;
using testing::ElementsAre;
using testing::IsEmpty;

std::string problem_of(const OptionSpec& spec, std::string_view text) {
  std::string problem;
  EXPECT_FALSE(parse_value(spec, text, problem).has_value()) << text;
  return problem;
}

TEST(Durations, PlainNumbersAreSeconds) {
  EXPECT_EQ(parse_duration("30"), 30s);
  EXPECT_EQ(parse_duration("0.5"), 500ms);
  EXPECT_EQ(parse_duration("-1"), -1s);
}

TEST(Durations, UnitsScale) {
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("2m"), 120s);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("7us"), 7us);
  EXPECT_EQ(parse_duration("3ns"), 3ns);
  EXPECT_EQ(parse_duration("1h"), 3600s);
  EXPECT_EQ(parse_duration("1d"), 86400s);
  EXPECT_EQ(parse_duration("1w"), 604800s);
}

TEST(Durations, OtherTextsAreNone) {
  for (const char* text :
       {"", "soon", "30 seconds", "s", "1e400", "99999999999d", "nan", "inf", "1s2"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Booleans, OsloWordsInAnyCase) {
  for (const char* text : {"1", "yes", "True", "ON"}) EXPECT_EQ(parse_boolean(text), true) << text;
  for (const char* text : {"0", "No", "false", "off"})
    EXPECT_EQ(parse_boolean(text), false) << text;
  for (const char* text : {"", "y", "2", "truth"})
    EXPECT_EQ(parse_boolean(text), std::nullopt) << text;
}

TEST(Lists, CommasSeparateAndSpacesGo) {
  EXPECT_THAT(split_list("a, b ,c,"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_list("a,\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(split_list("  "), IsEmpty());
}

TEST(Lists, QuotedPartKeepsItsCommas) {
  EXPECT_THAT(split_list("'a,b', \"c\""), ElementsAre("a,b", "c"));
}

TEST(Lists, QuoteInsideAWordIsALetter) {
  EXPECT_THAT(split_list("it's,b"), ElementsAre("it's", "b"));
}

TEST(Values, WrongTypeNamesTypeAndExamples) {
  EXPECT_EQ(problem_of({"x", OptionType::integer, nullptr, ""}, "1.5"),
            "not a whole number (examples: 1, 128)");
  EXPECT_EQ(problem_of({"x", OptionType::duration, nullptr, ""}, "soon"),
            "not a duration (examples: 30, 30s, 2m)");
  EXPECT_EQ(problem_of({"x", OptionType::boolean, nullptr, ""}, "maybe"),
            "not a boolean (examples: true, false)");
  EXPECT_EQ(problem_of({"x", OptionType::real, nullptr, ""}, "nan"),
            "not a number (examples: 10, 0.5)");
  EXPECT_THAT(problem_of({"x", OptionType::url, nullptr, ""}, "localhost"),
              testing::StartsWith("not a URL"));
}

TEST(Values, RangeIsHeld) {
  const OptionSpec spec{"x", OptionType::integer, nullptr, "", false, false, 1, 65535};
  std::string problem;
  EXPECT_TRUE(parse_value(spec, "1", problem).has_value());
  EXPECT_TRUE(parse_value(spec, "65535", problem).has_value());
  EXPECT_EQ(problem_of(spec, "0"), "must be between 1 and 65535");
  EXPECT_EQ(problem_of(spec, "65536"), "must be between 1 and 65535");
}

TEST(Values, UpperBoundUnderTheLowerOneMeansNone) {
  const OptionSpec spec{"x", OptionType::integer, nullptr, "", false, false, 1, 0};
  std::string problem;
  EXPECT_TRUE(parse_value(spec, "1000000", problem).has_value());
  EXPECT_EQ(problem_of(spec, "0"), "must be at least 1");
}

TEST(Values, DurationIsNegativeOnlyWhereTheRangeSaysSo) {
  EXPECT_THAT(problem_of({"x", OptionType::duration, nullptr, ""}, "-1"),
              testing::StartsWith("not a duration"));
  const OptionSpec spec{"x", OptionType::duration, nullptr, "", false, false, -1, 100};
  std::string problem;
  EXPECT_EQ(parse_value(spec, "-1", problem), Value(std::chrono::nanoseconds(-1s)));
  EXPECT_EQ(problem_of(spec, "-2"), "must be between -1 and 100 seconds");
}

TEST(Values, IntegerBeyond64BitsIsRefused) {
  problem_of({"x", OptionType::integer, nullptr, ""}, "9223372036854775808");
}

}  // namespace
}  // namespace gnocchi::config
