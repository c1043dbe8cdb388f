#include "core/timeseries/bound_series.h"

#include <algorithm>
#include <vector>

#include "core/timeseries/time_grid.h"

namespace gnocchi::timeseries {
namespace {

std::int64_t ns_of(const Measure& measure) noexcept {
  return measure.timestamp.time_since_epoch().count();
}

/// Appends measures that are in order of time, of equal times in order of arrival.
void append_ordered(std::span<const Measure> measures, FreshPoints& points) {
  points.times.reserve(measures.size());
  points.values.reserve(measures.size());
  for (const Measure& measure : measures) {
    const std::int64_t time = ns_of(measure);
    if (time < 0) continue;
    if (!points.times.empty() && points.times.back() == time) {
      points.values.back() = measure.value;
      continue;
    }
    points.times.push_back(time);
    points.values.push_back(measure.value);
  }
}

}  // namespace

std::int64_t first_block_ns(const AggregationPlan& plan, std::int64_t last_ns) noexcept {
  const std::int64_t block = plan.block_size().count();
  const std::int64_t window = saturating_multiply(block, plan.back_window_blocks());
  return saturating_add(floor_time(last_ns, block), -window);
}

FreshPoints sorted(std::span<const Measure> measures) {
  const auto earlier = [](const Measure& a, const Measure& b) { return a.timestamp < b.timestamp; };
  FreshPoints points;
  if (std::is_sorted(measures.begin(), measures.end(), earlier)) {
    append_ordered(measures, points);
    return points;
  }
  std::vector<Measure> copy(measures.begin(), measures.end());
  std::stable_sort(copy.begin(), copy.end(), earlier);
  append_ordered(copy, points);
  return points;
}

}  // namespace gnocchi::timeseries
