#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "core/pipeline/ingest.h"
#include "core/pipeline/measures_codec.h"
#include "core/pipeline/metric_store.h"
#include "core/query/measures.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_log.h"
#include "tests/unit/query/stepped_storage.h"

namespace gnocchi::query {

using Policy = std::shared_ptr<const ArchivePolicy>;

inline constexpr std::int64_t kBase_s = 1'400'000'000;  // 2014-05-13, a multiple of 10 s
inline constexpr std::size_t kMuch = std::size_t{16} << 20;

inline Measure at(std::int64_t offset_s, double value) {
  return {Timestamp(std::chrono::seconds(kBase_s + offset_s)), value};
}

/// Metrics of one archive policy, what waits of them, and what is stored.
struct PendingFixture {
  explicit PendingFixture(Policy with, StorageTraits traits = {})
      : policy(std::move(with)),
        storage(traits),
        plan(std::make_shared<const timeseries::AggregationPlan>(*policy)) {}

  void accept(const MetricId& metric, std::vector<Measure> measures) {
    const std::vector<pipeline::MetricMeasures> all{{metric, std::move(measures)}};
    pipeline::accept(incoming, all);
  }

  /// A pass over the metric's sack, whose last step is `acknowledge`.
  void drain(const MetricId& metric, bool acknowledge = true) {
    const SackNumber sack = sack_of(metric, incoming.sack_count());
    const SackBatch batch = incoming.read_sack(sack, kMuch);
    std::map<MetricId, std::vector<Measure>> measures;
    for (const Bundle& bundle : batch.bundles) {
      pipeline::decode_measures(bundle.data, measures[bundle.metric]);
    }
    std::vector<pipeline::MetricWork> work;
    for (auto& [id, own] : measures) work.push_back({id, plan, own});
    if (!work.empty()) pipeline::store_measures(storage, raw_cache, log, work, [] { return true; });
    if (acknowledge) incoming.acknowledge(batch);
  }

  std::vector<AggregateRef> all_refs(const MetricId& metric) const {
    std::vector<AggregateRef> refs;
    for (const auto& item : policy->definition) {
      for (const auto& method : policy->aggregation_methods) {
        refs.push_back({metric, method, item.granularity, item.timespan, policy});
      }
    }
    return refs;
  }

  Policy policy;
  SteppedStorage storage;
  support::MemoryIncoming incoming;
  support::MemoryLog log;
  pipeline::RawCache raw_cache{std::size_t{1} << 20};
  pipeline::Plan plan;
  Reader reader{storage, &incoming, kMuch, log};
  Reader stored{storage, nullptr, 0, log};
};

inline Policy policy_of(std::vector<ArchivePolicyItem> definition, std::vector<std::string> methods,
                        std::uint32_t back_window) {
  auto policy = std::make_shared<ArchivePolicy>();
  policy->name = "test";
  policy->back_window = back_window;
  policy->definition = std::move(definition);
  policy->aggregation_methods = std::move(methods);
  return policy;
}

}  // namespace gnocchi::query
