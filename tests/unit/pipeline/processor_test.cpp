#include "core/pipeline/processor.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "core/pipeline/ingest.h"
#include "core/query/measures.h"
#include "tests/support/fake_indexer.h"
#include "tests/support/faulty_drivers.h"
#include "tests/support/memory_coordinator.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_log.h"
#include "tests/support/memory_storage.h"

namespace gnocchi::pipeline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMuch = std::size_t{1} << 20;
constexpr std::int64_t kBase = 1'400'000'000;  // 2014-05-13, a multiple of 10 s

ArchivePolicy policy() {
  ArchivePolicy policy;
  policy.name = "test";
  policy.back_window = 1;
  policy.definition = {{seconds(10), 4000, seconds(40000)},
                       {seconds(60), std::nullopt, std::nullopt}};
  policy.aggregation_methods = {"count", "max", "mean", "rate:mean", "sum"};
  return policy;
}

Measure at(std::int64_t offset_s, double value) {
  return {Timestamp(seconds(kBase + offset_s)), value};
}

/// A store of its own for each run, always the same metric.
struct Fixture {
  explicit Fixture(StorageTraits traits) : storage(traits) {
    index.put(policy());
    metric = index.put_metric("test");
  }

  void accept(std::vector<Measure> measures) {
    const std::vector<MetricMeasures> all{{metric, std::move(measures)}};
    pipeline::accept(incoming, all);
  }
  SackNumber sack() { return sack_of(metric, incoming.sack_count()); }

  /// Everything stored, with the metric's id taken out of the names.
  std::map<std::string, Bytes> objects() {
    std::map<std::string, Bytes> all;
    for (const auto& [name, object] : storage.objects()) all[name.substr(44)] = object.data;
    return all;
  }

  timeseries::Series series(const std::string& method, Timespan granularity) {
    const std::vector<query::AggregateRef> refs{{metric, method, granularity, {}, nullptr}};
    return query::Reader(storage, nullptr, 0, log).read(refs, {}).series.at(0);
  }

  support::MemoryStorage storage;
  support::MemoryIncoming incoming;
  support::MemoryCoordinator coordinator;
  support::MemoryLog log;
  support::FakeIndexer index;
  MetricId metric;
};

class ProcessorTest : public ::testing::TestWithParam<StorageTraits> {};

TEST_P(ProcessorTest, AggregatesWhatWasAccepted) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1), at(5, 3), at(10, 5)});
  const auto report = processor.process_sack(f.sack(), milliseconds(0));
  EXPECT_EQ(report.metrics, 1u);
  EXPECT_EQ(report.measures, 3u);
  EXPECT_EQ(f.series("mean", seconds(10)).values, (std::vector<double>{2, 5}));
  EXPECT_EQ(f.series("sum", seconds(60)).values, (std::vector<double>{9}));
  EXPECT_EQ(f.incoming.report(false).bundles, 0u);
}

TEST_P(ProcessorTest, TheNewestArrivalOfEqualTimesWins) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1), at(0, 2)});
  f.accept({at(0, 3)});
  processor.process_sack(f.sack(), milliseconds(0));
  f.accept({at(0, 4)});
  processor.process_sack(f.sack(), milliseconds(0));
  EXPECT_EQ(f.series("sum", seconds(10)).values, (std::vector<double>{4}));
}

TEST_P(ProcessorTest, MeasuresOfADeletedMetricAreDropped) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  f.index.mark_deleted(f.metric);
  EXPECT_EQ(processor.process_sack(f.sack(), milliseconds(0)).metrics, 0u);
  EXPECT_TRUE(f.storage.objects().empty());
  EXPECT_EQ(f.incoming.report(false).bundles, 0u);
}

