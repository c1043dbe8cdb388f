#include "core/statsd/aggregator.h"

#include <gtest/gtest.h>

#include <map>

namespace gnocchi::statsd {
namespace {

class AggregatorTest : public testing::Test {
 protected:
  bool feed(std::string_view line) {
    const auto parsed = parse_line(line);
    EXPECT_TRUE(parsed.update) << line;
    now_ += std::chrono::seconds(1);
    return aggregator_.apply(*parsed.update, now_);
  }
  std::map<std::string, double> flush() {
    std::map<std::string, double> values;
    for (const Point& point : aggregator_.take()) {
      values[point.metric] = point.measure.value;
      times_[point.metric] = point.measure.timestamp;
    }
    return values;
  }

  using Values = std::map<std::string, double>;
  Aggregator aggregator_{4, 3};
  Timestamp now_{};
  std::map<std::string, Timestamp> times_;
};

TEST_F(AggregatorTest, CountersAddUpBySampleRateAndStartAnew) {
  feed("a:45|c");
  feed("a:2|c|@0.2");
  EXPECT_EQ(flush(), (Values{{"a|c", 55}}));
  EXPECT_EQ(times_["a|c"], now_);
  EXPECT_EQ(flush(), Values{});
  feed("a:1|c");
  EXPECT_EQ(flush(), (Values{{"a|c", 1}}));
}

TEST_F(AggregatorTest, GaugesAndTimersKeepTheLastValue) {
  feed("a:45|g");
  feed("a:2|g");
  feed("a:7|ms");
  feed("a:3|ms");
  EXPECT_EQ(flush(), (Values{{"a|g", 2}, {"a|ms", 3}}));
  EXPECT_EQ(flush(), Values{});
}

TEST_F(AggregatorTest, RelativeGaugesGoOnFromTheLastFlush) {
  feed("a:10|g");
  EXPECT_EQ(flush(), (Values{{"a|g", 10}}));
  feed("a:+5|g");
  feed("a:-1|g");
  EXPECT_EQ(flush(), (Values{{"a|g", 14}}));
  feed("new:-3|g");
  EXPECT_EQ(flush(), (Values{{"new|g", -3}}));
}

TEST_F(AggregatorTest, SetsCountMembersOnce) {
  feed("a:x|s");
  feed("a:x|s");
  feed("a:y|s");
  EXPECT_EQ(flush(), (Values{{"a|s", 2}}));
  feed("a:x|s");
  EXPECT_EQ(flush(), (Values{{"a|s", 1}}));
}

TEST_F(AggregatorTest, NamesAndMembersAreBounded) {
  for (const char* line : {"a:1|c", "b:1|c", "c:1|g", "s:1|s"}) EXPECT_TRUE(feed(line));
  EXPECT_FALSE(feed("e:1|c"));
  EXPECT_TRUE(feed("a:1|c"));
  EXPECT_TRUE(feed("s:2|s"));
  EXPECT_TRUE(feed("s:3|s"));
  EXPECT_FALSE(feed("s:4|s"));
  EXPECT_EQ(flush(), (Values{{"a|c", 2}, {"b|c", 1}, {"c|g", 1}, {"s|s", 3}}));
  EXPECT_TRUE(feed("e:1|c"));
}

TEST_F(AggregatorTest, IdleGaugesMakeRoom) {
  for (const char* line : {"a:1|g", "b:1|g", "c:1|g", "d:1|g"}) EXPECT_TRUE(feed(line));
  flush();
  feed("a:+1|g");
  EXPECT_EQ(flush(), (Values{{"a|g", 2}}));  // forgets b, c and d
  for (const char* line : {"e:1|g", "f:1|g", "a:+1|g"}) EXPECT_TRUE(feed(line));
  EXPECT_EQ(flush().at("a|g"), 3);
}

}  // namespace
}  // namespace gnocchi::statsd
