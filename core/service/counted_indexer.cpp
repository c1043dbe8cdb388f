#include <utility>

#include "core/service/counted_drivers.h"

namespace gnocchi::service {
namespace {

class CountedPolicies final : public ArchivePolicyIndex {
 public:
  CountedPolicies(IndexerDriver& driver, DriverCalls& calls) : driver_(driver), calls_(calls) {}

  std::vector<ArchivePolicy> list() override {
    return calls_.timed([&] { return role().list(); });
  }
  std::optional<ArchivePolicy> get(std::string_view name) override {
    return calls_.timed([&] { return role().get(name); });
  }
  void create(const ArchivePolicy& policy) override {
    calls_.timed([&] { role().create(policy); });
  }
  void update(const ArchivePolicy& policy) override {
    calls_.timed([&] { role().update(policy); });
  }
  void remove(std::string_view name) override {
    calls_.timed([&] { role().remove(name); });
  }
  std::vector<ArchivePolicyRule> list_rules() override {
    return calls_.timed([&] { return role().list_rules(); });
  }
  std::optional<ArchivePolicyRule> get_rule(std::string_view name) override {
    return calls_.timed([&] { return role().get_rule(name); });
  }
  void create_rule(const ArchivePolicyRule& rule) override {
    calls_.timed([&] { role().create_rule(rule); });
  }
  ArchivePolicyRule rename_rule(std::string_view name, std::string_view new_name) override {
    return calls_.timed([&] { return role().rename_rule(name, new_name); });
  }
  void remove_rule(std::string_view name) override {
    calls_.timed([&] { role().remove_rule(name); });
  }

 private:
  ArchivePolicyIndex& role() { return driver_.archive_policies(); }

  IndexerDriver& driver_;
  DriverCalls& calls_;
};

class CountedTypes final : public ResourceTypeIndex {
 public:
  CountedTypes(IndexerDriver& driver, DriverCalls& calls) : driver_(driver), calls_(calls) {}

  std::vector<ResourceType> list() override {
    return calls_.timed([&] { return role().list(); });
  }
  std::optional<ResourceType> get(std::string_view name) override {
    return calls_.timed([&] { return role().get(name); });
  }
  ResourceType create(const ResourceType& type) override {
    return calls_.timed([&] { return role().create(type); });
  }
  ResourceType update(std::string_view name, std::span<const NewAttribute> added,
                      const std::map<std::string, AttributeSpec>& changed,
                      std::span<const std::string> removed) override {
    return calls_.timed([&] { return role().update(name, added, changed, removed); });
  }
  void remove(std::string_view name) override {
    calls_.timed([&] { role().remove(name); });
  }

 private:
  ResourceTypeIndex& role() { return driver_.resource_types(); }

  IndexerDriver& driver_;
  DriverCalls& calls_;
};

class CountedResources final : public ResourceIndex {
 public:
  CountedResources(IndexerDriver& driver, DriverCalls& calls) : driver_(driver), calls_(calls) {}

  std::optional<Resource> get(std::string_view type, const ResourceId& id,
                              bool with_metrics) override {
    return calls_.timed([&] { return role().get(type, id, with_metrics); });
  }
  std::vector<ResolvedId> resolve(std::span<const ResourceId> ids) override {
    return calls_.timed([&] { return role().resolve(ids); });
  }
  std::vector<Resource> list(const ResourceQuery& query) override {
    return calls_.timed([&] { return role().list(query); });
  }
  std::vector<ResourceMetric> list_metrics(const ResourceMetricQuery& query) override {
    return calls_.timed([&] { return role().list_metrics(query); });
  }
  std::vector<std::vector<Value>> list_values(const ResourceValuesQuery& query) override {
    return calls_.timed([&] { return role().list_values(query); });
  }
  Resource create(const NewResource& resource) override {
    return calls_.timed([&] { return role().create(resource); });
  }
  std::vector<ResourceCreation> create(std::span<const NewResource> resources) override {
    return calls_.timed([&] { return role().create(resources); });
  }
  Resource update(std::string_view type, const ResourceId& id,
                  const ResourceChange& change) override {
    return calls_.timed([&] { return role().update(type, id, change); });
  }
  void remove(const ResourceId& id) override {
    calls_.timed([&] { role().remove(id); });
  }
  std::uint64_t remove_matching(std::string_view type, const Filter& filter) override {
    return calls_.timed([&] { return role().remove_matching(type, filter); });
  }
  std::vector<ResourceBase> list_inactive(Timestamp since, std::uint32_t limit) override {
    return calls_.timed([&] { return role().list_inactive(since, limit); });
  }

