#include "core/timeseries/resample.h"

#include <utility>

#include "core/timeseries/differences.h"
#include "core/timeseries/reduce.h"
#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

Series reduced_by_one(std::span<const double> values, Groups groups, const Method& method) {
  const Reduced reduced = reduce(values, std::move(groups), {&method, 1});
  const auto times = reduced.times_of(method.base);
  const auto column = reduced.column(0, method.base);
  return {{times.begin(), times.end()}, {column.begin(), column.end()}};
}

}  // namespace

Series resample(const Series& series, const Method& method, Timespan granularity) {
  std::span<const std::int64_t> times = series.times;
  if (!method.rate) {
    return reduced_by_one(series.values, group_by_granularity(times, granularity.count()), method);
  }
  if (times.empty()) return {};
  const std::vector<double> rates = differences(series.values);
  return reduced_by_one(rates, group_by_granularity(times.subspan(1), granularity.count()), method);
}

Series resample(const Series& series, const Method& method, CalendarGroup group) {
  if (method.rate) {
    throw Refused(Refused::Reason::invalid_value, Refused::Subject::none,
                  "Cannot derive aggregates on calendar granularities.");
  }
  return reduced_by_one(series.values, group_by_calendar(series.times, group), method);
}

}  // namespace gnocchi::timeseries
