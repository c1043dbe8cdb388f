#include "core/pipeline/backlog.h"

#include <gmock/gmock.h>

#include "core/pipeline/ingest.h"
#include "gnocchi/error.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_log.h"

namespace gnocchi::pipeline {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// Counts how often it is asked, takes its time on the test's clock, and fails if told to.
class SlowIncoming : public support::MemoryIncoming {
 public:
  SlowIncoming(std::chrono::steady_clock::time_point& now, std::uint32_t sacks)
      : MemoryIncoming(sacks), now_(now) {}
  IncomingReport report(bool details) override {
    ++asked;
    now_ += takes;
    if (during) during();
    if (fails) throw Error(Error::Code::unavailable, "away");
    return MemoryIncoming::report(details);
  }

  int asked = 0;
  bool fails = false;
  std::function<void()> during;
  std::chrono::milliseconds takes{0};

 private:
  std::chrono::steady_clock::time_point& now_;
};

class BacklogTest : public testing::Test {
 protected:
  /// A metric of this sack, with one bundle a call.
  MetricId post(std::uint32_t sack) {
    MetricId metric;
    do {
      metric = MetricId(Uuid::random());
    } while (sack_of(metric, 4) != SackNumber{sack});
    post(metric);
    return metric;
  }
  void post(const MetricId& metric) {
    const std::vector<MetricMeasures> measures{
        {metric, {{Timestamp{}, 1.0}, {Timestamp{1s}, 2.0}}}};
    accept(incoming_, measures);
  }
  std::string text() {
    stats::Text text;
    backlog_.describe(text);
    return text.text();
  }

  std::chrono::steady_clock::time_point now_{1h};
  support::MemoryLog log_;
  SlowIncoming incoming_{now_, 4};
  Backlog backlog_{incoming_, log_, [this] { return now_; }};
};

TEST_F(BacklogTest, EverySackHasItsOwn) {
  post(post(2));
  post(2);
  post(0);
  EXPECT_THAT(text(), AllOf(HasSubstr("gnocchi_backlog_metrics{sack=\"0\"} 1\n"),
                            HasSubstr("gnocchi_backlog_metrics{sack=\"1\"} 0\n"),
                            HasSubstr("gnocchi_backlog_metrics{sack=\"2\"} 2\n"),
                            HasSubstr("gnocchi_backlog_bundles{sack=\"2\"} 3\n")));
}

TEST_F(BacklogTest, DriverIsAskedOnceASecond) {
  for (int i = 0; i < 5; ++i) text();
  EXPECT_EQ(incoming_.asked, 1);
  now_ += 1s;
  text();
  EXPECT_EQ(incoming_.asked, 2);
}

TEST_F(BacklogTest, SlowDriverIsAskedLessOften) {
  incoming_.takes = 500ms;
  text();
  now_ += 9s;
  text();
  EXPECT_EQ(incoming_.asked, 1);
  now_ += 1s;
  text();
  EXPECT_EQ(incoming_.asked, 2);
}

TEST_F(BacklogTest, FailureIsSilenceAndNoZero) {
  post(0);
  incoming_.fails = true;
  EXPECT_EQ(text(), "");
  EXPECT_EQ(log_.find("backlog unknown").size(), 1U);
  incoming_.fails = false;
  EXPECT_EQ(text(), "");
  now_ += 1s;
  EXPECT_THAT(text(), HasSubstr("gnocchi_backlog_metrics{sack=\"0\"} 1\n"));
}

TEST_F(BacklogTest, WhoAsksMeanwhileGetsTheLastAnswer) {
  post(1);
  const std::string last = text();
  post(1);
  now_ += 1s;
  std::string meanwhile;
  incoming_.during = [&] { meanwhile = text(); };
  EXPECT_NE(text(), last);
  EXPECT_EQ(meanwhile, last);
  EXPECT_EQ(incoming_.asked, 2);
}

TEST_F(BacklogTest, LayoutOfManySacksShowsTheSum) {
  SlowIncoming many(now_, 5000);
  Backlog backlog(many, log_, [this] { return now_; });
  const std::vector<MetricMeasures> measures{{MetricId(Uuid::random()), {{Timestamp{}, 1.0}}}};
  accept(many, measures);
  stats::Text text;
  backlog.describe(text);
  EXPECT_THAT(text.text(), AllOf(HasSubstr("gnocchi_backlog_metrics{sack=\"all\"} 1\n"),
                                 Not(HasSubstr("sack=\"0\""))));
}

}  // namespace
}  // namespace gnocchi::pipeline