TEST_P(ProcessorTest, SeveralSacksSharePassAndReportForThemselves) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  std::map<SackNumber, MetricId> metrics;
  while (metrics.size() < f.incoming.sack_count()) {
    const MetricId metric = f.index.put_metric("test");
    metrics[sack_of(metric, f.incoming.sack_count())] = metric;
  }
  std::vector<SackNumber> sacks;
  for (const auto& [sack, metric] : metrics) {
    const std::vector<MetricMeasures> all{{metric, {at(0, 1), at(5, 2)}}};
    pipeline::accept(f.incoming, all);
    sacks.push_back(sack);
  }
  const auto lock = f.coordinator.lock(processor.lock_name(sacks[1]), milliseconds(0));
  const auto reports = processor.process_sacks(sacks, milliseconds(0));
  ASSERT_EQ(reports.size(), sacks.size());
  for (std::size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].locked, i == 1);
    EXPECT_EQ(reports[i].metrics, i == 1 ? 0U : 1U);
    EXPECT_EQ(reports[i].measures, i == 1 ? 0U : 2U);
    f.metric = metrics[sacks[i]];
    EXPECT_EQ(f.series("sum", seconds(10)).size(), i == 1 ? 0U : 1U);
  }
  EXPECT_EQ(processor.stats().seconds.count(), 1U);
  EXPECT_EQ(f.incoming.report(false).bundles, 1U);
}

TEST_P(ProcessorTest, PassesAreCounted) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  processor.process_sack(f.sack(), milliseconds(0));
  EXPECT_EQ(processor.stats().seconds.count(), 0U) << "nothing was there to do";
  f.accept({at(0, 1), at(5, 3)});
  processor.process_sack(f.sack(), milliseconds(0));
  f.accept({at(7, 1)});
  f.index.mark_deleted(f.metric);
  processor.process_sack(f.sack(), milliseconds(0));
  const auto lock = f.coordinator.lock(processor.lock_name(f.sack()), milliseconds(0));
  processor.process_sack(f.sack(), milliseconds(0));
  stats::Text text;
  processor.describe("metricd", text);
  for (const char* sample :
       {"gnocchi_pass_duration_seconds_count{origin=\"metricd\"} 2\n",
        "gnocchi_measures_processed_total{origin=\"metricd\"} 2\n",
        "gnocchi_metrics_processed_total{origin=\"metricd\"} 1\n",
        "gnocchi_metrics_dropped_total{origin=\"metricd\"} 1\n",
        "gnocchi_passes_locked_total{origin=\"metricd\"} 1\n",
        "gnocchi_passes_failed_total{origin=\"metricd\"} 0\n",
        "gnocchi_cache_lookups_total{cache=\"plans of metricd\",result=\"miss\"} 1\n"}) {
    EXPECT_NE(text.text().find(sample), std::string::npos) << sample << text.text();
  }
}

TEST_P(ProcessorTest, AFailedPassIsCounted) {
  Fixture f(GetParam());
  support::FaultPlan plan;
  support::FaultyIncoming faulty(f.incoming, plan);
  Processor processor(f.storage, faulty, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  plan.fail_at = 1;
  EXPECT_THROW(processor.process_sack(f.sack(), milliseconds(0)), Error);
  EXPECT_EQ(processor.stats().failed.value(), 1U);
  EXPECT_EQ(processor.stats().measures.value(), 0U);
}

TEST_P(ProcessorTest, ALockedSackIsLeftAlone) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  const auto lock = f.coordinator.lock(processor.lock_name(f.sack()), milliseconds(0));
  EXPECT_TRUE(processor.process_sack(f.sack(), milliseconds(0)).locked);
  const std::vector<MetricId> metrics{f.metric};
  EXPECT_FALSE(processor.refresh(metrics, milliseconds(1)));
  EXPECT_EQ(f.incoming.report(false).bundles, 1u);
}

timeseries::TimeRange between(std::int64_t from_s, std::int64_t to_s) {
  return {(kBase + from_s) * 1'000'000'000, (kBase + to_s) * 1'000'000'000};
}

/// Locks that are lost when told so, unnoticed but by who asks.
class LosingCoordinator : public support::MemoryCoordinator {
 public:
  std::unique_ptr<HeldLock> lock(std::string_view, std::chrono::milliseconds) override {
    return std::make_unique<Held>(lost);
  }
  bool lost = false;

 private:
  struct Held : HeldLock {
    explicit Held(const bool& lost) : lost_(lost) {}
    bool still_held() override { return !lost_; }
    const bool& lost_;
  };
};

/// Lets something happen just before the n-th write.
class InterruptedStorage : public support::FaultyStorage {
 public:
  InterruptedStorage(StorageDriver& inner, int at, std::function<void()> what)
      : FaultyStorage(inner, none_), at_(at), what_(std::move(what)) {}
  WriteReport write(const WriteSet& set) override {
    if (++writes_ == at_) what_();
    return FaultyStorage::write(set);
  }

