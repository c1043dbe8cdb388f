#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/stats/cache_stats.h"
#include "core/timeseries/aggregation.h"
#include "gnocchi/indexer.h"

namespace gnocchi::pipeline {

using Plan = std::shared_ptr<const timeseries::AggregationPlan>;

/// How to aggregate the metrics of each archive policy. Asks the index once a second at most, so
/// that a change of a policy is noticed within a second without a query per metric. Any thread.
class PlanCache {
 public:
  explicit PlanCache(ArchivePolicyIndex& policies) : policies_(policies) {}

  /// Null if there is no such policy. Throws Error{corrupt_data} for a policy that makes no sense.
  Plan get(const std::string& policy_name);

  const stats::CacheStats& stats() const noexcept { return stats_; }

 private:
  struct Entry {
    ArchivePolicy policy;
    Plan plan;  ///< made when first asked for
  };
  void reload();

  ArchivePolicyIndex& policies_;
  stats::CacheStats stats_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::chrono::steady_clock::time_point loaded_at_{};
};

}  // namespace gnocchi::pipeline
