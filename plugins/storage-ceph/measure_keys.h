#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gnocchi/types.h"

namespace gnocchi::ceph {

/// Keys of bundles in a sack's omap: "measure_<metric>_<uuid>_<YYYYMMDD_HH:MM:SS>", as Python
/// Gnocchi writes them. Where Python's uuid is random, ours is of version 7: it starts with the
/// time, so that keys of one metric sort by arrival. Any thread.
class MeasureKeys {
 public:
  /// Unlike any other, and sorted behind all that this object has made before.
  std::string next(const MetricId& metric);

 private:
  std::uint64_t next_time();

  std::atomic<std::uint64_t> last_time_{0};  ///< ms since the Epoch, and 12 bits of a fraction
};

/// What the keys of a metric start with.
std::string key_prefix(const MetricId& metric);

/// nullopt: not a bundle's key.
std::optional<MetricId> metric_of(std::string_view key);

/// Whether `a` came before `b`, both of one metric. Where Python has written, it is known to the
/// second.
bool arrived_before(std::string_view a, std::string_view b);

}  // namespace gnocchi::ceph
