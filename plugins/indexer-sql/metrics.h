#pragma once

#include "gnocchi/indexer.h"
#include "indexer-sql/db.h"

namespace gnocchi::sql {

/// "INSERT INTO metric ... VALUES" of one row each.
std::string insert_metrics(const Dialect& dialect, std::span<const NewMetric> metrics);

/// As it stands in the index once it has been created.
Metric created_metric(const NewMetric& metric);

class SqlMetrics final : public MetricIndex {
 public:
  explicit SqlMetrics(Db& db) : db_(db) {}

  std::vector<Metric> list(const MetricQuery& query) override;
  std::vector<Metric> get(std::span<const MetricId> ids, bool with_resource) override;
  std::vector<Metric> get_named(std::span<const NamedMetric> names, bool with_resource) override;
  Metric create(const NewMetric& metric) override;
  std::vector<MetricCreation> create(std::span<const NewMetric> metrics) override;
  void mark_deleted(const MetricId& id) override;
  void expunge(std::span<const MetricId> ids) override;
  void touch(std::span<const MetricId> ids, Timestamp now, Timespan slack) override;
  void unmark_truncated(std::span<const MetricId> ids, const ArchivePolicy& policy) override;

 private:
  Db& db_;
};

}  // namespace gnocchi::sql
