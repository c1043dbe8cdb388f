#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/timeseries/aggregation.h"
#include "core/timeseries/reduce.h"
#include "core/timeseries/series.h"

namespace gnocchi::timeseries {

/// Points of one aggregate, borrowed.
struct AggregateColumn {
  std::span<const std::int64_t> times;
  std::span<const double> values;
  bool empty() const noexcept { return times.empty(); }
};

/// All aggregates of one granularity, as far back as new points change them.
class Aggregates {
 public:
  /// Aggregates `raw` by all methods of the plan, from the group of `changed_ns` on.
  Aggregates(const AggregationPlan& plan, const Series& raw, std::int64_t granularity_ns,
             std::int64_t changed_ns);

  /// `method`: an index of the plan's methods.
  AggregateColumn column(const AggregationPlan& plan, std::size_t method) const noexcept;

 private:
  Reduced plain_;
  Reduced rate_;
};

}  // namespace gnocchi::timeseries
