#include "memory_storage.h"

#include <algorithm>

#include "gnocchi/error.h"

namespace memory {

using gnocchi::Bytes;
using gnocchi::MetricWrites;
using gnocchi::SplitWrite;
using gnocchi::WriteVerdict;

// The options are checked already: present, a number, within the bounds of the table.
MemoryStorage::MemoryStorage(const gnocchi::plugin::Context& context)
    : limit_bytes_(static_cast<std::size_t>(context.options.integer("memory_limit")) << 20U) {}

gnocchi::StorageTraits MemoryStorage::traits() const noexcept {
  return {.partial_writes = true, .versioned = true};
}

std::vector<std::optional<gnocchi::StoredObject>> MemoryStorage::read(
    std::span<const gnocchi::ObjectRef> refs) {
  std::vector<std::optional<gnocchi::StoredObject>> objects(refs.size());
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i != refs.size(); ++i) {
    const auto series = series_.find(refs[i].metric);
    if (series == series_.end()) continue;  // absent is nullopt, never an error
    if (!refs[i].split) {
      objects[i] = series->second.raw;
    } else if (const auto split = series->second.splits.find(*refs[i].split);
               split != series->second.splits.end()) {
      objects[i] = {split->second, 0};
    }
  }
  return objects;
}

std::vector<std::vector<gnocchi::SplitKey>> MemoryStorage::list_splits(
    std::span<const gnocchi::MetricId> metrics, const gnocchi::SplitFilter& filter) {
  std::vector<std::vector<gnocchi::SplitKey>> lists(metrics.size());
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i != metrics.size(); ++i) {
    const auto series = series_.find(metrics[i]);
    if (series == series_.end()) continue;
    for (const auto& [key, data] : series->second.splits) {
      if (filter.admits(key)) lists[i].push_back(key);
    }
  }
  return lists;
}

gnocchi::WriteReport MemoryStorage::write(const gnocchi::WriteSet& set) {
  gnocchi::WriteReport report;
  const std::lock_guard lock(mutex_);
  check_room_for(set);
  for (const MetricWrites& writes : set.metrics) {
    const WriteVerdict verdict = judge(writes);
    if (verdict == WriteVerdict::done) apply(writes);
    report.verdicts.push_back(verdict);
    report.versions.push_back(version_of(writes.metric));
  }
  return report;
}

/// Of the metric's raw series; 0: there is none.
std::uint64_t MemoryStorage::version_of(const gnocchi::MetricId& metric) const {
  const auto series = series_.find(metric);
  return series != series_.end() && series->second.raw ? series->second.raw->version : 0;
}

/// Whether the metric may be written at all; if not, nothing of it is.
WriteVerdict MemoryStorage::judge(const MetricWrites& writes) const {
  if (version_of(writes.metric) != writes.expected_version) return WriteVerdict::stale;
  const auto series = series_.find(writes.metric);
  if (series == series_.end()) return WriteVerdict::done;
  for (const SplitWrite& split : writes.splits) {
    const auto found = series->second.splits.find(split.key);
    if (!split.offset || found == series->second.splits.end()) continue;
    const Bytes& stored = found->second;
    const bool padded = !stored.empty() && (stored[0] == '\0' || stored[0] == '\1');
    if (!padded) return WriteVerdict::not_padded;
  }
  return WriteVerdict::done;
}

void MemoryStorage::apply(const MetricWrites& writes) {
  if (writes.removals.empty() && writes.splits.empty() && !writes.raw) return;
  Series& series = series_[writes.metric];
  for (const gnocchi::SplitKey& key : writes.removals) {
    const auto found = series.splits.find(key);
    if (found == series.splits.end()) continue;
    used_bytes_ -= found->second.size();
    series.splits.erase(found);
  }
  for (const SplitWrite& split : writes.splits) put(series.splits[split.key], split);
  if (!writes.raw) return;
  if (series.raw) used_bytes_ -= series.raw->data.size();
  series.raw = {*writes.raw, ++last_version_};
  used_bytes_ += writes.raw->size();
}

void MemoryStorage::put(Bytes& object, const SplitWrite& split) {
  used_bytes_ -= object.size();
  if (split.offset) {
    object.resize(std::max<std::size_t>(object.size(), *split.offset + split.data.size()), '\0');
    object.replace(*split.offset, split.data.size(), split.data);
  } else {
    object = split.data;
  }
  used_bytes_ += object.size();
}

/// A full backend is a failure that may pass: clients get 503 and metricd tries again later.
void MemoryStorage::check_room_for(const gnocchi::WriteSet& set) const {
  std::size_t wanted = 0;
  for (const MetricWrites& writes : set.metrics) {
    for (const SplitWrite& split : writes.splits) wanted += split.data.size();
    if (writes.raw) wanted += writes.raw->size();
  }
  if (used_bytes_ + wanted <= limit_bytes_) return;
  throw gnocchi::Error(
      gnocchi::Error::Code::unavailable,
      "write " + std::to_string(wanted) + " bytes to memory: " + std::to_string(used_bytes_) +
          " of memory_limit's " + std::to_string(limit_bytes_) + " bytes are in use");
}

void MemoryStorage::remove_metrics(std::span<const gnocchi::MetricId> metrics) {
  const std::lock_guard lock(mutex_);
  for (const gnocchi::MetricId& metric : metrics) {
    const auto series = series_.find(metric);
    if (series == series_.end()) continue;
    if (series->second.raw) used_bytes_ -= series->second.raw->data.size();
    for (const auto& [key, data] : series->second.splits) used_bytes_ -= data.size();
    series_.erase(series);
  }
}

}  // namespace memory
