#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/timeseries/resample.h"
#include "core/timeseries/series.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"
#include "gnocchi/types.h"

namespace gnocchi::query {

/// One aggregate asked of one metric.
struct AggregateRef {
  MetricId metric;
  std::string method;
  Timespan granularity{};
  std::optional<Timespan> timespan;  ///< of the archive policy; points older than that are left out
};

/// From `start`, floored to the granularity, up to but without `stop`.
struct Range {
  std::optional<Timestamp> start;
  std::optional<Timestamp> stop;
};

/// How to group stored points anew: by a span of time or of the calendar.
using Resampling = std::variant<Timespan, timeseries::CalendarGroup>;

/// Reads stored aggregates back, one series per ref, in order; empty where nothing is stored. With
/// `by`, each series is grouped anew by its own method before the range is cut out of it. One
/// batched listing and one batched read for all. A split that cannot be decoded is logged with its
/// metric and left out.
std::vector<timeseries::Series> read_aggregates(StorageDriver& storage, plugin::Log& log,
                                                std::span<const AggregateRef> refs,
                                                const Range& range,
                                                const std::optional<Resampling>& by = std::nullopt);

}  // namespace gnocchi::query
