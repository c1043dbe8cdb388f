#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/timeseries/aggregation.h"
#include "core/timeseries/series.h"
#include "gnocchi/storage.h"

namespace gnocchi::timeseries {

/// What a pass makes of one aggregate.
struct AggregatePreview {
  Series points;                      ///< take the place of stored ones of the same times
  std::vector<std::int64_t> removed;  ///< starts of splits, ns since the Epoch, that go
};

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
  /// The same from a raw series that need not be decoded.
  void start_from(Series stored, std::span<const Measure> measures);

  /// The back window moved over a split border: old splits may have to go or be rewritten.
  bool wants_split_list() const noexcept;
  /// Admits the splits that may have to; where the list is wanted.
  SplitFilter wanted_splits() const;
  /// The metric's splits that wanted_splits() admits, more if need be, in any order.
  void take_split_list(std::span<const SplitKey> stored);

  /// Splits to be read before finish(): those that are rewritten whole.
  const std::vector<SplitKey>& reads() const noexcept;

  /// `objects`: one per reads(), nullopt where absent. The caller fills in expected_version.
  MetricWrites finish(std::span<const std::optional<StoredObject>> objects);

  /// The raw series as finish() has encoded it, for the metric's next pass; the last call to this
  /// one.
  Series take_raw() noexcept;

  /// Whether a measure is new to the raw series, or has another value there. Where none is, storage
  /// may have what the pass would do already.
  bool changes_raw() const noexcept;
  /// What would be stored of one aggregate, for a query that does not wait for it; nothing of one
  /// that the plan does not have. After take_split_list(), where it is wanted.
  AggregatePreview preview(Timespan granularity, std::string_view method) const;

  /// After a write whose verdict was not_padded: the same pass again with every touched split
  /// rewritten whole. Then reads() and finish() once more.
  void rewrite_whole();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnocchi::timeseries