 private:
  support::FaultPlan none_;
  int at_;
  int writes_ = 0;
  std::function<void()> what_;
};

TEST_P(ProcessorTest, APassWhoseLockIsLostWritesAndAcknowledgesNothing) {
  Fixture f(GetParam());
  LosingCoordinator coordinator;
  Processor processor(f.storage, f.incoming, f.index, coordinator, f.log);
  f.accept({at(0, 1)});
  coordinator.lost = true;
  EXPECT_THROW(processor.process_sack(f.sack(), milliseconds(0)), Error);
  EXPECT_TRUE(f.storage.objects().empty());
  EXPECT_EQ(f.incoming.report(false).bundles, 1u);
  EXPECT_THROW(static_cast<void>(processor.remove_measures(f.index.stored(f.metric),
                                                           between(100, 110), milliseconds(0))),
               Error);
  EXPECT_EQ(f.incoming.report(false).bundles, 1u);
}

TEST_P(ProcessorTest, AWorkerStoppedBeforeItsWriteDoesNotUndoItsSuccessors) {
  if (!GetParam().versioned) GTEST_SKIP() << "only a versioned driver sees the successor's write";
  Fixture f(GetParam());
  LosingCoordinator coordinator;
  Processor successor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1), at(15, 1)});
  InterruptedStorage storage(f.storage, 1, [&] {
    coordinator.lost = true;
    successor.process_sack(f.sack(), milliseconds(0));
    f.accept({at(0, 2), at(25, 3)});  // of a time that the stopped one has in hand, and newer
    successor.process_sack(f.sack(), milliseconds(0));
  });
  Processor stopped(storage, f.incoming, f.index, coordinator, f.log);
  EXPECT_THROW(stopped.process_sack(f.sack(), milliseconds(0)), Error);
  EXPECT_EQ(f.series("sum", seconds(10)).values, (std::vector<double>{2, 1, 3}));
  EXPECT_EQ(f.incoming.report(false).bundles, 0u);
}

/// Writes patches before it finds the raw series changed, as a driver must whose backend writes one
/// object at a time.
class PatchingStorage : public support::FaultyStorage {
 public:
  explicit PatchingStorage(StorageDriver& inner) : FaultyStorage(inner, none_), inner_(inner) {}
  WriteReport write(const WriteSet& set) override {
    for (const MetricWrites& writes : set.metrics) {
      const std::array raw{ObjectRef{writes.metric, std::nullopt}};
      const auto stored = inner_.read(raw);
      WriteSet patches;
      MetricWrites& only = patches.metrics.emplace_back();
      only.metric = writes.metric;
      only.expected_version = stored[0] ? stored[0]->version : 0;
      for (const SplitWrite& split : writes.splits) {
        if (split.offset) only.splits.push_back(split);
      }
      static_cast<void>(inner_.write(patches));
    }
    return inner_.write(set);
  }

 private:
  support::FaultPlan none_;
  StorageDriver& inner_;
};

TEST_P(ProcessorTest, WhatAStoppedWorkerPatchedTooLateIsMended) {
  if (!GetParam().versioned) GTEST_SKIP() << "only a versioned driver sees the successor's write";
  Fixture f(GetParam());
  LosingCoordinator coordinator;
  Processor successor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1), at(15, 1)});
  PatchingStorage patching(f.storage);
  InterruptedStorage storage(patching, 1, [&] {
    coordinator.lost = true;
    successor.process_sack(f.sack(), milliseconds(0));
    f.accept({at(0, 2), at(5, 7), at(25, 3)});
    successor.process_sack(f.sack(), milliseconds(0));
  });
  Processor stopped(storage, f.incoming, f.index, coordinator, f.log);
  EXPECT_THROW(stopped.process_sack(f.sack(), milliseconds(0)), Error);
  EXPECT_EQ(f.series("sum", seconds(10)).values, (std::vector<double>{9, 1, 3}));
  EXPECT_EQ(f.series("count", seconds(60)).values, (std::vector<double>{4}));
}

