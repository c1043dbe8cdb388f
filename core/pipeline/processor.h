#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "core/pipeline/plan_cache.h"
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

/// Turns pending measures into stored aggregates, a sack at a time. Any number of threads.
class Processor {
 public:
  /// With `touch_metrics`, the index learns when a metric was last processed.
  Processor(StorageDriver& storage, IncomingDriver& incoming, IndexerDriver& indexer,
            CoordinatorDriver& coordinator, plugin::Log& log, bool touch_metrics = false);

  /// Takes the sack's lock, waiting up to `wait` for it, and makes one pass. Measures of metrics
  /// that are deleted or unknown are dropped. Damaged objects cost their own metric only. Throws
  /// Error when storage, incoming or the index fail; then nothing was acknowledged.
  PassReport process_sack(SackNumber sack, std::chrono::milliseconds wait);

  /// Processes whatever is pending of these metrics (and of the sacks they are in). False if a
  /// sack stayed locked for `timeout`.
  [[nodiscard]] bool refresh(std::span<const MetricId> metrics, std::chrono::milliseconds timeout);

  /// The lock's name: hex SHA-1 of "gnocchi-sack-<sack name>-lock", as Python's metricd takes it.
  std::string lock_name(SackNumber sack) const;

 private:
  void store(const SackBatch& batch, HeldLock& lock, PassReport& report);

  StorageDriver& storage_;
  IncomingDriver& incoming_;
  IndexerDriver& indexer_;
  CoordinatorDriver& coordinator_;
  plugin::Log& log_;
  PlanCache plans_;
  bool touch_metrics_;
};

}  // namespace gnocchi::pipeline
