#include "core/index/metric_cache.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "core/index/watched_indexer.h"
#include "tests/support/fake_indexer.h"

namespace gnocchi::index {
namespace {

constexpr std::chrono::seconds kFreshFor{1};

class MetricCacheTest : public testing::Test {
 protected:
  std::size_t count(const MetricId& id) {
    const std::array ids{id};
    return cache_.get(ids).size();
  }

  MetricCacheTest() {
    indexer_.on_get = [this](std::span<const MetricId> ids) {
      ++queries_;
      asked_ += ids.size();
      if (meanwhile_) std::exchange(meanwhile_, nullptr)();
    };
  }

  support::FakeIndexer indexer_;
  std::size_t queries_ = 0;
  std::size_t asked_ = 0;
  std::function<void()> meanwhile_;  ///< happens during the next query
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  MetricCache cache_{indexer_, kFreshFor, 320, [this] { return now_; }};
  WatchedIndexer watched_{indexer_, cache_};
  MetricId id_ = indexer_.put_metric("low");
};

TEST_F(MetricCacheTest, TheIndexIsAskedOnceForWhatIsFresh) {
  EXPECT_EQ(count(id_), 1U);
  EXPECT_EQ(count(id_), 1U);
  EXPECT_EQ(queries_, 1U);
  now_ += kFreshFor;
  EXPECT_EQ(count(id_), 1U);
  EXPECT_EQ(queries_, 2U);
}

TEST_F(MetricCacheTest, WhatAnotherProcessDeletesIsSeenWhenNoLongerFresh) {
  EXPECT_EQ(count(id_), 1U);
  indexer_.mark_deleted(id_);
  EXPECT_EQ(count(id_), 1U);
  now_ += kFreshFor;
  EXPECT_EQ(count(id_), 0U);
}

TEST_F(MetricCacheTest, WhatThisProcessDeletesIsSeenAtOnce) {
  EXPECT_EQ(count(id_), 1U);
  watched_.metrics().mark_deleted(id_);
  EXPECT_EQ(count(id_), 0U);
}

TEST_F(MetricCacheTest, ADeletionThatFailsIsDoubtedToo) {
  EXPECT_EQ(count(id_), 1U);
  indexer_.mark_deleted(id_);
  EXPECT_THROW(watched_.metrics().mark_deleted(MetricId(Uuid::random())), std::exception);
  EXPECT_THROW(watched_.resources().remove(ResourceId(Uuid(id_))), Error);  // has the same hash
  EXPECT_EQ(count(id_), 0U);
}

TEST_F(MetricCacheTest, AQueryDuringADeletionIsNotRemembered) {
  meanwhile_ = [&] { watched_.metrics().mark_deleted(id_); };
  EXPECT_EQ(count(id_), 1U);  // asked before the deletion
  EXPECT_EQ(count(id_), 0U);
}

TEST_F(MetricCacheTest, AllIsForgottenAfterADeletionOfMany) {
  EXPECT_EQ(count(id_), 1U);
  indexer_.mark_deleted(id_);
  EXPECT_THROW(watched_.resources().remove_matching("generic", Filter{}), Error);
  EXPECT_EQ(count(id_), 0U);
}

TEST_F(MetricCacheTest, AbsenceIsNotRemembered) {
  EXPECT_EQ(count(MetricId(Uuid::random())), 0U);
  EXPECT_EQ(count(MetricId(Uuid::random())), 0U);
  EXPECT_EQ(queries_, 2U);
}

TEST_F(MetricCacheTest, OneQueryIsForAllThatAreMissing) {
  EXPECT_EQ(count(id_), 1U);
  const std::array ids{indexer_.put_metric("low"), id_, indexer_.put_metric("low")};
  EXPECT_EQ(cache_.get(ids).size(), 3U);
  EXPECT_EQ(queries_, 2U);
  EXPECT_EQ(asked_, 3U);
}

TEST_F(MetricCacheTest, HitsAndMissesAreCounted) {
  const std::array ids{id_, indexer_.put_metric("low")};
  count(id_);
  cache_.get(ids);
  cache_.get(ids);
  stats::Text text;
  cache_.describe(text);
  for (const char* sample :
       {"gnocchi_cache_lookups_total{cache=\"metrics\",result=\"hit\"} 3\n",
        "gnocchi_cache_lookups_total{cache=\"metrics\",result=\"miss\"} 2\n"}) {
    EXPECT_NE(text.text().find(sample), std::string::npos) << sample << text.text();
  }
}

TEST_F(MetricCacheTest, MemoryIsBounded) {
  std::vector<MetricId> ids;
  for (int i = 0; i < 5000; ++i) ids.push_back(indexer_.put_metric("low"));
  EXPECT_EQ(cache_.get(ids).size(), ids.size());
  asked_ = 0;
  EXPECT_EQ(cache_.get(ids).size(), ids.size());
  EXPECT_GT(asked_, ids.size() - 500);  // at most 320, and a few more by rounding
  EXPECT_LT(asked_, ids.size());
}

TEST_F(MetricCacheTest, WithoutATimeNothingIsRemembered) {
  MetricCache off(indexer_, std::chrono::seconds(0), 100);
  const std::array ids{id_};
  for (int i = 0; i < 2; ++i) EXPECT_EQ(off.get(ids).size(), 1U);
  EXPECT_EQ(queries_, 2U);
}

}  // namespace
}  // namespace gnocchi::index