 private:
  ResourceIndex& role() { return driver_.resources(); }

  IndexerDriver& driver_;
  DriverCalls& calls_;
};

class CountedMetrics final : public MetricIndex {
 public:
  CountedMetrics(IndexerDriver& driver, DriverCalls& calls) : driver_(driver), calls_(calls) {}

  std::vector<Metric> list(const MetricQuery& query) override {
    return calls_.timed([&] { return role().list(query); });
  }
  std::vector<Metric> get(std::span<const MetricId> ids, bool with_resource) override {
    return calls_.timed([&] { return role().get(ids, with_resource); });
  }
  std::vector<Metric> get_named(std::span<const NamedMetric> names, bool with_resource) override {
    return calls_.timed([&] { return role().get_named(names, with_resource); });
  }
  Metric create(const NewMetric& metric) override {
    return calls_.timed([&] { return role().create(metric); });
  }
  std::vector<MetricCreation> create(std::span<const NewMetric> metrics) override {
    return calls_.timed([&] { return role().create(metrics); });
  }
  void mark_deleted(const MetricId& id) override {
    calls_.timed([&] { role().mark_deleted(id); });
  }
  void expunge(std::span<const MetricId> ids) override {
    calls_.timed([&] { role().expunge(ids); });
  }
  void touch(std::span<const MetricId> ids, Timestamp now, Timespan slack) override {
    calls_.timed([&] { role().touch(ids, now, slack); });
  }
  void unmark_truncated(std::span<const MetricId> ids, const ArchivePolicy& policy) override {
    calls_.timed([&] { role().unmark_truncated(ids, policy); });
  }

 private:
  MetricIndex& role() { return driver_.metrics(); }

  IndexerDriver& driver_;
  DriverCalls& calls_;
};

class CountedIndexer final : public IndexerDriver {
 public:
  CountedIndexer(std::unique_ptr<IndexerDriver> driver, DriverCalls& calls)
      : driver_(std::move(driver)),
        calls_(calls),
        policies_(*driver_, calls),
        types_(*driver_, calls),
        resources_(*driver_, calls),
        metrics_(*driver_, calls) {}

  void start() override {
    calls_.counted([&] { driver_->start(); });
  }
  void stop() noexcept override { driver_->stop(); }
  std::vector<OperationCount> operations() const override { return driver_->operations(); }
  void upgrade() override {
    calls_.counted([&] { driver_->upgrade(); });
  }
  ArchivePolicyIndex& archive_policies() override { return policies_; }
  ResourceTypeIndex& resource_types() override { return types_; }
  ResourceIndex& resources() override { return resources_; }
  MetricIndex& metrics() override { return metrics_; }

 private:
  const std::unique_ptr<IndexerDriver> driver_;
  DriverCalls& calls_;
  CountedPolicies policies_;
  CountedTypes types_;
  CountedResources resources_;
  CountedMetrics metrics_;
};

}  // namespace

std::unique_ptr<IndexerDriver> counted(std::unique_ptr<IndexerDriver> driver, DriverCalls& calls) {
  return std::make_unique<CountedIndexer>(std::move(driver), calls);
}

}  // namespace gnocchi::service
