#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "core/metricd/metricd.h"
#include "core/pipeline/ingest.h"
#include "tests/support/fake_indexer.h"
#include "tests/support/memory_coordinator.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_log.h"
#include "tests/support/memory_storage.h"

namespace gnocchi::metricd {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kFewSacks = 12;
constexpr std::chrono::seconds kLong{20};

/// Another machine: a write takes until so many are under way, or a while.
class SlowStorage : public support::MemoryStorage {
 public:
  SlowStorage(std::uint32_t passes_per_worker, std::size_t awaited)
      : support::MemoryStorage({true, true, passes_per_worker}), awaited_(awaited) {}

  WriteReport write(const WriteSet& set) override {
    {
      std::unique_lock guard(mutex_);
      most_ = std::max(most_, ++under_way_);
      changed_.notify_all();
      changed_.wait_for(guard, 1s, [this] { return most_ >= awaited_; });
    }
    auto report = support::MemoryStorage::write(set);
    const std::scoped_lock guard(mutex_);
    --under_way_;
    return report;
  }

  std::size_t most_at_once() {
    const std::scoped_lock guard(mutex_);
    return most_;
  }

 private:
  const std::size_t awaited_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0, most_ = 0;
};

/// How many writes were under way at once, at most, while a measure in each sack was processed.
std::size_t writes_at_once(std::uint32_t passes_per_worker, std::size_t workers,
                           std::size_t awaited) {
  SlowStorage storage(passes_per_worker, awaited);
  support::MemoryIncoming incoming(kFewSacks);
  support::MemoryCoordinator coordinator;
  support::MemoryLog log;
  support::FakeIndexer index;
  index.put({"p", 0, {{60s, std::nullopt, std::nullopt}}, {"mean"}});
  std::vector<pipeline::MetricMeasures> measures;
  std::set<SackNumber> sacks;
  while (sacks.size() < kFewSacks) {
    const MetricId metric = index.put_metric("p");
    if (!sacks.insert(sack_of(metric, kFewSacks)).second) continue;
    measures.push_back({metric, {{Timestamp(1'700'000'000s), 1}}});
  }
  pipeline::accept(incoming, measures);

  Settings settings;
  settings.workers = workers;
  settings.processing_delay = settings.cleanup_delay = 1h;
  settings.reporting_delay = -1s;
  settings.cleanup_batch_size = 100;
  settings.member_id = "only";
  Metricd metricd(settings, storage, incoming, index, coordinator, log);
  metricd.start();
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (incoming.report(false).bundles > 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(5ms);
  }
  metricd.stop();
  EXPECT_EQ(incoming.report(false).bundles, 0U);
  EXPECT_EQ(storage.objects().size(), 2 * kFewSacks) << "of each metric a split and its raw series";
  return storage.most_at_once();
}

TEST(PassesInHand, AreOneForEachWorkerWhereNothingElseIsSaid) {
  EXPECT_EQ(writes_at_once(1, 2, 3), 2U);
}

TEST(PassesInHand, AreAsManyAsTheStorageSaysForEachWorker) {
  EXPECT_EQ(writes_at_once(3, 2, 6), 6U);
}

TEST(PassesInHand, AreOneWhereADriverSaysNone) { EXPECT_EQ(writes_at_once(0, 1, 2), 1U); }

}  // namespace
}  // namespace gnocchi::metricd
