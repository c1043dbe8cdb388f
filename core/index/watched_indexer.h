#pragma once

#include <memory>

#include "core/index/metric_cache.h"
#include "gnocchi/indexer.h"

namespace gnocchi::index {

/// An index that tells a MetricCache of every change made through it, failed ones too: a lost
/// connection leaves open whether the change was made. Otherwise it is the index behind it, which
/// outlives it, as the cache does. Any thread.
class WatchedIndexer final : public IndexerDriver {
 public:
  WatchedIndexer(IndexerDriver& indexer, MetricCache& cache);
  ~WatchedIndexer() override;

  void start() override { indexer_.start(); }
  void stop() noexcept override { indexer_.stop(); }
  std::vector<OperationCount> operations() const override { return indexer_.operations(); }
  void upgrade() override { indexer_.upgrade(); }
  ArchivePolicyIndex& archive_policies() override { return indexer_.archive_policies(); }
  ResourceTypeIndex& resource_types() override { return indexer_.resource_types(); }
  ResourceIndex& resources() override;
  MetricIndex& metrics() override;

 private:
  class Resources;
  class Metrics;

  IndexerDriver& indexer_;
  std::unique_ptr<Resources> resources_;
  std::unique_ptr<Metrics> metrics_;
};

}  // namespace gnocchi::index
