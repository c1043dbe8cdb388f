#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace gnocchi::query {

/// mean, median, std, min, max, sum, var, count, and "rate:" of each.
bool is_rolling_method(std::string_view method) noexcept;

/// The method over every `window` successive values (1 to values.size()), NaNs left out as numpy's
/// nanmean and its like do; std and var divide by the count. A rate: method gives the differences
/// of successive results, one fewer.
std::vector<double> rolling(std::string_view method, std::span<const double> values,
                            std::size_t window);

}  // namespace gnocchi::query
