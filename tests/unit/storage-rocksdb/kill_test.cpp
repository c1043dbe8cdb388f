// A process killed at any moment: what append() has taken is read exactly once, what write() has
// stored is there whole, and what acknowledge() has finished never comes back.
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "support.h"

namespace gnocchi::rocks::test {
namespace {

constexpr std::size_t kAll = std::size_t{1} << 40;
constexpr std::size_t kMetrics = 16;

MetricId metric_at(std::size_t i) {
  MetricId metric;
  metric.bytes.fill(static_cast<std::uint8_t>(i + 1));
  return metric;
}

std::string data_of(std::uint64_t id, std::size_t size) {
  std::string data(sizeof id + size, static_cast<char>(id));
  std::memcpy(data.data(), &id, sizeof id);
  return data;
}

std::uint64_t id_of(BytesView data) {
  std::uint64_t id = 0;
  std::memcpy(&id, data.data(), sizeof id);
  return id;
}

TEST(RocksKillChild, DISABLED_AppendsForEver) {
  Both here(Child::path());
  std::random_device seed;
  const std::uint64_t first = std::uint64_t{seed()} << 32;
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&here, t, first] {
      std::mt19937_64 random(first + t);
      for (std::uint64_t id = first + t * 1'000'000;; id += 3) {
        std::vector<Bundle> bundles;
        for (std::uint64_t k = 0; k < 3; ++k) {
          bundles.push_back({MetricId(Uuid::random()), data_of(id + k, random() % 9000)});
        }
        here.incoming.append(bundles);
        for (std::uint64_t k = 0; k < 3; ++k) Child::report(id + k);
      }
    });
  }
}

TEST(RocksKill, WhatWasAcceptedIsThereOnce) {
  const TemporaryDirectory directory;
  std::set<std::uint64_t> accepted;
  std::mt19937_64 random(1);
  for (int round = 0; round < 8; ++round) {
    Child child("RocksKillChild.DISABLED_AppendsForEver", directory.path);
    ASSERT_FALSE(child.wait_for_reports(1 + random() % 3000).empty());
    for (const std::uint64_t id : child.kill()) accepted.insert(id);
  }
  Both here(directory.path);
  std::map<std::uint64_t, int> found;
  for (std::uint32_t sack = 0; sack < kSacks; ++sack) {
    const SackBatch batch = here.incoming.read_sack(SackNumber{sack}, kAll);
    for (const Bundle& bundle : batch.bundles) {
      const std::uint64_t id = id_of(bundle.data);
      EXPECT_EQ(bundle.data, data_of(id, bundle.data.size() - sizeof id));
      ++found[id];
    }
  }
  for (const std::uint64_t id : accepted) ASSERT_EQ(found[id], 1) << id;
  for (const auto& [id, times] : found) ASSERT_EQ(times, 1) << id;
}

TEST(RocksKillChild, DISABLED_TakesAcknowledgesAndReports) {
  Both here(Child::path());
  while (true) {
    bool any = false;
    for (std::uint32_t sack = 0; sack < kSacks; ++sack) {
      const SackBatch batch = here.incoming.read_sack(SackNumber{sack}, 5'000);
      here.incoming.acknowledge(batch);
      for (const Bundle& bundle : batch.bundles) Child::report(id_of(bundle.data));
      any = any || !batch.bundles.empty();
    }
    if (!any) return;
  }
}

TEST(RocksKill, WhatWasAcknowledgedDoesNotComeBack) {
  const TemporaryDirectory directory;
  {
    Both here(directory.path);
    for (std::uint64_t id = 0; id < 20'000; ++id) {
      const Bundle bundle{MetricId(Uuid::random()), data_of(id, id % 500)};
      here.incoming.append(std::span(&bundle, 1));
    }
  }
  std::map<std::uint64_t, int> taken;
  std::mt19937_64 random(2);
  for (int round = 0; round < 6; ++round) {
    Child child("RocksKillChild.DISABLED_TakesAcknowledgesAndReports", directory.path);
    child.wait_for_reports(1 + random() % 400);
    for (const std::uint64_t id : child.kill()) ++taken[id];
  }
  ASSERT_GT(taken.size(), 1000U);
  for (const auto& [id, times] : taken) ASSERT_EQ(times, 1) << id;
}

/// Each write makes the raw series, a whole split and a patched one say the same number.
TEST(RocksKillChild, DISABLED_WritesForEver) {
  Both here(Child::path());
  for (std::uint64_t number = 1;; ++number) {
    WriteSet set;
    for (std::size_t i = 0; i < kMetrics; ++i) {
      const auto raw = read_one(here.storage, {metric_at(i), std::nullopt});
      const std::uint64_t next = raw ? id_of(raw->data) + 1 : 1;
      MetricWrites writes = writes_of(metric_at(i), raw ? raw->version : 0, data_of(next, 700));
      writes.splits.push_back({key_of("mean"), std::nullopt, data_of(next, 3000)});
      writes.splits.push_back({key_of("max"), 1, data_of(next, 5)});
      set.metrics.push_back(std::move(writes));
    }
    for (const WriteVerdict verdict : here.storage.write(set).verdicts) {
      if (verdict != WriteVerdict::done) return;
    }
    Child::report(number);
  }
}

TEST(RocksKill, APassIsThereAsAWholeOrNotAtAll) {
  const TemporaryDirectory directory;
  std::uint64_t written = 0;
  std::mt19937_64 random(3);
  for (int round = 0; round < 8; ++round) {
    Child child("RocksKillChild.DISABLED_WritesForEver", directory.path);
    ASSERT_FALSE(child.wait_for_reports(1 + random() % 200).empty());
    written += child.kill().size();
    Both here(directory.path);
    std::set<std::uint64_t> numbers;
    for (std::size_t i = 0; i < kMetrics; ++i) {
      numbers.insert(id_of(read_one(here.storage, {metric_at(i), std::nullopt})->data));
      numbers.insert(id_of(read_one(here.storage, {metric_at(i), key_of("mean")})->data));
      numbers.insert(
          id_of(BytesView(read_one(here.storage, {metric_at(i), key_of("max")})->data).substr(1)));
    }
    ASSERT_EQ(numbers.size(), 1U) << "round " << round;
    // At most one write was done and not yet reported.
    ASSERT_GE(*numbers.begin(), written);
    written = *numbers.begin();
  }
}

}  // namespace
}  // namespace gnocchi::rocks::test
