#pragma once

#include <algorithm>
#include <vector>

namespace gnocchi::timeseries {

/// Appends `one` unless it is there. For lists of a few: methods, granularities.
template <typename T>
void add_once(std::vector<T>& all, const T& one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

}  // namespace gnocchi::timeseries
