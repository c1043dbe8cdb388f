#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gnocchi/types.h"

namespace gnocchi::timeseries {

/// Points of somebody who must outlive them: ascending, unique times (ns since the Epoch) and as
/// many values.
struct Points {
  std::span<const std::int64_t> times;
  std::span<const double> values;

  std::size_t size() const noexcept { return times.size(); }
  bool empty() const noexcept { return times.empty(); }
};

/// Points in columns of their own.
struct Series {
  std::vector<std::int64_t> times;
  std::vector<double> values;

  std::size_t size() const noexcept { return times.size(); }
  bool empty() const noexcept { return times.empty(); }
  bool operator==(const Series&) const = default;
  operator Points() const noexcept { return {times, values}; }  // NOLINT(*-explicit-*)
};

/// The points in [start_ns, stop_ns).
Points between(const Points& points, std::int64_t start_ns, std::int64_t stop_ns);
/// The points from `start_ns` on.
Points since(const Points& points, std::int64_t start_ns);

/// All points of both; where both have one, `newer`'s counts.
Series merge(const Points& newer, Series older);

/// Keeps the points that are less than `timespan` before the last one.
void truncate(Series& series, Timespan timespan);

/// Keeps the points from `oldest_ns` on.
void drop_before(Series& series, std::int64_t oldest_ns);

/// Keeps the points in [start_ns, stop_ns).
void restrict_to(Series& series, std::int64_t start_ns, std::int64_t stop_ns);

}  // namespace gnocchi::timeseries
