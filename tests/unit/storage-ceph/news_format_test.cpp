#include "news_format.h"

#include <gtest/gtest.h>

namespace gnocchi::ceph {
namespace {

TEST(NewsFormat, SacksComeBackUnlessTheyAreOnesOwn) {
  const std::string text = encode_news("me", {SackNumber{3}, SackNumber{127}});
  EXPECT_EQ(text, "me 3 127");
  EXPECT_EQ(decode_news(text, "you"), (std::vector{SackNumber{3}, SackNumber{127}}));
  EXPECT_TRUE(decode_news(text, "me").empty());
  EXPECT_TRUE(decode_news("", "me").empty());
  EXPECT_TRUE(decode_news("you", "me").empty());
}

TEST(NewsFormat, WhatIsNoSackIsSkipped) {
  EXPECT_EQ(decode_news("you x 7 -1 8y 99999999999 65536  9", "me"),
            (std::vector{SackNumber{7}, SackNumber{9}}));
}

}  // namespace
}  // namespace gnocchi::ceph
