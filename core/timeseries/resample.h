#pragma once

#include "core/timeseries/aggregation.h"
#include "core/timeseries/calendar.h"
#include "core/timeseries/series.h"

namespace gnocchi::timeseries {

/// Groups the points by `granularity` (positive) and reduces each group by `method`, as Gnocchi
/// resamples an aggregated series. A rate: method takes differences of successive points first;
/// the first point has none.
Series resample(const Series& series, const Method& method, Timespan granularity);

/// The same by spans of the calendar. Throws Refused{invalid_value} for a rate: method: as in
/// Gnocchi there is none of a calendar group.
Series resample(const Series& series, const Method& method, CalendarGroup group);

}  // namespace gnocchi::timeseries
