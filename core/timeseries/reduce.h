#pragma once

#include <cstdint>
#include <span>

#include "core/timeseries/aggregation.h"
#include "core/timeseries/grouping.h"
#include "core/timeseries/short_vector.h"

namespace gnocchi::timeseries {

/// The aggregates of some groups by several methods, a column each.
struct Reduced {
  /// Times of all groups, and of those with two points or more: only these have a std.
  ShortVector<std::int64_t, 2> times;
  ShortVector<std::int64_t, 2> std_times;
  /// The columns, one after the other, `times.size()` apart; a std column uses but the first
  /// std_times.size() of them.
  ShortVector<double, 8> values;

  std::span<const std::int64_t> times_of(Method::Base base) const noexcept {
    return base == Method::Base::std ? std_times : times;
  }
  std::span<const double> column(std::size_t method, Method::Base base) const noexcept {
    return {values.data() + method * times.size(), times_of(base).size()};
  }
};

/// Computes the columns of `methods` (their rate flag is not looked at) in one sweep over the
/// groups, equal to Python Gnocchi's to the bit: docs/formats/series.md, "Aggregation".
Reduced reduce(std::span<const double> values, Groups groups, std::span<const Method> methods);

}  // namespace gnocchi::timeseries
