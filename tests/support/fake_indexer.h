#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>

#include "gnocchi/indexer.h"

namespace gnocchi::support {

/// Metrics and archive policies in maps: what the pipeline asks of an index, and nothing else.
/// The roles and methods that the pipeline never calls refuse.
class FakeIndexer : public IndexerDriver, private ArchivePolicyIndex, private MetricIndex {
 public:
  void start() override {}
  void stop() noexcept override {}
  void upgrade() override {}
  ArchivePolicyIndex& archive_policies() override { return *this; }
  ResourceTypeIndex& resource_types() override { refuse(); }
  ResourceIndex& resources() override { refuse(); }
  MetricIndex& metrics() override { return *this; }

  void put(const ArchivePolicy& policy) { policies_[policy.name] = policy; }
  MetricId put_metric(const std::string& policy) {
    Metric metric;
    metric.id = MetricId(Uuid::random());
    metric.archive_policy_name = policy;
    const std::scoped_lock guard(mutex_);
    metrics_[metric.id] = metric;
    return metric.id;
  }
  Metric stored(const MetricId& id) const {
    const std::scoped_lock guard(mutex_);
    return metrics_.at(id);
  }
  bool has_metric(const MetricId& id) const {
    const std::scoped_lock guard(mutex_);
    return metrics_.contains(id);
  }

  void mark_deleted(const MetricId& id) override {
    const std::scoped_lock guard(mutex_);
    metrics_.at(id).status = MetricStatus::deleted;
  }

  /// Called when metrics were read and are about to be handed out.
  std::function<void(std::span<const MetricId>)> on_get;

 private:
  [[noreturn]] static void refuse() { throw Error(Error::Code::internal, "not asked for"); }

  std::vector<ArchivePolicy> list() override {
    std::vector<ArchivePolicy> all;
    for (const auto& entry : policies_) all.push_back(entry.second);
    return all;
  }
  std::optional<ArchivePolicy> get(std::string_view name) override {
    const auto found = policies_.find(std::string(name));
    return found == policies_.end() ? std::nullopt : std::optional(found->second);
  }
  void create(const ArchivePolicy&) override { refuse(); }
  void update(const ArchivePolicy&) override { refuse(); }
  void remove(std::string_view) override { refuse(); }
  std::vector<ArchivePolicyRule> list_rules() override { refuse(); }
  std::optional<ArchivePolicyRule> get_rule(std::string_view) override { refuse(); }
  void create_rule(const ArchivePolicyRule&) override { refuse(); }
  ArchivePolicyRule rename_rule(std::string_view, std::string_view) override { refuse(); }
  void remove_rule(std::string_view) override { refuse(); }

  std::vector<Metric> list(const MetricQuery& query) override {
    const std::scoped_lock guard(mutex_);
    std::vector<Metric> found;
    for (const auto& [id, metric] : metrics_) {
      if (metric.status == query.status && (!query.limit || found.size() < *query.limit)) {
        found.push_back(metric);
      }
    }
    return found;
  }
  std::vector<Metric> get(std::span<const MetricId> ids, bool) override {
    std::vector<Metric> found = find(ids);
    if (on_get) on_get(ids);
    return found;
  }
  std::vector<Metric> find(std::span<const MetricId> ids) const {
    const std::scoped_lock guard(mutex_);
    std::vector<Metric> found;
    for (const MetricId& id : ids) {
      const auto metric = metrics_.find(id);
      if (metric != metrics_.end() && metric->second.status == MetricStatus::active) {
        found.push_back(metric->second);
      }
    }
    return found;
  }
  std::vector<Metric> get_named(std::span<const NamedMetric>, bool) override { refuse(); }
  Metric create(const NewMetric&) override { refuse(); }
  std::vector<MetricCreation> create(std::span<const NewMetric>) override { refuse(); }
  void expunge(std::span<const MetricId> ids) override {
    const std::scoped_lock guard(mutex_);
    for (const MetricId& id : ids) metrics_.erase(id);
  }
  void touch(std::span<const MetricId>, Timestamp, Timespan) override { refuse(); }
  void unmark_truncated(std::span<const MetricId>, const ArchivePolicy&) override { refuse(); }

  mutable std::mutex mutex_;
  std::map<std::string, ArchivePolicy> policies_;
  std::map<MetricId, Metric> metrics_;
};

}  // namespace gnocchi::support
