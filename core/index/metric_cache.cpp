#include "core/index/metric_cache.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace gnocchi::index {
namespace {

// So that threads seldom wait for each other's look-ups.
constexpr std::size_t kShards = 16;

}  // namespace

template <class Key, class Hash>
class MetricCache::Generations {
 public:
  void put(const Key& key, Entry entry, std::size_t max_entries, Timespan fresh_for) {
    const std::scoped_lock guard(mutex_);
    if (young_.size() >= max_entries / 2 + 1 || entry.read - begun_ > fresh_for) {
      old_ = std::exchange(young_, {});
      begun_ = entry.read;
    }
    young_.insert_or_assign(key, std::move(entry));
  }

  Entry get(const Key& key) {
    const std::scoped_lock guard(mutex_);
    for (const auto* generation : {&young_, &old_}) {
      const auto found = generation->find(key);
      if (found != generation->end()) return found->second;
    }
    return {};
  }

 private:
  std::mutex mutex_;
  std::unordered_map<Key, Entry, Hash> young_;
  std::unordered_map<Key, Entry, Hash> old_;
  Time begun_{};
};

template <class Key, class Hash>
class MetricCache::Shards {
 public:
  explicit Shards(std::size_t max_entries) : max_per_shard_(max_entries / kShards) {}

  void put(const Key& key, Entry entry, Timespan fresh_for) {
    shard_of(key).put(key, std::move(entry), max_per_shard_, fresh_for);
  }
  Entry get(const Key& key) { return shard_of(key).get(key); }

 private:
  // The maps take the low bits of the same hash.
  Generations<Key, Hash>& shard_of(const Key& key) {
    return shards_[(Hash{}(key) >> 48) % kShards];
  }

  std::size_t max_per_shard_;
  std::array<Generations<Key, Hash>, kShards> shards_;
};

std::size_t MetricCache::NameHash::operator()(const NamedMetric& named) const noexcept {
  const std::size_t name = std::hash<std::string_view>{}(named.name);
  return std::hash<ResourceId>{}(named.resource) * 31 + name;
}

MetricCache::MetricCache(IndexerDriver& indexer, std::chrono::nanoseconds fresh_for,
                         std::size_t max_metrics, Clock clock)
    : indexer_(indexer),
      fresh_for_(fresh_for),
      clock_(std::move(clock)),
      by_id_(std::make_unique<Shards<MetricId, std::hash<MetricId>>>(max_metrics)),
      by_name_(std::make_unique<Shards<NamedMetric, NameHash>>(max_metrics)) {}

MetricCache::~MetricCache() = default;

/// In the order of the keys; null: there is none. `key_of`: from a metric to its key.
template <class Key, class Hash, class Query, class KeyOf>
std::vector<MetricCache::MetricPtr> MetricCache::look_up(std::span<const Key> keys,
                                                         Shards<Key, Hash>& shards, Query query,
                                                         KeyOf key_of) {
  const Time now = clock_();
  const std::uint64_t changes = changes_.load();
  std::vector<MetricPtr> found(keys.size());
  std::vector<Key> missing;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Entry entry = shards.get(keys[i]);
    if (entry.metric && now - entry.read < fresh_for_ &&
        entry.epoch_sum == epoch_sum(*entry.metric)) {
      found[i] = std::move(entry.metric);
    } else {
      missing.push_back(keys[i]);
    }
  }
  stats_.hits.add(keys.size() - missing.size());
  if (missing.empty()) return found;
  stats_.misses.add(missing.size());
  std::unordered_map<Key, MetricPtr, Hash> read;
  for (MetricPtr& metric : remember(query(std::span<const Key>(missing)), changes, now)) {
    read.emplace(key_of(*metric), std::move(metric));
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (found[i]) continue;
    const auto one = read.find(keys[i]);
    if (one != read.end()) found[i] = one->second;
  }
  return found;
}

std::vector<MetricCache::MetricPtr> MetricCache::get(std::span<const MetricId> ids) {
  auto found = look_up(
      ids, *by_id_,
      [&](std::span<const MetricId> missing) { return indexer_.metrics().get(missing, true); },
      [](const Metric& metric) { return metric.id; });
  std::erase(found, nullptr);
  return found;
}

std::vector<MetricCache::MetricPtr> MetricCache::get_named(std::span<const NamedMetric> names) {
  return look_up(
      names, *by_name_,
      [&](std::span<const NamedMetric> missing) {
        return indexer_.metrics().get_named(missing, true);
      },
      [](const Metric& metric) {
        return NamedMetric{metric.resource_id.value_or(ResourceId{}), metric.name.value_or("")};
      });
}

std::vector<MetricCache::MetricPtr> MetricCache::remember(std::vector<Metric> metrics,
                                                          std::uint64_t changes, Time now) {
  std::vector<MetricPtr> remembered;
  remembered.reserve(metrics.size());
  for (Metric& metric : metrics) {
    remembered.push_back(std::make_shared<const Metric>(std::move(metric)));
    if (fresh_for_ <= Timespan::zero()) continue;
    const MetricPtr& one = remembered.back();
    const Entry entry{one, now, epoch_sum(*one)};
    // The count is taken before this look: a change that it does not show bumps the count later.
    if (changes_.load() != changes) continue;
    by_id_->put(one->id, entry, fresh_for_);
    if (one->resource_id && one->name) {
      by_name_->put({*one->resource_id, *one->name}, entry, fresh_for_);
    }
  }
  return remembered;
}

std::uint64_t MetricCache::epoch_sum(const Metric& metric) const noexcept {
  const auto epoch = [&](const Uuid& id) {
    return epochs_[std::hash<Uuid>{}(id) % epochs_.size()].load();
  };
  // Counts only grow, so that equal sums mean that none has changed.
  return all_epoch_.load() + epoch(metric.id) +
         (metric.resource_id ? epoch(*metric.resource_id) : 0);
}

void MetricCache::forget(const MetricId& metric) {
  changes_.fetch_add(1);
  epochs_[std::hash<Uuid>{}(metric) % epochs_.size()].fetch_add(1);
}

void MetricCache::forget(const ResourceId& resource) {
  changes_.fetch_add(1);
  epochs_[std::hash<Uuid>{}(resource) % epochs_.size()].fetch_add(1);
}

void MetricCache::forget_all() {
  changes_.fetch_add(1);
  all_epoch_.fetch_add(1);
}

}  // namespace gnocchi::index
