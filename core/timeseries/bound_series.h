#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/timeseries/aggregation.h"
#include "core/timeseries/series.h"
#include "gnocchi/types.h"

/// The raw series of a metric and its back window.
namespace gnocchi::timeseries {

/// The start of the oldest block that the back window keeps, given the newest point. May be before
/// the Epoch.
std::int64_t first_block_ns(const AggregationPlan& plan, std::int64_t last_ns) noexcept;

/// Measures in any order as a series: of equal times the last one counts; those before the Epoch
/// are left out.
Series sorted(std::span<const Measure> measures);

}  // namespace gnocchi::timeseries
