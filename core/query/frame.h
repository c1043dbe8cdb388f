#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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

/// Lays series side by side, as they come. Most have the same times, which are kept once.
class FrameBuilder {
 public:
  FrameBuilder(Sampling sampling, std::size_t columns);

  /// Each column once, or never, which is one without points.
  void add(std::size_t column, const timeseries::Points& points);

  /// Column i is source i; what is missing is `filler`. Nothing is left. Throws TooManyPoints if
  /// that takes more than `max_points` points, before it takes them.
  Frame take(double filler, std::size_t max_points);

 private:
  /// Of all columns.
  std::vector<std::int64_t> all_times(std::size_t max_points) const;
  const std::vector<std::int64_t>& times_of(std::size_t column) const;

  Sampling sampling_;
  std::vector<std::int64_t> times_;  ///< of the first column with points
  std::vector<std::vector<double>> columns_;
  std::map<std::size_t, std::vector<std::int64_t>> other_times_;  ///< of columns with others
};

}  // namespace gnocchi::query
