#include "core/index/watched_indexer.h"

#include <utility>

namespace gnocchi::index {
namespace {

/// Runs `forget` once the change is over, however it ended.
template <class Forget>
class Afterwards {
 public:
  explicit Afterwards(Forget forget) : forget_(std::move(forget)) {}
  ~Afterwards() { forget_(); }
  Afterwards(const Afterwards&) = delete;
  Afterwards& operator=(const Afterwards&) = delete;

 private:
  Forget forget_;
};

void forget_attached(MetricCache& cache, const std::vector<MetricAssignment>& metrics) {
  for (const MetricAssignment& metric : metrics) {
    if (metric.existing) cache.forget(*metric.existing);
  }
}

}  // namespace

class WatchedIndexer::Resources final : public ResourceIndex {
 public:
  Resources(IndexerDriver& indexer, MetricCache& cache) : indexer_(indexer), cache_(cache) {}

  std::optional<Resource> get(std::string_view type, const ResourceId& id,
                              bool with_metrics) override {
    return indexer_.resources().get(type, id, with_metrics);
  }
  std::vector<ResolvedId> resolve(std::span<const ResourceId> ids) override {
    return indexer_.resources().resolve(ids);
  }
  std::vector<Resource> list(const ResourceQuery& query) override {
    return indexer_.resources().list(query);
  }
  std::vector<ResourceMetric> list_metrics(const ResourceMetricQuery& query) override {
    return indexer_.resources().list_metrics(query);
  }
  std::vector<std::vector<Value>> list_values(const ResourceValuesQuery& query) override {
    return indexer_.resources().list_values(query);
  }
  Resource create(const NewResource& resource) override {
    const Afterwards forget([&] { forget_attached(cache_, resource.metrics); });
    return indexer_.resources().create(resource);
  }
  std::vector<ResourceCreation> create(std::span<const NewResource> resources) override {
    const Afterwards forget([&] {
      for (const NewResource& resource : resources) forget_attached(cache_, resource.metrics);
    });
    return indexer_.resources().create(resources);
  }
  Resource update(std::string_view type, const ResourceId& id,
                  const ResourceChange& change) override {
    const Afterwards forget([&] {
      cache_.forget(id);
      forget_attached(cache_, change.metrics);
    });
    return indexer_.resources().update(type, id, change);
  }
  void remove(const ResourceId& id) override {
    const Afterwards forget([&] { cache_.forget(id); });
    indexer_.resources().remove(id);
  }
  std::uint64_t remove_matching(std::string_view type, const Filter& filter) override {
    const Afterwards forget([&] { cache_.forget_all(); });
    return indexer_.resources().remove_matching(type, filter);
  }
  std::vector<ResourceBase> list_inactive(Timestamp since, std::uint32_t limit) override {
    return indexer_.resources().list_inactive(since, limit);
  }

 private:
  IndexerDriver& indexer_;
  MetricCache& cache_;
};

class WatchedIndexer::Metrics final : public MetricIndex {
 public:
  Metrics(IndexerDriver& indexer, MetricCache& cache) : indexer_(indexer), cache_(cache) {}

  std::vector<Metric> list(const MetricQuery& query) override {
    return indexer_.metrics().list(query);
  }
  std::vector<Metric> get(std::span<const MetricId> ids, bool with_resource) override {
    return indexer_.metrics().get(ids, with_resource);
  }
  std::vector<Metric> get_named(std::span<const NamedMetric> names, bool with_resource) override {
    return indexer_.metrics().get_named(names, with_resource);
  }
  // Absence is not remembered, so that a new metric changes nothing.
  Metric create(const NewMetric& metric) override { return indexer_.metrics().create(metric); }
  std::vector<MetricCreation> create(std::span<const NewMetric> metrics) override {
    return indexer_.metrics().create(metrics);
  }
  void mark_deleted(const MetricId& id) override {
    const Afterwards forget([&] { cache_.forget(id); });
    indexer_.metrics().mark_deleted(id);
  }
  void expunge(std::span<const MetricId> ids) override { indexer_.metrics().expunge(ids); }
  void touch(std::span<const MetricId> ids, Timestamp now, Timespan slack) override {
    indexer_.metrics().touch(ids, now, slack);
  }
  void unmark_truncated(std::span<const MetricId> ids, const ArchivePolicy& policy) override {
    indexer_.metrics().unmark_truncated(ids, policy);
  }

 private:
  IndexerDriver& indexer_;
  MetricCache& cache_;
};

WatchedIndexer::WatchedIndexer(IndexerDriver& indexer, MetricCache& cache)
    : indexer_(indexer),
      resources_(std::make_unique<Resources>(indexer, cache)),
      metrics_(std::make_unique<Metrics>(indexer, cache)) {}

WatchedIndexer::~WatchedIndexer() = default;

ResourceIndex& WatchedIndexer::resources() { return *resources_; }
MetricIndex& WatchedIndexer::metrics() { return *metrics_; }

}  // namespace gnocchi::index