TEST_P(ProcessorTest, WhatWasWrittenUnderAHeldLockIsTakenIn) {
  if (!GetParam().versioned) GTEST_SKIP() << "only a versioned driver sees the other's write";
  Fixture f(GetParam());
  Processor other(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  LosingCoordinator coordinator;  // lets both in; nothing is known to be lost
  InterruptedStorage storage(f.storage, 1, [&] {
    f.accept({at(15, 2)});
    other.process_sack(f.sack(), milliseconds(0));
  });
  Processor processor(storage, f.incoming, f.index, coordinator, f.log);
  EXPECT_EQ(processor.process_sack(f.sack(), milliseconds(0)).measures, 1U);
  EXPECT_EQ(f.series("sum", seconds(10)).values, (std::vector<double>{1, 2}));
}

/// Counts the raw series that are read.
class CountingStorage : public support::FaultyStorage {
 public:
  explicit CountingStorage(StorageDriver& inner) : FaultyStorage(inner, none_) {}
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override {
    for (const ObjectRef& ref : refs) raw_reads += ref.split ? 0 : 1;
    return FaultyStorage::read(refs);
  }
  int raw_reads = 0;

 private:
  support::FaultPlan none_;
};

TEST_P(ProcessorTest, ARememberedRawSeriesIsNotReadAgain) {
  const std::vector<std::vector<Measure>> rounds{
      {at(0, 1), at(15, 2)}, {at(12, 3), at(70, 4)}, {at(40'000, 5)}, {at(39'999, 6)}};
  Fixture f(GetParam());
  Fixture reference(GetParam());
  CountingStorage storage(f.storage);
  Processor processor(storage, f.incoming, f.index, f.coordinator, f.log);
  processor.remember_raw(kMuch);
  Processor forgetful(reference.storage, reference.incoming, reference.index, reference.coordinator,
                      reference.log);
  for (const auto& round : rounds) {
    f.accept(round);
    reference.accept(round);
    EXPECT_EQ(processor.process_sack(f.sack(), milliseconds(0)).measures, round.size());
    forgetful.process_sack(reference.sack(), milliseconds(0));
    EXPECT_EQ(f.objects(), reference.objects());
  }
  EXPECT_EQ(storage.raw_reads, GetParam().versioned ? 1 : 4);
}

TEST_P(ProcessorTest, WhatOthersHaveWrittenSinceIsTakenIn) {
  Fixture f(GetParam());
  Fixture reference(GetParam());
  Processor right(reference.storage, reference.incoming, reference.index, reference.coordinator,
                  reference.log);
  CountingStorage storage(f.storage);
  Processor one(storage, f.incoming, f.index, f.coordinator, f.log);
  Processor other(f.storage, f.incoming, f.index, f.coordinator, f.log);
  one.remember_raw(kMuch);
  other.remember_raw(kMuch);
  std::int64_t time = 0;
  for (Processor* next : {&one, &other, &one, &one, &other, &other, &one}) {
    time += 7;
    f.accept({at(time, 1), at(time - 3, 2)});
    reference.accept({at(time, 1), at(time - 3, 2)});
    EXPECT_EQ(next->process_sack(f.sack(), milliseconds(0)).measures, 2U);
    right.process_sack(reference.sack(), milliseconds(0));
    EXPECT_EQ(f.objects(), reference.objects());
  }
  EXPECT_EQ(storage.raw_reads, GetParam().versioned ? 3 : 4) << "at first, and after the other";
}

TEST_P(ProcessorTest, ARememberedSeriesIsNoneOfAMetricThatWasRemoved) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  processor.remember_raw(kMuch);
  f.accept({at(0, 1)});
  processor.process_sack(f.sack(), milliseconds(0));
  f.storage.remove_metrics(std::span(&f.metric, 1));
  f.accept({at(5, 2)});
  processor.process_sack(f.sack(), milliseconds(0));
  EXPECT_EQ(f.series("sum", seconds(10)).values, std::vector<double>{2});
}

TEST_P(ProcessorTest, RefreshProcessesWhatIsPending) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  const std::vector<MetricId> metrics{f.metric};
  EXPECT_TRUE(processor.refresh(metrics, milliseconds(0)));
  EXPECT_EQ(f.series("count", seconds(10)).values, (std::vector<double>{1}));
}

