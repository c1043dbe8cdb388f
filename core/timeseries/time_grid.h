#pragma once

#include <cstdint>
#include <limits>

/// Arithmetic on times that are multiples of a step since the Epoch. All times are ns since the
/// Epoch, all steps positive ns; nothing here overflows, whatever the archive policy says.
namespace gnocchi::timeseries {

/// A split holds this many steps of its granularity.
inline constexpr std::int64_t kPointsPerSplit = 3600;

inline constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max();

std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept;
std::int64_t saturating_multiply(std::int64_t a, std::int64_t b) noexcept;

/// The greatest multiple of `step` that is not after `time`. For times on the grid of a
/// granularity.
std::int64_t floor_exact(std::int64_t time, std::int64_t step) noexcept;

/// The group that a point of the raw series belongs to. Gnocchi divides in doubles, which carry a
/// time of our days to within 128 ns, so a point less than that before a border goes to the group
/// after it. The same happens here, except where the step is so uneven that doubles could not hold
/// its multiples either (0.25 s, a seventh of a minute): there it is floor_exact.
std::int64_t floor_time(std::int64_t time, std::int64_t step) noexcept;

/// The start of the split that holds `time`, a time on the grid of `granularity`.
std::int64_t split_start(std::int64_t time, std::int64_t granularity) noexcept;

/// The start of the split after the one that starts at `start`.
std::int64_t next_split(std::int64_t start, std::int64_t granularity) noexcept;

/// The start of the split that a name means: it holds the start as a double of seconds, which may
/// be off by some hundred ns.
std::int64_t nearest_split(std::int64_t start_ns, std::int64_t granularity_ns) noexcept;

}  // namespace gnocchi::timeseries
