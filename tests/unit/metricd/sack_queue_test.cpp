#include "core/metricd/sack_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace gnocchi::metricd {
namespace {

using Clock = SackQueue::Clock;
using Sacks = std::vector<SackNumber>;

TEST(SackQueue, GivesASackOnceHoweverOftenItWasAskedFor) {
  SackQueue queue;
  queue.request(SackNumber{3});
  queue.request(SackNumber{3});
  EXPECT_EQ(queue.take(), Sacks{SackNumber{3}});
  queue.done(SackNumber{3});
  queue.close();
  EXPECT_EQ(queue.take(), Sacks{});
}

TEST(SackQueue, ASackAskedForWhileTakenComesBack) {
  SackQueue queue;
  queue.request(SackNumber{1});
  ASSERT_EQ(queue.take(), Sacks{SackNumber{1}});
  queue.request(SackNumber{1});
  queue.done(SackNumber{1});
  EXPECT_EQ(queue.take(), Sacks{SackNumber{1}});
}

TEST(SackQueue, ATakenSackIsNotGivenToAnother) {
  SackQueue queue;
  queue.request(SackNumber{1});
  queue.request(SackNumber{2}, Clock::now() + std::chrono::milliseconds(1));
  ASSERT_EQ(queue.take(), Sacks{SackNumber{1}});
  queue.request(SackNumber{1}, Clock::time_point::min());
  EXPECT_EQ(queue.take(), Sacks{SackNumber{2}});
}

TEST(SackQueue, TheOneDueLongestComesFirst) {
  SackQueue queue;
  const auto now = Clock::now();
  queue.request(SackNumber{1}, now - std::chrono::seconds(1));
  queue.request(SackNumber{2}, now - std::chrono::seconds(2));
  EXPECT_EQ(queue.take(), Sacks{SackNumber{2}});
}

TEST(SackQueue, AnEarlierRequestWins) {
  SackQueue queue;
  queue.request(SackNumber{1}, Clock::now() + std::chrono::hours(1));
  queue.request(SackNumber{1});
  EXPECT_EQ(queue.take(), Sacks{SackNumber{1}});
}

TEST(SackQueue, AWorkerGetsItsShareOfABacklog) {
  SackQueue queue;
  const auto now = Clock::now();
  for (std::uint32_t i = 0; i < 7; ++i) {
    queue.request(SackNumber{i}, now - std::chrono::seconds(10 - i));
  }
  queue.request(SackNumber{9}, now + std::chrono::hours(1));
  EXPECT_EQ(queue.take(3, 2), (Sacks{SackNumber{0}, SackNumber{1}, SackNumber{2}}));
  EXPECT_EQ(queue.take(3, 2), (Sacks{SackNumber{3}, SackNumber{4}}));
  EXPECT_EQ(queue.take(3, 2), (Sacks{SackNumber{5}}));
  EXPECT_EQ(queue.take(3, 2), (Sacks{SackNumber{6}}));
}

TEST(SackQueue, WhatComesFirstDoesNotWaitNorDoesMoreOfTheSame) {
  SackQueue queue(std::chrono::hours(1));
  queue.request(SackNumber{1});
  ASSERT_EQ(queue.take(), Sacks{SackNumber{1}});
  queue.done(SackNumber{1}, Clock::now());
  EXPECT_EQ(queue.take(), Sacks{SackNumber{1}});
}

TEST(SackQueue, ASackRestsBetweenPasses) {
  const auto rest = std::chrono::milliseconds(30);
  SackQueue queue(rest);
  queue.request(SackNumber{1});
  ASSERT_EQ(queue.take(), Sacks{SackNumber{1}});
  queue.request(SackNumber{1});  // during the pass
  auto end = Clock::now();
  queue.done(SackNumber{1});
  ASSERT_EQ(queue.take(), Sacks{SackNumber{1}});
  EXPECT_GE(Clock::now(), end + rest);
  end = Clock::now();
  queue.done(SackNumber{1});
  queue.request(SackNumber{1});  // after it
  ASSERT_EQ(queue.take(), Sacks{SackNumber{1}});
  EXPECT_GE(Clock::now(), end + rest);
}

TEST(SackQueue, SacksThatWereBusyAtDifferentTimesAreDueTogether) {
  SackQueue queue(std::chrono::milliseconds(80));
  const Sacks both{SackNumber{1}, SackNumber{2}};
  Sacks taken;
  // An end of rests may lie between the two passes, but not every time.
  for (int tries = 0; tries < 20 && taken != both; ++tries) {
    for (const SackNumber sack : both) {
      queue.request(sack);
      ASSERT_EQ(queue.take(), Sacks{sack});
      queue.done(sack);
      std::this_thread::sleep_for(std::chrono::milliseconds(4));
    }
    queue.request(both);
    taken = queue.take(2);
    for (const SackNumber sack : taken) queue.done(sack);
    if (taken.size() < 2) queue.done(queue.take().front());
    std::sort(taken.begin(), taken.end());
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
  }
  EXPECT_EQ(taken, both);
}

TEST(SackQueue, WaitsUntilASackIsDue) {
  SackQueue queue;
  const auto due = Clock::now() + std::chrono::milliseconds(30);
  queue.request(SackNumber{1}, due);
  EXPECT_EQ(queue.take(), Sacks{SackNumber{1}});
  EXPECT_GE(Clock::now(), due);
}

TEST(SackQueue, CloseEndsWaitingTakes) {
  SackQueue queue;
  std::thread waiter([&] { EXPECT_EQ(queue.take(), Sacks{}); });
  queue.close();
  waiter.join();
}

TEST(SackQueue, OpenedAgainItStartsEmpty) {
  SackQueue queue;
  queue.request(SackNumber{1});
  queue.close();
  EXPECT_TRUE(queue.take().empty());
  queue.open();
  EXPECT_EQ(queue.size(), 0U);
  queue.request(SackNumber{2});
  EXPECT_EQ(queue.take(), std::vector{SackNumber{2}});
}

}  // namespace
}  // namespace gnocchi::metricd
