// Names of splits that are remembered: right whatever is written meanwhile, and bounded.
#include "known_names.h"

#include <atomic>
#include <thread>

#include "support.h"

namespace gnocchi::rocks::test {
namespace {

constexpr std::size_t kPlenty = 1U << 20;

Names names_of(const std::string& name) {
  Names names;
  names.add(name);
  return names;
}

std::vector<std::string> known(const KnownNames& all, const MetricId& metric) {
  std::vector<std::string> found;
  all.look(metric, [&](const Names& names) {
    for (BytesView left = names.text; !left.empty();) found.emplace_back(Names::take(left));
  });
  return found;
}

TEST(RocksKnownNames, WhatWasReadBeforeAChangeIsNotRemembered) {
  KnownNames names(kPlenty);
  const MetricId metric(Uuid::random());
  const auto before = names.now();
  names.forget(std::span(&metric, 1));
  names.put(metric, before, names_of("old"));
  EXPECT_EQ(known(names, metric), std::vector<std::string>{});
  names.put(metric, names.now(), names_of("new"));
  EXPECT_EQ(known(names, metric), std::vector<std::string>{"new"});
  { const ForgetNames changed(names, {metric}); }
  EXPECT_EQ(known(names, metric), std::vector<std::string>{});
}

TEST(RocksKnownNames, MemoryIsBounded) {
  constexpr std::size_t kBytes = 64U << 10;
  KnownNames names(kBytes);
  std::vector<MetricId> metrics(2000);
  std::size_t bytes = 0;
  for (MetricId& metric : metrics) {
    metric = MetricId(Uuid::random());
    names.put(metric, names.now(), names_of(std::string(100, 'x')));
  }
  for (const MetricId& metric : metrics) {
    bytes += 101 * known(names, metric).size();
  }
  EXPECT_GT(bytes, kBytes / 4);
  EXPECT_LT(bytes, kBytes);
}

TEST(RocksKnownNames, TooManyAreNotKept) {
  Names names;
  for (int i = 0; i < 10; ++i) names.add(std::string(100, 'x'));
  EXPECT_FALSE(names.too_many);
  names.add(std::string(100, 'x'));
  EXPECT_TRUE(names.too_many);
  EXPECT_TRUE(names.text.empty());
  Names longer;
  longer.add(std::string(256, 'x'));
  EXPECT_TRUE(longer.too_many);
}

/// Of a metric with few splits and of one with very many, as filters go.
TEST(RocksKnownNames, ListsAreTheSameWithFewAndWithMany) {
  const TemporaryDirectory directory;
  Both both(directory.path);
  for (const std::int64_t starts : {2, 60}) {
    const MetricId metric(Uuid::random());
    std::vector<SplitKey> all;
    MetricWrites writes = writes_of(metric, 0, "raw");
    for (const char* method : {"95pct", "max", "mean", "rate:mean"}) {
      for (const std::int64_t granularity : {60, 300}) {
        for (std::int64_t i = 0; i < starts; ++i) {
          all.push_back(key_of(method, i * 3600 * granularity, granularity));
          writes.splits.push_back({all.back(), std::nullopt, "split"});
        }
      }
    }
    ASSERT_EQ(write_one(both.storage, std::move(writes)), WriteVerdict::done);
    SplitFilter few;
    few.methods = {"mean", "95pct"};
    few.granularities = {std::chrono::seconds{300}};
    few.first = key_of("mean", 3600 * 300, 300).start;
    for (const SplitFilter& filter : {SplitFilter{}, few}) {
      std::vector<SplitKey> expected;
      for (const SplitKey& key : all) {
        if (filter.admits(key)) expected.push_back(key);
      }
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(both.storage.list_splits(std::span(&metric, 1), filter).at(0), expected);
      }
    }
  }
}

TEST(RocksKnownNames, WhoeverListsAfterAWriteSeesIt) {
  const TemporaryDirectory directory;
  Both both(directory.path);
  const MetricId metric(Uuid::random());
  std::atomic<std::size_t> written = 0;
  std::jthread writer([&](const std::stop_token& stop) {
    std::uint64_t version = 0;
    for (std::size_t i = 1; i <= 400 && !stop.stop_requested(); ++i) {
      const bool removes = i % 20 == 0;
      MetricWrites writes = writes_of(metric, version, "raw");
      if (removes) {
        for (std::size_t k = i - 19; k < i; ++k) {
          writes.removals.push_back(key_of("mean", static_cast<std::int64_t>(k) * 3600));
        }
      } else {
        const SplitKey key = key_of("mean", static_cast<std::int64_t>(i) * 3600);
        writes.splits.push_back({key, 0, std::string("\1cell", 5)});
      }
      EXPECT_EQ(write_one(both.storage, std::move(writes)), WriteVerdict::done);
      version = read_one(both.storage, {metric, std::nullopt})->version;
      written = i;
    }
  });
  while (written < 400) {
    const std::size_t before = written;
    const auto found = both.storage.list_splits(std::span(&metric, 1), {}).at(0);
    const std::size_t after = written;
    // Within twenty writes the list only grows.
    if (before / 20 != (after + 1) / 20 || before % 20 == 0) continue;
    ASSERT_GE(found.size(), before % 20);
    ASSERT_LE(found.size(), after % 20 + 1);
  }
  both.storage.remove_metrics(std::span(&metric, 1));
  EXPECT_TRUE(both.storage.list_splits(std::span(&metric, 1), {}).at(0).empty());
}

}  // namespace
}  // namespace gnocchi::rocks::test
