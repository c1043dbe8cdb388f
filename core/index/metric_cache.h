#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/stats/cache_stats.h"
#include "gnocchi/indexer.h"

namespace gnocchi::index {

/// Active metrics, each with its resource, as the index had them a moment ago, so that neither
/// accepting measures nor reading aggregates asks the index each time. What this process changes is
/// seen at once (WatchedIndexer tells of it); what another process changes, within `fresh_for`.
/// Absence is never remembered. Memory is bounded: beyond `max_metrics` the oldest are dropped.
///
/// Any thread; no lock is held during a query. The index outlives it. Throws what the index does.
class MetricCache {
 public:
  using MetricPtr = std::shared_ptr<const Metric>;
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// With `fresh_for` 0 nothing is remembered.
  MetricCache(IndexerDriver& indexer, std::chrono::nanoseconds fresh_for, std::size_t max_metrics,
              Clock clock = std::chrono::steady_clock::now);
  ~MetricCache();

  /// In the order of the ids; unknown ones are left out. One query for all not remembered.
  std::vector<MetricPtr> get(std::span<const MetricId> ids);
  /// The same by name, in the order of the names; null: there is none.
  std::vector<MetricPtr> get_named(std::span<const NamedMetric> names);

  /// Called after the index was changed: by the time they return, no get() that begins answers from
  /// before the change.
  void forget(const MetricId& metric);
  void forget(const ResourceId& resource);
  void forget_all();

  /// Hits and misses, of each metric asked for.
  void describe(stats::Text& text) const { stats_.describe("metrics", text); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Entry {
    MetricPtr metric;
    Time read;
    std::uint64_t epoch_sum = 0;  ///< of its metric and resource, when it was read
  };
  struct NameHash {
    std::size_t operator()(const NamedMetric& named) const noexcept;
  };
  /// Two generations: when the younger is full or older than fresh_for, it takes the place of the
  /// other, which is dropped as a whole.
  template <class Key, class Hash>
  class Generations;
  template <class Key, class Hash>
  class Shards;

  template <class Key, class Hash, class Query, class KeyOf>
  std::vector<MetricPtr> look_up(std::span<const Key> keys, Shards<Key, Hash>& shards, Query query,
                                 KeyOf key_of);
  std::vector<MetricPtr> remember(std::vector<Metric> metrics, std::uint64_t changes, Time now);
  std::uint64_t epoch_sum(const Metric& metric) const noexcept;

  IndexerDriver& indexer_;
  std::chrono::nanoseconds fresh_for_;
  Clock clock_;
  /// Counts changes, so that a query that ran meanwhile is not remembered.
  std::atomic<std::uint64_t> changes_ = 0;
  /// Counts changes by the hash of what was changed; an entry with an older count is not valid.
  std::array<std::atomic<std::uint64_t>, 4096> epochs_{};
  std::atomic<std::uint64_t> all_epoch_ = 0;
  stats::CacheStats stats_;
  std::unique_ptr<Shards<MetricId, std::hash<MetricId>>> by_id_;
  std::unique_ptr<Shards<NamedMetric, NameHash>> by_name_;
};

}  // namespace gnocchi::index
