#include <gmock/gmock.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <iterator>
#include <limits>
#include <thread>

#include "core/stats/page.h"
#include "core/stats/process.h"

namespace gnocchi::stats {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(StatsText, FamilyHasHelpTypeAndEscapedLabels) {
  Text text;
  text.counter("a_total", "As.").add({{"x", "1\"2\\3\n4"}, {"y", ""}}, std::uint64_t{7});
  EXPECT_EQ(
      text.text(),
      "# HELP a_total As.\n# TYPE a_total counter\na_total{x=\"1\\\"2\\\\3\\n4\",y=\"\"} 7\n");
}

TEST(StatsText, FamilyThatTwoAddToIsOne) {
  Text text;
  text.gauge("a", "As.").add({{"of", "one"}}, 0.5);
  text.gauge("b", "Bs.").add({}, std::numeric_limits<double>::infinity());
  text.gauge("a", "As.").add({{"of", "two"}}, std::uint64_t{1} << 63U);
  EXPECT_EQ(text.text(),
            "# HELP a As.\n# TYPE a gauge\na{of=\"one\"} 0.5\na{of=\"two\"} 9223372036854775808\n"
            "# HELP b Bs.\n# TYPE b gauge\nb +Inf\n");
}

TEST(StatsText, FamilyWithoutSamplesIsLeftOut) {
  Text text;
  text.gauge("a", "As.");
  EXPECT_EQ(text.text(), "");
}

TEST(StatsHistogram, BucketsCountUpToAndIncludingTheirBound) {
  constexpr std::array<nanoseconds, 2> kBounds{1ms, 1s};
  Histogram histogram(kBounds);
  for (const nanoseconds time : {nanoseconds(1), nanoseconds(1ms), nanoseconds(1ms) + 1ns,
                                 nanoseconds(1s), nanoseconds(90s)}) {
    histogram.observe(time);
  }
  Text text;
  text.histogram("t_seconds", "Ts.").add({{"k", "v"}}, histogram);
  EXPECT_EQ(text.text(),
            "# HELP t_seconds Ts.\n# TYPE t_seconds histogram\n"
            "t_seconds_bucket{k=\"v\",le=\"0.001\"} 2\n"
            "t_seconds_bucket{k=\"v\",le=\"1\"} 4\n"
            "t_seconds_bucket{k=\"v\",le=\"+Inf\"} 5\n"
            "t_seconds_sum{k=\"v\"} 91.002000002\n"
            "t_seconds_count{k=\"v\"} 5\n");
}

TEST(StatsHistogram, NothingIsLostBetweenThreads) {
  Histogram histogram;
  constexpr int kEach = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) histogram.observe(3ms);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(histogram.count(), 4U * kEach);
  EXPECT_EQ(histogram.sum(), 4 * kEach * 3ms);
}

TEST(StatsPage, EverySourceSaysItsPartEachTime) {
  Page page;
  int asked = 0;
  page.add([&](Text& text) { text.gauge("a", "As.").add({}, std::uint64_t(++asked)); });
  page.add([](Text& text) { text.gauge("b", "Bs.").add({}, std::uint64_t{5}); });
  EXPECT_THAT(page.text(), HasSubstr("\na 1\n"));
  EXPECT_THAT(page.text(), AllOf(HasSubstr("\na 2\n"), HasSubstr("\nb 5\n")));
}

/// The value of a sample without labels.
double value_of(const std::string& text, const std::string& name) {
  const auto at = text.find("\n" + name + " ");
  if (at == std::string::npos) return -1;
  return std::stod(text.substr(at + name.size() + 2));
}

TEST(StatsProcess, ProcessTellsOfItself) {
  const std::vector<char> touched(std::size_t{64} << 20, 'x');
  Text text;
  add_process(text);
  const std::string all = text.text();
  EXPECT_GT(value_of(all, "process_resident_memory_bytes"), double(touched.size()));
  EXPECT_GT(value_of(all, "process_virtual_memory_bytes"),
            value_of(all, "process_resident_memory_bytes"));
  EXPECT_GE(value_of(all, "process_cpu_seconds_total"), 0);
  // A sanitizer may have a thread of its own.
  const auto threads = std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  EXPECT_EQ(value_of(all, "process_threads"), static_cast<double>(threads));
  const double age =
      static_cast<double>(std::time(nullptr)) - value_of(all, "process_start_time_seconds");
  EXPECT_GE(age, -2);
  EXPECT_LT(age, 120);
}

TEST(StatsProcess, DescriptorsAreCounted) {
  const auto open = [] {
    Text text;
    add_process(text);
    return value_of(text.text(), "process_open_fds");
  };
  const double before = open();
  const int one = ::dup(0);
  EXPECT_EQ(open(), before + 1);
  ::close(one);
  EXPECT_EQ(open(), before);
}

}  // namespace
}  // namespace gnocchi::stats
