#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/metricd/settings.h"
#include "core/pipeline/processor.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::metricd {

/// What metricd does every metric_cleanup_delay beside processing. Any number of janitors, Python's
/// too, may run at once: locks of the same names keep them apart, what is locked is left for the
/// next run, and every step may be repeated after a crash. One thread; all it is lent outlives it.
class Janitor {
 public:
  Janitor(const Settings& settings, StorageDriver& storage, IncomingDriver& incoming,
          IndexerDriver& indexer, CoordinatorDriver& coordinator,
          const pipeline::Processor& processor, plugin::Log& log);

  /// All of the steps below that the settings ask for. What one of them throws is logged and does
  /// not keep the others from their turn.
  void run();

  /// Removes the data, then the rows, of up to cleanup_batch_size metrics marked as deleted, under
  /// each sack's lock, so that no pass that still saw the metric alive writes it again. Their
  /// pending measures are dropped by the next pass over the sack. Returns how many it removed.
  std::uint64_t expunge_metrics();

  /// Cuts the raw series of up to cleanup_batch_size metrics whose archive policy keeps a smaller
  /// back window than it did. Returns how many it took the mark from.
  std::uint64_t truncate_raw_series();

  /// Sets ended_at of up to cleanup_batch_size resources all of whose metrics had no measures for
  /// metric_inactive_after. Returns how many.
  std::uint64_t end_inactive_resources(Timestamp now);

  /// Removes up to cleanup_batch_size resources, with their metrics, that ended longer than
  /// resource_cleanup_after ago; a dry run only tells the log. Returns how many.
  std::uint64_t remove_expired_resources(Timestamp now);

 private:
  void step(const char* name, const std::function<void()>& work);
  template <class Work>
  void by_sack(std::span<const Metric> metrics, Work work);

  const Settings& settings_;
  StorageDriver& storage_;
  IncomingDriver& incoming_;
  IndexerDriver& indexer_;
  CoordinatorDriver& coordinator_;
  const pipeline::Processor& processor_;
  plugin::Log& log_;
};

}  // namespace gnocchi::metricd
