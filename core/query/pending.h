#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/query/aggregate_ref.h"
#include "core/timeseries/pass.h"
#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::query {

/// The measures of a query's metrics that wait to be processed, and what a pass of metricd would
/// make of them: computed by the same timeseries::MetricPass, in memory, of the aggregates asked
/// for alone.
///
/// Passes go on meanwhile, so the order of reads matters: what is pending first, then the raw
/// series, then lists of splits, then splits. A pass writes splits, then the raw series, and only
/// then acknowledges. Hence
/// - a measure that is no longer pending is in the raw series and splits read after that;
/// - a measure that a raw series has, or has dropped as old, is in the splits read after it;
/// - a measure that is still pending though a pass has stored it is applied twice, and equal
///   timestamps replace each other. If nothing pending is new to the raw series, the splits are
///   taken as they are (the pass may have shortened the raw series since, which then no longer
///   gives the oldest groups).
/// The other way round a pass that ends in between would take measures out of sight.
///
/// One query, one thread.
class Pending {
 public:
  /// `splits`: admits those of the refs that the range touches, of which alone it matters whether a
  /// pass removes them. Everything must outlive it.
  Pending(StorageDriver& storage, plugin::Log& log, std::span<const AggregateRef> refs,
          const Range& range, const SplitFilter& splits);

  /// Reads what is pending of `metrics`, those of the refs, each once (refs without an archive
  /// policy are passed over), and computes. One call of the incoming driver, two for many metrics;
  /// where there is anything, two of storage for each hundred metrics. False: more than about
  /// `max_bytes` are pending; then it is as if nothing was. Damaged bundles and raw series are left
  /// out, as a pass does. Throws TooManyPoints if more than `max_points` points change.
  [[nodiscard]] bool read(IncomingDriver& incoming, std::span<const MetricId> metrics,
                          std::size_t max_bytes, std::size_t max_points);

  /// Whether nothing changes.
  bool empty() const noexcept { return previews_.empty(); }
  /// What changes of the aggregate of a ref, of the splits that the range touches.
  const timeseries::AggregatePreview& of(std::size_t ref) const noexcept;

 private:
  struct Waiting;
  std::vector<Waiting> decode(std::span<const MetricId> metrics,
                              const std::vector<std::vector<Bytes>>& bundles) const;
  void gather_refs(std::vector<Waiting>& waiting) const;
  void compute(std::span<Waiting> waiting, std::size_t max_points);
  timeseries::MetricPass start(const Waiting& waiting,
                               const std::optional<StoredObject>& stored) const;
  void keep_previews(const Waiting& waiting, const timeseries::MetricPass& pass,
                     std::size_t max_points);

  StorageDriver& storage_;
  plugin::Log& log_;
  std::span<const AggregateRef> refs_;
  const Range& range_;
  const SplitFilter& splits_;
  std::unordered_map<std::size_t, timeseries::AggregatePreview> previews_;  ///< by ref
  std::size_t points_ = 0;
};

}  // namespace gnocchi::query
