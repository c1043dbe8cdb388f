#include "core/pipeline/processor.h"

#include <gtest/gtest.h>

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
    const std::vector<query::AggregateRef> refs{{metric, method, granularity, std::nullopt}};
    return query::read_aggregates(storage, log, refs, {}).at(0);
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

TEST_P(ProcessorTest, RefreshProcessesWhatIsPending) {
  Fixture f(GetParam());
  Processor processor(f.storage, f.incoming, f.index, f.coordinator, f.log);
  f.accept({at(0, 1)});
  const std::vector<MetricId> metrics{f.metric};
  EXPECT_TRUE(processor.refresh(metrics, milliseconds(0)));
  EXPECT_EQ(f.series("count", seconds(10)).values, (std::vector<double>{1}));
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
    bool fired = true;
    for (int n = 1; fired; ++n) {
      Fixture f(GetParam());
      support::FaultPlan plan{n, when};
      support::FaultyStorage storage(f.storage, plan);
      support::FaultyIncoming incoming(f.incoming, plan);
      Processor processor(storage, incoming, f.index, f.coordinator, f.log);
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
