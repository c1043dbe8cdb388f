#pragma once

#include "core/timeseries/series.h"
#include "gnocchi/types.h"

namespace gnocchi::query {

/// Gnocchi 3.0's moving-average.
struct MovingAverage {
  Timespan window{};
  bool centred = false;  ///< windows lie around their points instead of beginning with them
};

/// The mean of the points in the window of each point. Points whose window reaches beyond the
/// series (which ends one granularity after its last point) have none and are left out. A centred
/// window with an even number of points is the mean of the two that are a millisecond before and
/// after it. NaNs count as absent. Pure.
timeseries::Series moving_average(const timeseries::Series& data, Timespan granularity,
                                  const MovingAverage& how);

}  // namespace gnocchi::query
