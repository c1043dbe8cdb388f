#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/timeseries/aggregation.h"
#include "core/timeseries/series.h"
#include "core/timeseries/short_vector.h"
#include "gnocchi/types.h"

/// The raw series of a metric and its back window.
namespace gnocchi::timeseries {

/// The start of the oldest block that the back window keeps, given the newest point. May be before
/// the Epoch.
std::int64_t first_block_ns(const AggregationPlan& plan, std::int64_t last_ns) noexcept;

/// What a pass has of a metric, a few points most often.
struct FreshPoints {
  ShortVector<std::int64_t, 4> times;
  ShortVector<double, 4> values;

  Points points() const noexcept { return {times, values}; }
};

/// Measures in any order as points: of equal times the last one counts; those before the Epoch are
/// left out.
FreshPoints sorted(std::span<const Measure> measures);

}  // namespace gnocchi::timeseries