TEST_P(ProcessorTest, RemovedMeasuresAreGoneStoredOnesAndPendingOnes) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  const MetricId other = f.index.put_metric("test");
  f.accept({at(0, 1), at(15, 2), at(25, 3)});
  processor.process_sack(f.sack(), milliseconds(0));
  f.accept({at(12, 50), at(30, 4), at(100'000'000, 9)});
  const std::vector<MetricMeasures> others{{other, {at(12, 5)}}};
  pipeline::accept(f.incoming, others);
  const Metric metric = f.index.stored(f.metric);
  EXPECT_TRUE(processor.remove_measures(metric, between(10, 20), milliseconds(100)));
  EXPECT_TRUE(processor.remove_measures(metric, between(1000, 200'000'000), milliseconds(100)));
  EXPECT_EQ(f.incoming.report(false).bundles,
            sack_of(other, f.incoming.sack_count()) == f.sack() ? 0u : 1u);
  // The measure of the future took effect in the first call, before the second named it.
  EXPECT_EQ(f.series("sum", seconds(60)).values, (std::vector<double>{10}));
  f.accept({at(40, 1)});
  processor.process_sack(f.sack(), milliseconds(0));
  EXPECT_EQ(f.series("sum", seconds(10)).times.back(), (kBase + 40) * 1'000'000'000);
}

TEST_P(ProcessorTest, APendingMeasureOfTheFutureCanBeRemovedBeforeItDoesHarm) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1), at(15, 2)});
  processor.process_sack(f.sack(), milliseconds(0));
  f.accept({at(25, 3), at(100'000'000, 9)});
  EXPECT_TRUE(processor.remove_measures(f.index.stored(f.metric), between(1000, 200'000'000),
                                        milliseconds(100)));
  EXPECT_EQ(f.series("sum", seconds(10)).values, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(f.series("sum", seconds(60)).values, (std::vector<double>{6}));
}

TEST_P(ProcessorTest, MeasuresOfALockedSackAreNotRemoved) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  const auto lock = f.coordinator.lock(processor.lock_name(f.sack()), milliseconds(0));
  EXPECT_FALSE(processor.remove_measures(f.index.stored(f.metric), {}, milliseconds(1)));
  EXPECT_EQ(f.incoming.report(false).bundles, 1u);
}

TEST_P(ProcessorTest, DamagedObjectsDoNotKeepMeasuresFromBeingRemoved) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1), at(15, 2)});
  processor.process_sack(f.sack(), milliseconds(0));
  for (auto& [name, object] : f.storage.objects()) object.data = "damaged";
  EXPECT_TRUE(
      processor.remove_measures(f.index.stored(f.metric), between(0, 10), milliseconds(100)));
  EXPECT_TRUE(f.series("sum", seconds(10)).empty());
  EXPECT_FALSE(f.log.find("_none_v3").empty());
  EXPECT_FALSE(f.log.find("_sum_10.0_v3").empty());
}

TEST_P(ProcessorTest, WhateverCallFailsARemovalCanBeRepeated) {
  const auto prepare = [](Fixture& f) {
    Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
    for (std::int64_t s : {0, 15, 70, 40'000, 40'001, 90'000}) {
      f.accept({at(s, static_cast<double>(s))});
      processor.process_sack(f.sack(), milliseconds(0));
    }
    f.accept({at(90'001, 7), at(90'002, 8)});
  };
  const timeseries::TimeRange range = between(40'001, 90'002);
  Fixture reference(GetParam());
  prepare(reference);
  Processor right(reference.storage, reference.incoming, reference.index, reference.coordinator,
                  reference.log);
  ASSERT_TRUE(
      right.remove_measures(reference.index.stored(reference.metric), range, milliseconds(100)));
  for (const auto when : {support::FaultPlan::When::before, support::FaultPlan::When::after}) {
    bool fired = true;
    for (int n = 1; fired; ++n) {
      Fixture f(GetParam());
      prepare(f);
      support::FaultPlan plan{n, when};
      support::FaultyStorage storage(f.storage, plan);
      support::FaultyIncoming incoming(f.incoming, plan);
      Processor processor(storage, incoming, f.index, f.coordinator, f.log);
      bool done = false;
      while (!done) {
        try {
          done = processor.remove_measures(f.index.stored(f.metric), range, milliseconds(100));
        } catch (const Error&) {
        }
      }
      fired = plan.fired;
      EXPECT_EQ(f.objects(), reference.objects()) << "call " << n << " failed";
    }
  }
}

TEST_P(ProcessorTest, ADamagedRawSeriesCostsNoNewMeasure) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  processor.process_sack(f.sack(), milliseconds(0));
  f.storage.objects().at(object_name({f.metric, std::nullopt})).data = "\xff\xff\xff\x7fgarbage";
  f.accept({at(20, 7)});
  processor.process_sack(f.sack(), milliseconds(0));
  EXPECT_EQ(f.series("sum", seconds(10)).values, (std::vector<double>{1, 7}));
  EXPECT_EQ(f.log.find(f.metric.to_string()).size(), 1u);
}

