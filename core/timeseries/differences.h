#pragma once

#include <span>
#include <vector>

namespace gnocchi::timeseries {

/// What a rate: method aggregates: each value less the one before, from the second on; one fewer
/// than `values`, none of none.
inline std::vector<double> differences(std::span<const double> values) {
  std::vector<double> out;
  if (values.size() < 2) return out;
  out.resize(values.size() - 1);
  for (std::size_t i = 1; i < values.size(); ++i) out[i - 1] = values[i] - values[i - 1];
  return out;
}

}  // namespace gnocchi::timeseries
