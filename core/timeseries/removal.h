#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/timeseries/aggregation.h"
#include "core/timeseries/time_grid.h"
#include "gnocchi/storage.h"

namespace gnocchi::timeseries {

/// From `start_ns` up to but without `stop_ns`, in ns since the Epoch.
struct TimeRange {
  std::int64_t start_ns = kEarliest;
  std::int64_t stop_ns = kLatest;
  bool contains(std::int64_t time_ns) const noexcept {
    return time_ns >= start_ns && time_ns < stop_ns;
  }
};

/// What taking a range of time out of one metric changes.
///
/// Raw points in the range go. Of the aggregates, groups wholly in the range go; groups that it
/// covers in part (and the group of the next point after it, whose rate: has another predecessor
/// now) are made anew where the raw series still holds all their points, and else stay as they
/// are, the points taken out included.
///
/// Steps, so that the caller can batch the reads:
///   MeasureRemoval removal(plan, metric, range, partial_writes);
///   removal.start(raw);
///   removal.take_split_list(list);
///   MetricWrites writes = removal.finish(objects);  // of removal.reads()
/// No I/O, no clock, one thread. start() and finish() throw Error{corrupt_data} naming the object
/// that cannot be decoded and may be called again without it (nullopt).
class MeasureRemoval {
 public:
  /// `plan` outlives the removal.
  MeasureRemoval(const AggregationPlan& plan, MetricId metric, const TimeRange& range,
                 bool partial_writes);
  MeasureRemoval(MeasureRemoval&&) noexcept;
  MeasureRemoval& operator=(MeasureRemoval&&) noexcept;
  ~MeasureRemoval();

  /// `raw`: the stored raw series, nullopt or empty if there is none.
  void start(std::optional<BytesView> raw);
  /// All splits of the metric, of whichever method and granularity, in any order.
  void take_split_list(std::span<const SplitKey> stored);
  /// Splits to be read before finish(): those that keep some of their points.
  const std::vector<SplitKey>& reads() const noexcept;
  /// `objects`: one per reads(), nullopt where absent. The caller fills in expected_version.
  MetricWrites finish(std::span<const std::optional<StoredObject>> objects) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnocchi::timeseries
