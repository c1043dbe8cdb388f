#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/timeseries/removal.h"
#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::pipeline {

/// The measures that a pass has taken, together in one block of memory: of each metric in order of
/// arrival, one metric after the other in the order of their ids, as indexes and storage have them.
class PassMeasures {
 public:
  /// A bundle that cannot be decoded is logged and left out: acknowledging its batch removes it.
  PassMeasures(std::span<const SackBatch* const> batches, plugin::Log& log);

  /// Leaves out what a metric has in the range.
  void drop(const MetricId& metric, const timeseries::TimeRange& range);

  bool empty() const noexcept { return parts_.empty(); }
  /// Of those that have any measures, ascending.
  std::vector<MetricId> metrics() const;
  /// The measures of a metric, none if it has none; until the next drop(). Quick where metrics are
  /// asked for one after the other.
  std::span<const Measure> of(const MetricId& metric);

 private:
  struct Part {
    MetricId metric;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::vector<Part>::iterator find(const MetricId& metric);

  std::vector<Measure> measures_;
  std::vector<Part> parts_;  ///< ascending, none empty
  std::size_t next_ = 0;     ///< the part after the one that was asked for last
};

}  // namespace gnocchi::pipeline
