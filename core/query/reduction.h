#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gnocchi::query {

/// What many values come to, NaNs left out, as numpy's nanmean and its like have it; var and std
/// divide by the count. Results equal numpy's: sums and what is made of them to the bit, since
/// values are added in numpy's own order.
struct Reduction {
  enum class Base : std::uint8_t { mean, median, std, min, max, sum, var, count };
  Base base = Base::mean;
  bool rate = false;  ///< of the results, the differences of successive ones: one fewer

  /// "mean", "rate:max", ...; nullopt: none of them.
  static std::optional<Reduction> parse(std::string_view name) noexcept;
};

/// One result for each row of columns of `rows` values. Does not look at `rate`.
std::vector<double> reduce_rows(Reduction::Base base, std::span<const std::vector<double>> columns,
                                std::size_t rows);

/// One result for each `window` (1 to values.size()) of successive values. Does not look at `rate`.
/// Takes time in proportion to window x results.
std::vector<double> reduce_windows(Reduction::Base base, std::span<const double> values,
                                   std::size_t window);

/// The sum as numpy adds up values that lie side by side: in pairs of blocks of 128.
double pairwise_sum(std::span<const double> values) noexcept;

}  // namespace gnocchi::query
