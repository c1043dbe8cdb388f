#include "core/pipeline/raw_cache.h"

#include <string>
#include <utility>
#include <vector>

namespace gnocchi::pipeline {
namespace {

/// Series grow by doubling; most stay as long as they are.
template <class T>
void trim(std::vector<T>& column) {
  if (column.capacity() - column.size() > column.size() / 4 + 4) column.shrink_to_fit();
}

}  // namespace

void RawCache::set_max_bytes(std::size_t max_bytes) {
  remembers_ = max_bytes > 0;
  known_.set_max_bytes(max_bytes);
}

std::optional<KnownRaw> RawCache::take(const MetricId& metric) {
  if (!remembers_) return std::nullopt;
  auto known = known_.take(metric);
  (known ? stats_.hits : stats_.misses).add();
  return known;
}

void RawCache::put(const MetricId& metric, KnownRaw raw) {
  if (!remembers_) return;
  trim(raw.series.times);
  trim(raw.series.values);
  const std::size_t bytes = raw.series.times.capacity() * sizeof(std::int64_t) +
                            raw.series.values.capacity() * sizeof(double);
  known_.put(metric, std::move(raw), bytes);
}

void RawCache::describe(std::string_view origin, stats::Text& text) const {
  const std::string name = "raw series of " + std::string(origin);
  stats_.describe(name, text);
  const auto use = known_.use();
  text.gauge("gnocchi_cache_bytes", "Memory of a cache, of those bounded by it.")
      .add({{"cache", name}}, std::uint64_t{use.bytes});
  text.gauge("gnocchi_cache_entries", "Entries of a cache, of those bounded by memory.")
      .add({{"cache", name}}, std::uint64_t{use.values});
}

}  // namespace gnocchi::pipeline
