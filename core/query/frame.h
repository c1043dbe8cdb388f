#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/query/measures.h"
#include "core/timeseries/series.h"

namespace gnocchi::query {

/// Series side by side, in columns over the union of their times. NaN where one has no point.
struct Frame {
  Sampling sampling;
  std::vector<std::int64_t> times;  ///< ascending, ns since the Epoch
  std::vector<std::vector<double>> columns;
  /// Where the columns have come from: indexes into whatever the series were read for, one for
  /// each column; meaningless once `aggregated`.
  std::vector<std::size_t> sources;
  bool aggregated = false;    ///< the columns are no longer those that were read
  bool truth_values = false;  ///< 1 and 0 stand for true and false
};

/// Lays series side by side, column i from series i; what is missing is `filler`. Throws
/// TooManyPoints if that takes more than `max_points` points, before it takes them.
Frame align(Sampling sampling, std::vector<timeseries::Series> series, double filler,
            std::size_t max_points);

}  // namespace gnocchi::query
