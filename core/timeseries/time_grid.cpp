#include "core/timeseries/time_grid.h"

#include <bit>
#include <cmath>

namespace gnocchi::timeseries {
namespace {

// Doubles hold all integers up to here.
constexpr std::int64_t kExactDouble = std::int64_t{1} << 53;

/// Whether the multiples of `step` around `time` are doubles.
bool grid_fits_double(std::int64_t time, std::int64_t step) noexcept {
  const int excess = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(time))) - 53;
  const std::uint64_t spacing = std::uint64_t{1} << excess;
  return (static_cast<std::uint64_t>(step) & (spacing - 1)) == 0;
}

}  // namespace

std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? kEarliest : kLatest;
}

std::int64_t saturating_multiply(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a < 0) == (b < 0) ? kLatest : kEarliest;
}

std::int64_t floor_exact(std::int64_t time, std::int64_t step) noexcept {
  const std::int64_t rest = time % step;
  if (rest >= 0) return time - rest;
  return saturating_add(time - rest, -step);
}

std::int64_t floor_time(std::int64_t time, std::int64_t step) noexcept {
  if (time < kExactDouble || !grid_fits_double(time, step)) return floor_exact(time, step);
  const double steps = std::floor(static_cast<double>(time) / static_cast<double>(step));
  return saturating_multiply(static_cast<std::int64_t>(steps), step);
}

std::int64_t split_start(std::int64_t time, std::int64_t granularity) noexcept {
  const std::int64_t span = saturating_multiply(granularity, kPointsPerSplit);
  // A split longer than all time there is: the Epoch's is the only one.
  if (span == kLatest) return time >= 0 ? 0 : kEarliest;
  return floor_exact(time, span);
}

std::int64_t next_split(std::int64_t start, std::int64_t granularity) noexcept {
  return saturating_add(start, saturating_multiply(granularity, kPointsPerSplit));
}

std::int64_t nearest_split(std::int64_t start_ns, std::int64_t granularity_ns) noexcept {
  const std::int64_t half = saturating_multiply(granularity_ns, kPointsPerSplit / 2);
  return split_start(saturating_add(start_ns, half), granularity_ns);
}

}  // namespace gnocchi::timeseries
