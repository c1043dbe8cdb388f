#include "core/timeseries/grouping.h"

#include <algorithm>

#include "core/timeseries/time_grid.h"

namespace gnocchi::timeseries {
namespace {

// floor_time moves a point by at most half the spacing of doubles at the end of time, 1,024 ns;
// further from a border than this a comparison replaces the division.
constexpr std::int64_t kBorder = 4096;

}  // namespace

Groups group_by_granularity(std::span<const std::int64_t> times, std::int64_t granularity_ns) {
  Groups groups;
  if (times.empty()) return groups;
  const auto span = static_cast<std::uint64_t>(times.back()) -  // ascending, so this is no overflow
                    static_cast<std::uint64_t>(times.front());
  const std::size_t most =
      std::min<std::uint64_t>(times.size(), span / static_cast<std::uint64_t>(granularity_ns) + 2);
  groups.times.reserve(most);
  groups.ends.reserve(most);
  for (std::size_t i = 0; i < times.size();) {
    const std::int64_t group = floor_time(times[i], granularity_ns);
    const std::int64_t surely = saturating_add(group, granularity_ns - kBorder);
    ++i;
    while (i < times.size() &&
           (times[i] < surely || floor_time(times[i], granularity_ns) == group)) {
      ++i;
    }
    groups.times.push_back(group);
    groups.ends.push_back(i);
  }
  return groups;
}

std::size_t first_of_group(std::span<const std::int64_t> times, std::int64_t group_ns,
                           std::int64_t granularity_ns) noexcept {
  auto at = std::lower_bound(times.begin(), times.end(), saturating_add(group_ns, -kBorder));
  while (at != times.end() && floor_time(*at, granularity_ns) < group_ns) ++at;
  return static_cast<std::size_t>(at - times.begin());
}

}  // namespace gnocchi::timeseries
