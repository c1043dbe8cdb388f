#pragma once

#include <memory>
#include <optional>

#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"
#include "indexer-sql/archive_policies.h"
#include "indexer-sql/db.h"
#include "indexer-sql/metrics.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/resources.h"

namespace gnocchi::sql {

/// An indexer over SQL; what differs between databases is in the dialect.
class SqlIndexer : public IndexerDriver {
 public:
  /// `patient`: for changes of tables, which may take long; null: the same as for the rest.
  SqlIndexer(std::unique_ptr<const Dialect> dialect, std::unique_ptr<const Dialect> patient,
             const DbOptions& options, plugin::Log& log);

  void start() override;
  void stop() noexcept override;
  void upgrade() override;

  ArchivePolicyIndex& archive_policies() override { return archive_policies_; }
  ResourceTypeIndex& resource_types() override { return resource_types_; }
  ResourceIndex& resources() override { return resources_; }
  MetricIndex& metrics() override { return metrics_; }

 private:
  const std::unique_ptr<const Dialect> dialect_;
  const std::unique_ptr<const Dialect> patient_dialect_;
  Db db_;
  std::optional<Db> patient_db_;
  SqlArchivePolicies archive_policies_;
  SqlResourceTypes resource_types_;
  SqlResources resources_;
  SqlMetrics metrics_;
};

/// From the driver's options max_pool_size, pool_timeout, lock_wait_timeout and max_retries.
DbOptions db_options(const plugin::Options& options);

}  // namespace gnocchi::sql
