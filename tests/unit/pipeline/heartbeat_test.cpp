#include "core/pipeline/heartbeat.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "gnocchi/error.h"
#include "tests/support/memory_coordinator.h"
#include "tests/support/memory_log.h"

namespace gnocchi::pipeline {
namespace {

using namespace std::chrono_literals;

/// Fails in some of its beats.
class CountingCoordinator : public support::MemoryCoordinator {
 public:
  explicit CountingCoordinator(int failures) : failures_(failures) {}
  void beat() override {
    if (++beats <= failures_) throw Error(Error::Code::unavailable, "the server is away");
  }
  std::atomic<int> beats = 0;

 private:
  const int failures_;
};

void wait_for(const CountingCoordinator& coordinator, int beats) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (coordinator.beats < beats && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(5ms);
  }
}

TEST(Heartbeat, BeatsAtOnceAndEndsAtOnce) {
  CountingCoordinator coordinator(0);
  support::MemoryLog log;
  const auto begin = std::chrono::steady_clock::now();
  {
    const Heartbeat heartbeat(coordinator, log);
    wait_for(coordinator, 1);
  }
  EXPECT_EQ(coordinator.beats, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 900ms) << "it did not wait for the next beat";
}

TEST(Heartbeat, FailuresAreToldOnceAndSoIsTheirEnd) {
  CountingCoordinator coordinator(2);
  support::MemoryLog log;
  {
    const Heartbeat heartbeat(coordinator, log);
    wait_for(coordinator, 4);
  }
  EXPECT_EQ(log.find("the server is away").size(), 1U);
  EXPECT_EQ(log.find("coordination works again").size(), 1U);
}

}  // namespace
}  // namespace gnocchi::pipeline