TEST_P(ProcessorTest, ADamagedSplitIsReplacedAndTheRestIsServed) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  processor.process_sack(f.sack(), milliseconds(0));
  for (auto& [name, object] : f.storage.objects()) {
    if (name.find("_sum_10.0_") != std::string::npos) object.data = "cgarbage";
  }
  EXPECT_TRUE(f.series("sum", seconds(10)).empty());
  EXPECT_EQ(f.series("mean", seconds(10)).values, (std::vector<double>{1}));
  f.accept({at(20, 7)});
  processor.process_sack(f.sack(), milliseconds(0));
  EXPECT_EQ(f.series("sum", seconds(10)).values.back(), 7);
  EXPECT_EQ(f.series("mean", seconds(10)).values, (std::vector<double>{1, 7}));
  EXPECT_FALSE(f.log.find("_sum_10.0_v3").empty());
}

TEST_P(ProcessorTest, ADamagedBundleCostsItselfOnly) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  const std::vector<Bundle> bundles{{f.metric, "short"}};
  f.incoming.append(bundles);
  f.accept({at(0, 1)});
  processor.process_sack(f.sack(), milliseconds(0));
  EXPECT_EQ(f.series("sum", seconds(10)).values, (std::vector<double>{1}));
  EXPECT_EQ(f.log.find("damaged bundle").size(), 1u);
  EXPECT_EQ(f.incoming.report(false).bundles, 0u);
}

TEST_P(ProcessorTest, WhateverCallFailsNothingIsLostOrCountedTwice) {
  const std::vector<std::vector<Measure>> rounds{{at(0, 1), at(15, 2)},
                                                 {at(12, 3), at(70, 4)},
                                                 {at(40'000, 5), at(40'001, 6)},
                                                 {at(90'000, 7)}};
  Fixture reference(GetParam());
  Processor right(reference.storage, reference.incoming, reference.index, reference.coordinator,
                  reference.log);
  for (const auto& round : rounds) {
    reference.accept(round);
    right.process_sack(reference.sack(), milliseconds(0));
  }
  for (const auto when : {support::FaultPlan::When::before, support::FaultPlan::When::after}) {
    // Each call of a processor that reads every time, then of one that remembers.
    bool fired = true;
    bool remembers = false;
    for (int n = 1; fired || !remembers; ++n) {
      if (!fired) {
        remembers = true;
        n = 1;
      }
      Fixture f(GetParam());
      support::FaultPlan plan{n, when};
      support::FaultyStorage storage(f.storage, plan);
      support::FaultyIncoming incoming(f.incoming, plan);
      Processor processor(storage, incoming, f.index, f.coordinator, f.log);
      processor.remember_raw(remembers ? kMuch : 0);
      for (const auto& round : rounds) {
        f.accept(round);
        bool done = false;
        while (!done) {
          try {
            processor.process_sack(f.sack(), milliseconds(0));
            done = true;
          } catch (const Error&) {
          }
        }
      }
      fired = plan.fired;
      EXPECT_EQ(f.objects(), reference.objects()) << "call " << n << " failed";
      EXPECT_EQ(f.incoming.report(false).bundles, 0u);
    }
  }
}

std::string traits_name(const ::testing::TestParamInfo<StorageTraits>& info) {
  return std::string(info.param.partial_writes ? "Patched" : "Whole") +
         (info.param.versioned ? "Versioned" : "");
}

INSTANTIATE_TEST_SUITE_P(Traits, ProcessorTest,
                         ::testing::Values(StorageTraits{false, false}, StorageTraits{true, false},
                                           StorageTraits{true, true}),
                         traits_name);

TEST(Processor, TheLockHasThePythonName) {
  Fixture f({});
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  // hashlib.sha1(b"gnocchi-sack-incoming4-1-lock").hexdigest()
  EXPECT_EQ(processor.lock_name(SackNumber{1}), "5e7e582af4cf0cfc585471225b355ba3277a4d8f");
}

}  // namespace
}  // namespace gnocchi::pipeline
