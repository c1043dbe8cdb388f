#include "core/index/archive_policy_cache.h"

#include <gtest/gtest.h>

#include "tests/support/fake_indexer.h"

namespace gnocchi::index {
namespace {

class ArchivePolicyCacheTest : public testing::Test {
 protected:
  static ArchivePolicy policy(const std::string& name, std::uint32_t back_window = 0) {
    ArchivePolicy made;
    made.name = name;
    made.back_window = back_window;
    return made;
  }

  support::FakeIndexer indexer_;
  std::chrono::steady_clock::time_point now_;
  ArchivePolicyCache cache_{indexer_, [this] { return now_; }};
};

TEST_F(ArchivePolicyCacheTest, WhatAnotherProcessChangesIsSeenAfterASecond) {
  indexer_.put(policy("low"));
  EXPECT_EQ(cache_.find("low")->back_window, 0U);
  indexer_.put(policy("low", 7));
  EXPECT_EQ(cache_.find("low")->back_window, 0U);
  now_ += ArchivePolicyCache::kFreshFor;
  EXPECT_EQ(cache_.find("low")->back_window, 7U);
}

TEST_F(ArchivePolicyCacheTest, WhatThisProcessChangesIsSeenAtOnce) {
  indexer_.put(policy("low"));
  EXPECT_EQ(cache_.find("low")->back_window, 0U);
  indexer_.put(policy("low", 7));
  cache_.invalidate();
  EXPECT_EQ(cache_.find("low")->back_window, 7U);
}

TEST_F(ArchivePolicyCacheTest, AbsenceIsNotRemembered) {
  EXPECT_EQ(cache_.find("low"), nullptr);
  indexer_.put(policy("low"));
  EXPECT_NE(cache_.find("low"), nullptr);
}

TEST_F(ArchivePolicyCacheTest, HitsAndMissesAreCounted) {
  indexer_.put(policy("low"));
  for (int i = 0; i < 5; ++i) cache_.find("low");
  stats::Text text;
  cache_.describe(text);
  for (const char* sample :
       {"gnocchi_cache_lookups_total{cache=\"archive policies\",result=\"hit\"} 4\n",
        "gnocchi_cache_lookups_total{cache=\"archive policies\",result=\"miss\"} 1\n",
        "gnocchi_cache_lookups_total{cache=\"archive policy rules\",result=\"hit\"} 0\n"}) {
    EXPECT_NE(text.text().find(sample), std::string::npos) << sample << text.text();
  }
}

}  // namespace
}  // namespace gnocchi::index
