#include "core/metricd/janitor.h"

#include <chrono>
#include <map>
#include <vector>

namespace gnocchi::metricd {

std::uint64_t expunge_metrics(StorageDriver& storage, IncomingDriver& incoming,
                              IndexerDriver& indexer, CoordinatorDriver& coordinator,
                              const pipeline::Processor& processor, plugin::Log& log,
                              std::uint32_t batch_size) {
  MetricQuery query;
  query.status = MetricStatus::deleted;
  query.limit = batch_size;
  const std::uint32_t sack_count = incoming.sack_count();
  std::map<SackNumber, std::vector<MetricId>> by_sack;
  for (const Metric& metric : indexer.metrics().list(query)) {
    by_sack[sack_of(metric.id, sack_count)].push_back(metric.id);
  }

  std::uint64_t removed = 0;
  for (const auto& [sack, metrics] : by_sack) {
    const auto lock = coordinator.lock(processor.lock_name(sack), std::chrono::milliseconds(0));
    if (!lock) continue;
    storage.remove_metrics(metrics);
    indexer.metrics().expunge(metrics);
    removed += metrics.size();
  }
  if (removed > 0) log.info("deleted metrics removed count=" + std::to_string(removed));
  return removed;
}

}  // namespace gnocchi::metricd
