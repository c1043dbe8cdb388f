#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "gnocchi/archive_policy.h"
#include "gnocchi/types.h"

namespace gnocchi::query {

/// One aggregate asked of one metric.
struct AggregateRef {
  MetricId metric;
  std::string method;
  Timespan granularity{};
  std::optional<Timespan> timespan;  ///< of the archive policy; points older than that are left out
  /// The metric's, by which pending measures are aggregated; null: they are not looked at.
  std::shared_ptr<const ArchivePolicy> policy;
};

/// From `start`, floored to the granularity, up to but without `stop`.
struct Range {
  std::optional<Timestamp> start;
  std::optional<Timestamp> stop;
};

/// A request would take more memory than the server allows one to.
class TooManyPoints : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace gnocchi::query
