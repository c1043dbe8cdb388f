#pragma once

#include <cstddef>

namespace gnocchi::index {

/// Longest name and unit of a metric, in characters: what the index has room for.
inline constexpr std::size_t kMaxMetricName = 255;
inline constexpr std::size_t kMaxMetricUnit = 31;

}  // namespace gnocchi::index
