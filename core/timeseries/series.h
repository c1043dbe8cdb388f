#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gnocchi/types.h"

namespace gnocchi::timeseries {

/// Points in columns: ascending, unique times (ns since the Epoch) and as many values.
struct Series {
  std::vector<std::int64_t> times;
  std::vector<double> values;

  std::size_t size() const noexcept { return times.size(); }
  bool empty() const noexcept { return times.empty(); }
  bool operator==(const Series&) const = default;
};

}  // namespace gnocchi::timeseries
