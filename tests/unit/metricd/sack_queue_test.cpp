#include "core/metricd/sack_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace gnocchi::metricd {
namespace {

using Clock = SackQueue::Clock;

TEST(SackQueue, GivesASackOnceHoweverOftenItWasAskedFor) {
  SackQueue queue;
  queue.request(SackNumber{3});
  queue.request(SackNumber{3});
  EXPECT_EQ(queue.take(), SackNumber{3});
  queue.done(SackNumber{3});
  queue.close();
  EXPECT_EQ(queue.take(), std::nullopt);
}

TEST(SackQueue, ASackAskedForWhileTakenComesBack) {
  SackQueue queue;
  queue.request(SackNumber{1});
  ASSERT_EQ(queue.take(), SackNumber{1});
  queue.request(SackNumber{1});
  queue.done(SackNumber{1});
  EXPECT_EQ(queue.take(), SackNumber{1});
}

TEST(SackQueue, ATakenSackIsNotGivenToAnother) {
  SackQueue queue;
  queue.request(SackNumber{1});
  queue.request(SackNumber{2}, Clock::now() + std::chrono::milliseconds(1));
  ASSERT_EQ(queue.take(), SackNumber{1});
  queue.request(SackNumber{1}, Clock::time_point::min());
  EXPECT_EQ(queue.take(), SackNumber{2});
}

TEST(SackQueue, TheOneDueLongestComesFirst) {
  SackQueue queue;
  const auto now = Clock::now();
  queue.request(SackNumber{1}, now - std::chrono::seconds(1));
  queue.request(SackNumber{2}, now - std::chrono::seconds(2));
  EXPECT_EQ(queue.take(), SackNumber{2});
}

TEST(SackQueue, AnEarlierRequestWins) {
  SackQueue queue;
  queue.request(SackNumber{1}, Clock::now() + std::chrono::hours(1));
  queue.request(SackNumber{1});
  EXPECT_EQ(queue.take(), SackNumber{1});
}

TEST(SackQueue, WaitsUntilASackIsDue) {
  SackQueue queue;
  const auto due = Clock::now() + std::chrono::milliseconds(30);
  queue.request(SackNumber{1}, due);
  EXPECT_EQ(queue.take(), SackNumber{1});
  EXPECT_GE(Clock::now(), due);
}

TEST(SackQueue, CloseEndsWaitingTakes) {
  SackQueue queue;
  std::thread waiter([&] { EXPECT_EQ(queue.take(), std::nullopt); });
  queue.close();
  waiter.join();
}

}  // namespace
}  // namespace gnocchi::metricd
