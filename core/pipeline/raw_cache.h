#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/stats/cache_stats.h"
#include "core/timeseries/series.h"
#include "gnocchi/metric_memory.h"
#include "gnocchi/types.h"

namespace gnocchi::pipeline {

/// A metric's raw series as it was stored, and the version that storage gave it then.
struct KnownRaw {
  std::uint64_t version = 0;  ///< not 0
  timeseries::Series series;
};

/// Raw series as this process has written them last, so that a metric's next pass need not read and
/// decode its own. Whether one still is what is stored, only the version says: a driver with the
/// trait `versioned` refuses to write over another one. Memory is bounded (MetricMemory).
///
/// Any thread.
class RawCache {
 public:
  /// 0: nothing is remembered.
  explicit RawCache(std::size_t max_bytes = 0) : known_(max_bytes), remembers_(max_bytes > 0) {}

  /// Drops what does not fit.
  void set_max_bytes(std::size_t max_bytes);

  std::optional<KnownRaw> take(const MetricId& metric);
  void put(const MetricId& metric, KnownRaw raw);

  /// `origin`: PassStats::describe.
  void describe(std::string_view origin, stats::Text& text) const;

 private:
  MetricMemory<KnownRaw> known_;
  std::atomic<bool> remembers_;  ///< spares the lock, and misses that are none
  stats::CacheStats stats_;
};

}  // namespace gnocchi::pipeline
