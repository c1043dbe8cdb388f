#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/timeseries/aggregation.h"
#include "core/timeseries/series.h"
#include "gnocchi/storage.h"

namespace gnocchi::timeseries {

/// What new measures change of one metric: the pure heart of metricd.
///
/// Steps, so that the caller can batch the reads of many metrics:
///   MetricPass pass(plan, metric, partial_writes);
///   pass.start(raw, measures);             // decodes, merges, aggregates
///   if (pass.wants_split_list()) pass.take_split_list(list);
///   pass.reads()                           // splits to be read and merged, none for most passes
///   MetricWrites writes = pass.finish(objects);
/// No I/O, no clock, one thread. start() and finish() throw Error{corrupt_data} naming the object
/// that cannot be decoded and leave the pass as it was: the caller may give the metric up, or set
/// the object aside and call again without it (nullopt).
class MetricPass {
 public:
  /// `plan` outlives the pass.
  MetricPass(const AggregationPlan& plan, MetricId metric, bool partial_writes);
  MetricPass(MetricPass&&) noexcept;
  MetricPass& operator=(MetricPass&&) noexcept;
  ~MetricPass();

  /// `raw`: the stored raw series, nullopt or empty if there is none. `measures` in order of
  /// arrival, any order of time; of equal times the last counts. Without measures, or with none
  /// but too old ones where nothing is stored, the pass changes nothing.
  void start(std::optional<BytesView> raw, std::span<const Measure> measures);

  /// The back window moved over a split border: old splits may have to go or be rewritten.
  bool wants_split_list() const noexcept;
  /// All splits of the metric, of whichever method and granularity, in any order.
  void take_split_list(std::span<const SplitKey> stored);

  /// Splits to be read before finish(): those that are rewritten whole.
  const std::vector<SplitKey>& reads() const noexcept;

  /// `objects`: one per reads(), nullopt where absent. The caller fills in expected_version.
  MetricWrites finish(std::span<const std::optional<StoredObject>> objects);

  /// After a write whose verdict was not_padded: the same pass again with every touched split
  /// rewritten whole. Then reads() and finish() once more.
  void rewrite_whole();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnocchi::timeseries
