#include "core/timeseries/aggregates.h"

#include <algorithm>

#include "core/timeseries/differences.h"
#include "core/timeseries/grouping.h"
#include "core/timeseries/time_grid.h"

namespace gnocchi::timeseries {

Aggregates::Aggregates(const AggregationPlan& plan, const Series& raw, std::int64_t granularity_ns,
                       std::int64_t changed_ns) {
  const std::span<const std::int64_t> times = raw.times;
  const std::span<const double> values = raw.values;
  const std::int64_t start = floor_time(changed_ns, granularity_ns);
  const std::size_t first = first_of_group(times, start, granularity_ns);
  if (!plan.plain_methods().empty()) {
    plain_ =
        reduce(values.subspan(first), group_by_granularity(times.subspan(first), granularity_ns),
               plan.plain_methods());
  }
  if (plan.rate_methods().empty()) return;
  // The first difference is to a point of the group before at the most: if there is none, the first
  // point has no rate.
  const auto near =
      std::lower_bound(times.begin(), times.end(), saturating_add(start, -granularity_ns));
  const auto before = std::min(first, static_cast<std::size_t>(near - times.begin()));
  const std::size_t first_rate = std::max(first, before + 1);
  if (first_rate >= times.size()) return;
  const std::vector<double> rates = differences(values.subspan(first_rate - 1));
  rate_ = reduce(rates, group_by_granularity(times.subspan(first_rate), granularity_ns),
                 plan.rate_methods());
}

AggregateColumn Aggregates::column(const AggregationPlan& plan, std::size_t method) const noexcept {
  const Method::Base base = plan.methods()[method].base;
  const std::size_t plain_count = plan.plain_methods().size();
  const bool rate = method >= plain_count;
  const Reduced& reduced = rate ? rate_ : plain_;
  if (reduced.times.empty()) return {};
  return {reduced.times_of(base), reduced.column(rate ? method - plain_count : method, base)};
}

}  // namespace gnocchi::timeseries
