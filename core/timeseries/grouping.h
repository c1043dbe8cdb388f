#pragma once

#include <cstdint>
#include <span>

#include "core/timeseries/short_vector.h"

namespace gnocchi::timeseries {

/// Consecutive points cut into groups: group i has the time times[i] and the points from
/// ends[i - 1] (0 for the first) up to ends[i].
struct Groups {
  ShortVector<std::int64_t, 2> times;
  ShortVector<std::size_t, 2> ends;

  std::size_t size() const noexcept { return times.size(); }
};

/// Groups ascending times by granularity (floor_time).
Groups group_by_granularity(std::span<const std::int64_t> times, std::int64_t granularity_ns);

/// The first of the ascending times whose group is not before `group_ns`, a multiple of
/// `granularity_ns`.
std::size_t first_of_group(std::span<const std::int64_t> times, std::int64_t group_ns,
                           std::int64_t granularity_ns) noexcept;

}  // namespace gnocchi::timeseries
