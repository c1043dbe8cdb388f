// Incoming: many posters and one reader at once; waiting for news.
#include <atomic>
#include <map>
#include <thread>

#include "tests/driver-kit/incoming_case.h"

namespace gnocchi::kit {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class IncomingThreads : public Incoming {};

TEST_F(IncomingThreads, EightThreadsAppendingLoseNothingAndKeepEachMetricsOrder) {
  constexpr std::size_t kThreads = 8;
  constexpr int kCalls = 25;
  std::vector<MetricId> metrics;
  for (std::size_t i = 0; i != kThreads; ++i) metrics.push_back(fresh_metric());
  const MetricId shared = fresh_metric();
  in_threads(kThreads, [&](std::size_t i) {
    for (int call = 0; call != kCalls; ++call) {
      const std::string text = std::to_string(i) + "/" + std::to_string(call);
      const std::vector<Bundle> bundles = {{metrics[i], text}, {shared, text}};
      driver().append(bundles);
    }
  });
  for (std::size_t i = 0; i != kThreads; ++i) {
    const auto bundles = pending(metrics[i]);
    ASSERT_EQ(bundles.size(), static_cast<std::size_t>(kCalls));
    for (int call = 0; call != kCalls; ++call) {
      EXPECT_EQ(bundles[static_cast<std::size_t>(call)],
                std::to_string(i) + "/" + std::to_string(call));
    }
  }
  EXPECT_EQ(pending(shared).size(), kThreads * kCalls);
  for (const MetricId& metric : metrics) drain(metric);
  drain(shared);
}

TEST_F(IncomingThreads, WhatArrivesDuringProcessingIsSeenExactlyOnce) {
  constexpr std::size_t kWriters = 4;
  constexpr int kCalls = 100;
  const MetricId metric = fresh_metric();
  std::atomic<std::size_t> writing = kWriters;
  std::map<Bytes, int> seen;
  in_threads(kWriters + 1, [&](std::size_t i) {
    if (i < kWriters) {
      for (int call = 0; call != kCalls; ++call) {
        const Bundle bundle{metric, std::to_string(i) + "/" + std::to_string(call)};
        driver().append(std::span(&bundle, 1));
      }
      --writing;
      return;
    }
    for (bool last = false; !last;) {
      last = writing == 0;
      for (bool more = true; more;) {
        const SackBatch batch = read(metric);
        for (const Bytes& data : of(batch, metric)) ++seen[data];
        more = batch.more;
        acknowledge(batch);
      }
    }
  });
  EXPECT_EQ(seen.size(), kWriters * kCalls);
  for (const auto& [data, times] : seen) EXPECT_EQ(times, 1) << data;
}

TEST_F(IncomingThreads, WaitingEndsWhenItsTimeIsUp) {
  const SackNumber number{0};
  const auto before = steady_clock::now();
  driver().wait(std::span(&number, 1), before);
  driver().wait(std::span(&number, 1), before + 30ms);
  EXPECT_LT(steady_clock::now() - before, 10s);
}

TEST_F(IncomingThreads, WakeEndsAWaitEarly) {
  const SackNumber number{0};
  std::atomic<bool> waiting = true;
  const auto before = steady_clock::now();
  in_threads(2, [&](std::size_t i) {
    if (i == 0) {
      driver().wait(std::span(&number, 1), before + 60s);
      waiting = false;
      return;
    }
    // Again and again: a wake before the wait has begun need not be remembered.
    while (waiting) {
      driver().wake();
      std::this_thread::yield();
    }
  });
  EXPECT_LT(steady_clock::now() - before, 30s);
}

TEST_F(IncomingThreads, NewsAreOfSacksThatWereAskedFor) {
  const MetricId metric = fresh_metric();
  append(metric, {"a"});
  const SackNumber mine = sack(metric);
  const auto news = driver().wait(std::span(&mine, 1), steady_clock::now() + 30ms);
  for (const SackNumber& number : news) EXPECT_EQ(number, mine);
  drain(metric);
}

}  // namespace
}  // namespace gnocchi::kit
