#include "sack_fill.h"

#include <gtest/gtest.h>

namespace gnocchi::ceph {
namespace {

constexpr SackNumber kSack{1};

class SackFillTest : public ::testing::Test {
 protected:
  bool admit(std::uint64_t bundles) {
    return fill.admit(kSack, bundles, [this](std::uint64_t limit) {
      ++counts;
      return std::min(there, limit);
    });
  }

  std::uint64_t there = 0;  ///< keys that the sack has
  int counts = 0;
  SackFill fill{4, 800};
};

TEST_F(SackFillTest, ASackIsCountedAtFirstAndThenRarely) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(admit(1));
  EXPECT_EQ(counts, 1);
  EXPECT_TRUE(admit(1));
  EXPECT_EQ(counts, 2) << "an eighth of the limit was added";
}

TEST_F(SackFillTest, ASackAtItsLimitTakesNothing) {
  there = 800;
  EXPECT_FALSE(admit(1));
  there = 5000;
  EXPECT_FALSE(admit(1));
  EXPECT_EQ(counts, 1) << "asked at once again, it is not counted again";
}

TEST_F(SackFillTest, WhatOthersAddIsSeenAtTheNextCount) {
  EXPECT_TRUE(admit(99));
  there = 800;
  EXPECT_TRUE(admit(1));
  EXPECT_FALSE(admit(1));
}

TEST_F(SackFillTest, OneLargeRequestIsTakenAndThenNoMore) {
  EXPECT_TRUE(admit(10000));
  there = 10000;
  EXPECT_FALSE(admit(1));
}

TEST_F(SackFillTest, OtherSacksAreNotConcerned) {
  there = 800;
  EXPECT_FALSE(admit(1));
  EXPECT_TRUE(fill.admit(SackNumber{2}, 1, [](std::uint64_t) { return 0; }));
}

TEST_F(SackFillTest, OnceDrainedItTakesAgain) {
  there = 800;
  EXPECT_FALSE(admit(1));
  there = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!admit(1)) ASSERT_LT(std::chrono::steady_clock::now(), end) << "never counted again";
  EXPECT_EQ(counts, 2);
}

TEST_F(SackFillTest, ACountThatFailsIsMadeAgain) {
  EXPECT_THROW(fill.admit(kSack, 1, [](std::uint64_t) -> std::uint64_t { throw 1; }), int);
  EXPECT_TRUE(admit(1));
  EXPECT_EQ(counts, 1);
}

}  // namespace
}  // namespace gnocchi::ceph
