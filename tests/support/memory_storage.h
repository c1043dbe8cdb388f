#pragma once

#include <map>
#include <mutex>

#include "gnocchi/storage.h"

namespace gnocchi::support {

/// Storage in a map, with whichever traits a test wants.
class MemoryStorage : public StorageDriver {
 public:
  explicit MemoryStorage(StorageTraits traits = {}) : traits_(traits) {}

  void start() override {}
  void stop() noexcept override {}
  void upgrade() override {}
  StorageTraits traits() const noexcept override { return traits_; }

  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override {
    const std::scoped_lock guard(mutex_);
    std::vector<std::optional<StoredObject>> objects;
    for (const ObjectRef& ref : refs) {
      const auto found = objects_.find(object_name(ref));
      if (found == objects_.end())
        objects.emplace_back();
      else
        objects.emplace_back(found->second);
    }
    return objects;
  }

  std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                 const SplitFilter& filter) override {
    const std::scoped_lock guard(mutex_);
    std::vector<std::vector<SplitKey>> lists(metrics.size());
    for (const auto& [name, object] : objects_) {
      const auto ref = parse_object_name(name);
      for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (ref->split && ref->metric == metrics[i] && filter.admits(*ref->split)) {
          lists[i].push_back(*ref->split);
        }
      }
    }
    for (auto& list : lists) std::sort(list.begin(), list.end());
    return lists;
  }

  WriteReport write(const WriteSet& set) override {
    const std::scoped_lock guard(mutex_);
    WriteReport report;
    for (const MetricWrites& metric : set.metrics) {
      report.verdicts.push_back(apply(metric));
      const auto raw = objects_.find(object_name({metric.metric, std::nullopt}));
      report.versions.push_back(raw == objects_.end() ? 0 : raw->second.version);
    }
    return report;
  }

  void remove_metrics(std::span<const MetricId> metrics) override {
    const std::scoped_lock guard(mutex_);
    for (const MetricId& metric : metrics) {
      std::erase_if(objects_, [&](const auto& entry) {
        return parse_object_name(entry.first)->metric == metric;
      });
    }
  }

  /// For tests: what is stored, by object name.
  std::map<std::string, StoredObject>& objects() { return objects_; }

 private:
  WriteVerdict apply(const MetricWrites& metric) {
    const std::string raw_name = object_name({metric.metric, std::nullopt});
    const auto raw = objects_.find(raw_name);
    const std::uint64_t version = raw == objects_.end() ? 0 : raw->second.version;
    if (traits_.versioned && version != metric.expected_version) return WriteVerdict::stale;
    for (const SplitWrite& split : metric.splits) {
      const auto found = objects_.find(object_name({metric.metric, split.key}));
      if (split.offset && found != objects_.end() && !found->second.data.empty() &&
          static_cast<unsigned char>(found->second.data[0]) > 1) {
        return WriteVerdict::not_padded;
      }
    }
    for (const SplitKey& key : metric.removals) objects_.erase(object_name({metric.metric, key}));
    for (const SplitWrite& split : metric.splits) {
      Bytes& data = objects_[object_name({metric.metric, split.key})].data;
      if (!split.offset) {
        data = split.data;
      } else {
        data.resize(std::max<std::size_t>(data.size(), *split.offset + split.data.size()), '\0');
        data.replace(*split.offset, split.data.size(), split.data);
      }
    }
    if (metric.raw) objects_[raw_name] = {*metric.raw, traits_.versioned ? ++last_version_ : 0};
    return WriteVerdict::done;
  }

  StorageTraits traits_;
  std::mutex mutex_;
  std::uint64_t last_version_ = 0;
  std::map<std::string, StoredObject> objects_;
};

}  // namespace gnocchi::support
