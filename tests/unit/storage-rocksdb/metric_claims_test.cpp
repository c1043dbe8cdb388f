#include "metric_claims.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gnocchi::rocks::test {
namespace {

MetricId claimed(std::uint8_t number) {
  Uuid id{};
  id.bytes[15] = number;
  return MetricId(id);
}

TEST(RocksMetricClaims, WritersOfDifferentMetricsDoNotWait) {
  MetricClaims claims;
  const MetricClaims::Held odd(claims, {claimed(5), claimed(1), claimed(3)});
  const MetricClaims::Held even(claims, {claimed(2), claimed(6), claimed(4), claimed(2)});
  const MetricClaims::Held none(claims, {});
}

TEST(RocksMetricClaims, OneMetricInCommonIsWaitedFor) {
  MetricClaims claims;
  std::atomic<bool> given_back = false;
  std::jthread other;
  {
    const MetricClaims::Held first(claims, {claimed(9), claimed(1)});
    const MetricClaims::Held beside(claims, {claimed(2)});
    other = std::jthread([&] {
      const MetricClaims::Held second(claims, {claimed(3), claimed(9)});
      EXPECT_TRUE(given_back);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    given_back = true;
  }
}

}  // namespace
}  // namespace gnocchi::rocks::test
