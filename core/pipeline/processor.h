#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/pipeline/pass_stats.h"
#include "core/pipeline/plan_cache.h"
#include "core/pipeline/raw_cache.h"
#include "core/timeseries/removal.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::pipeline {

/// What processing a sack came to.
struct PassReport {
  bool locked = false;  ///< somebody else has the sack; nothing was done
  std::uint64_t metrics = 0;
  std::uint64_t measures = 0;
  bool more = false;  ///< a limit cut the pass; call again
};

/// How far what the index knows of a metric's last measures may lag behind, so that not every pass
/// has to write it.
constexpr Timespan tracking_slack(Timespan inactive_after) noexcept { return inactive_after / 10; }

/// The name of a lock, as Python Gnocchi takes it: hex SHA-1 of "gnocchi-sack-<what>-lock".
std::string lock_name_of(std::string_view what);

/// Turns pending measures into stored aggregates, a sack at a time. Any number of threads.
class Processor {
 public:
  /// `inactive_after`: see track_activity().
  Processor(StorageDriver& storage, IncomingDriver& incoming, IndexerDriver& indexer,
            CoordinatorDriver& coordinator, plugin::Log& log, Timespan inactive_after = {});

  /// Not 0: from now on the index learns when a metric was last processed, to within
  /// tracking_slack(), and a resource that has ended and gets a measure of a later time goes on.
  void track_activity(Timespan inactive_after) noexcept { inactive_after_ = inactive_after; }

  /// From now on as many bytes of raw series as it has written are remembered (RawCache). 0, as at
  /// first: none; each pass reads those of its metrics.
  void remember_raw(std::size_t max_bytes) { raw_cache_.set_max_bytes(max_bytes); }

  /// Takes the sack's lock, waiting up to `wait` for it, and makes one pass. Measures of metrics
  /// that are deleted or unknown are dropped. Damaged objects cost their own metric only. Throws
  /// Error when storage, incoming or the index fail; then nothing was acknowledged.
  PassReport process_sack(SackNumber sack, std::chrono::milliseconds wait);
  /// The same for several sacks in one pass, so that they share the index's query and the storage's
  /// sync; one report each, in order. Sacks that do not fit into a pass have `more`.
  std::vector<PassReport> process_sacks(std::span<const SackNumber> sacks,
                                        std::chrono::milliseconds wait);

  /// Processes whatever is pending of these metrics (and of the sacks they are in). False if a
  /// sack stayed locked for `timeout`.
  [[nodiscard]] bool refresh(std::span<const MetricId> metrics, std::chrono::milliseconds timeout);

  /// Takes a range of time out of the metric: pending measures first, which never take effect then,
  /// then what is stored (remove_measures). Processes what else is pending in the metric's sack.
  /// False if the sack stayed locked, or had more pending than could be read, for `timeout`; the
  /// call may then be repeated. What is accepted while it runs may stay.
  [[nodiscard]] bool remove_measures(const Metric& metric, const timeseries::TimeRange& range,
                                     std::chrono::milliseconds timeout);

  /// The name of the sack's lock.
  std::string lock_name(SackNumber sack) const;

  const PassStats& stats() const noexcept { return stats_; }
  /// Passes, and the caches of plans and raw series. `origin`: PassStats::describe.
  void describe(std::string_view origin, stats::Text& text) const;

 private:
  /// A sack in hand, and what was read of it.
  struct Taken {
    SackNumber sack;
    HeldLock* lock;
    PassReport* report;
    SackBatch batch{};
  };
  std::vector<PassReport> pass(std::span<const SackNumber> sacks, std::chrono::milliseconds wait);
  /// A range of time of which the pending measures of one metric are dropped.
  struct Cut {
    MetricId metric;
    timeseries::TimeRange range;
  };
  void drain(std::vector<Taken>& taken, const Cut* cut);
  void store(std::span<const Taken> taken, const Cut* cut);
  void track(std::span<const Metric> metrics, std::span<const Timestamp> newest, Timespan slack);

  StorageDriver& storage_;
  IncomingDriver& incoming_;
  IndexerDriver& indexer_;
  CoordinatorDriver& coordinator_;
  plugin::Log& log_;
  PlanCache plans_;
  RawCache raw_cache_;
  std::atomic<Timespan> inactive_after_;
  PassStats stats_;
};

}  // namespace gnocchi::pipeline
