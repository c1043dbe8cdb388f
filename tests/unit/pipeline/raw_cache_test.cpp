#include "core/pipeline/raw_cache.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace gnocchi::pipeline {
namespace {

constexpr std::size_t kMuch = std::size_t{1} << 20;

MetricId fresh_metric() { return MetricId(Uuid::random()); }

KnownRaw known(std::uint64_t version, std::size_t points) {
  KnownRaw raw{version, {}};
  for (std::size_t i = 0; i < points; ++i) {
    raw.series.times.push_back(static_cast<std::int64_t>(i));
    raw.series.values.push_back(static_cast<double>(version));
  }
  return raw;
}

std::uint64_t told(const RawCache& cache, const std::string& name) {
  stats::Text text;
  cache.describe("test", text);
  const std::string page = text.text();
  const std::string sample = name + "{cache=\"raw series of test\"} ";
  const auto at = page.find(sample);
  if (at == std::string::npos) return ~std::uint64_t{0};
  return std::stoull(page.substr(at + sample.size()));
}

TEST(RawCache, AnEntryIsHisWhoTakesIt) {
  RawCache cache(kMuch);
  const MetricId metric = fresh_metric();
  EXPECT_FALSE(cache.take(metric));
  cache.put(metric, known(7, 3));
  const auto taken = cache.take(metric);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->version, 7U);
  EXPECT_EQ(taken->series, known(7, 3).series);
  EXPECT_FALSE(cache.take(metric));
  EXPECT_EQ(told(cache, "gnocchi_cache_entries"), 0U);
}

TEST(RawCache, WhatWasTakenLeavesItsPlaceAloneForTheNext) {
  RawCache cache(kMuch);
  const MetricId metric = fresh_metric();
  cache.put(metric, known(1, 1000));
  const std::uint64_t full = told(cache, "gnocchi_cache_bytes");
  ASSERT_TRUE(cache.take(metric));
  EXPECT_LE(told(cache, "gnocchi_cache_bytes") + 16000, full);
  cache.put(metric, known(2, 1000));
  EXPECT_EQ(told(cache, "gnocchi_cache_bytes"), full);
  EXPECT_EQ(told(cache, "gnocchi_cache_entries"), 1U);
  EXPECT_EQ(cache.take(metric)->version, 2U);
}

TEST(RawCache, PlacesOfWhatNeverComesBackMakeRoom) {
  RawCache cache(100'000);
  for (int i = 0; i < 5000; ++i) {
    const MetricId metric = fresh_metric();
    cache.put(metric, known(1, 4));
    static_cast<void>(cache.take(metric));
    EXPECT_LE(told(cache, "gnocchi_cache_bytes"), 100'000U);
  }
}

TEST(RawCache, WhatIsTooMuchIsNotKeptNorWhatWasInItsPlace) {
  RawCache cache(10'000);
  const MetricId metric = fresh_metric();
  cache.put(metric, known(1, 4));
  cache.put(metric, known(2, 10'000));
  EXPECT_FALSE(cache.take(metric));
  EXPECT_EQ(told(cache, "gnocchi_cache_bytes"), 0U);
}

TEST(RawCache, TheLastThatWasPutCounts) {
  RawCache cache(kMuch);
  const MetricId metric = fresh_metric();
  cache.put(metric, known(1, 1000));
  cache.put(metric, known(2, 1));
  EXPECT_EQ(told(cache, "gnocchi_cache_entries"), 1U);
  EXPECT_LT(told(cache, "gnocchi_cache_bytes"), 1000U);
  EXPECT_EQ(cache.take(metric)->version, 2U);
}

TEST(RawCache, NoMoreThanItsBytesAreKeptAndWhatIsKeptIsRight) {
  RawCache cache(100'000);
  std::vector<MetricId> metrics;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    metrics.push_back(fresh_metric());
    cache.put(metrics.back(), known(i + 1, i % 50));
    EXPECT_LE(told(cache, "gnocchi_cache_bytes"), 100'000U);
  }
  const std::uint64_t entries = told(cache, "gnocchi_cache_entries");
  EXPECT_GT(entries, 100U);
  EXPECT_LT(entries, 1000U);
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < metrics.size(); ++i) {
    const auto taken = cache.take(metrics[i]);
    if (!taken) continue;
    ++found;
    EXPECT_EQ(taken->version, i + 1);
    EXPECT_EQ(taken->series.size(), i % 50);
  }
  EXPECT_EQ(found, entries);
  EXPECT_EQ(told(cache, "gnocchi_cache_entries"), 0U);
}

TEST(RawCache, MetricsThatComeInTurnsAndDoNotAllFitAreStillFoundSometimes) {
  RawCache cache(100'000);
  std::vector<MetricId> metrics;
  for (int i = 0; i < 600; ++i) metrics.push_back(fresh_metric());
  int found = 0;
  for (int round = 0; round < 10; ++round) {
    for (const MetricId& metric : metrics) {
      if (cache.take(metric)) ++found;
      cache.put(metric, known(1, 4));
    }
  }
  EXPECT_GT(found, 500);
}

TEST(RawCache, RoomThatASeriesDoesNotNeedIsGivenBack) {
  RawCache cache(kMuch);
  const MetricId metric = fresh_metric();
  KnownRaw raw = known(1, 10);
  raw.series.times.reserve(10'000);
  raw.series.values.reserve(10'000);
  cache.put(metric, std::move(raw));
  EXPECT_LT(told(cache, "gnocchi_cache_bytes"), 1000U);
}

TEST(RawCache, WithoutRoomNothingIsKept) {
  RawCache cache;
  const MetricId metric = fresh_metric();
  cache.put(metric, known(1, 1));
  EXPECT_FALSE(cache.take(metric));
  cache.set_max_bytes(kMuch);
  cache.put(metric, known(1, 1));
  EXPECT_TRUE(cache.take(metric));
  cache.put(metric, known(1, 1));
  cache.set_max_bytes(0);
  EXPECT_EQ(told(cache, "gnocchi_cache_entries"), 0U);
}

TEST(RawCache, ThreadsShareIt) {
  RawCache cache(50'000);
  std::vector<MetricId> metrics;
  for (int i = 0; i < 300; ++i) metrics.push_back(fresh_metric());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        for (const MetricId& metric : metrics) {
          auto taken = cache.take(metric);
          cache.put(metric, taken ? std::move(*taken) : known(1, 8));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const MetricId& metric : metrics) cache.take(metric);
  EXPECT_EQ(told(cache, "gnocchi_cache_entries"), 0U);
}

}  // namespace
}  // namespace gnocchi::pipeline
