#include "set_writer.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "key_reader.h"
#include "patch_merge.h"
#include "split_keys.h"

namespace gnocchi::rocks {
namespace {

/// Of a metric, kept in its record. More of them spare keys of splits, and make each pass write a
/// longer record.
constexpr std::size_t kMostPatchBytes = 512;

/// What a batch has of a metric, so that it need not grow often.
constexpr std::size_t kUsualBytes = kMostPatchBytes;

std::vector<MetricId> metrics_of(const WriteSet& set) {
  std::vector<MetricId> metrics;
  metrics.reserve(set.metrics.size());
  for (const MetricWrites& writes : set.metrics) metrics.push_back(writes.metric);
  return metrics;
}

/// docs/formats/series.md: the first byte of a padded split.
bool is_padded(BytesView object) {
  return !object.empty() && (object.front() == 0 || object.front() == 1);
}

}  // namespace

SetWriter::SetWriter(Database& database, MetricClaims& claims, const WriteSet& set)
    : database_(database),
      held_(claims, metrics_of(set)),
      items_(set.metrics.size()),
      batch_(set.metrics.size() * kUsualBytes),
      version_(database.next_number()) {
  in_order_.reserve(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    items_[i].writes = &set.metrics[i];
    in_order_.push_back(&items_[i]);
  }
  const auto metric_of = [](const Item* item) -> const MetricId& { return item->writes->metric; };
  std::stable_sort(in_order_.begin(), in_order_.end(), [metric_of](const Item* a, const Item* b) {
    return metric_of(a) < metric_of(b);
  });
  for (std::size_t i = 1; i < in_order_.size(); ++i) {
    // A metric's second entry comes too late for the version that the first one replaces.
    if (metric_of(in_order_[i]) == metric_of(in_order_[i - 1])) {
      in_order_[i]->verdict = WriteVerdict::stale;
    }
  }
}

WriteReport SetWriter::write() {
  read_records();
  check_forms();
  for (Item* item : in_order_) {
    if (item->verdict == WriteVerdict::done) add(*item);
  }
  if (batch_.Count() > 0) database_.write(batch_, "write series");
  WriteReport report;
  report.verdicts.reserve(items_.size());
  report.versions.reserve(items_.size());
  for (const Item& item : items_) {
    report.verdicts.push_back(item.verdict);
    report.versions.push_back(item.record.has_raw ? item.record.version : 0);
  }
  return report;
}

void SetWriter::read_records() {
  KeyReader reader(database_, Family::metrics);
  for (std::size_t i = 0; i < in_order_.size(); ++i) {
    reader.add(metric_key(in_order_[i]->writes->metric), i);
  }
  reader.read("read versions of series", [this](std::size_t i, BytesView bytes) {
    Item& item = *in_order_[i];
    item.stored.assign(bytes);
    item.record = MetricRecord::decode(item.writes->metric, item.stored);
  });
  for (Item& item : items_) check_version(item);
}

void SetWriter::check_version(Item& item) {
  const std::uint64_t version = item.record.has_raw ? item.record.version : 0;
  if (version != item.writes->expected_version) item.verdict = WriteVerdict::stale;
}

void SetWriter::check_forms() {
  KeyReader reader(database_, Family::splits);
  std::deque<std::string> keys;  // which the reader borrows
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.verdict != WriteVerdict::done) continue;
    for (const SplitWrite& split : item.writes->splits) {
      if (split.offset && !item.record.open.contains(split.key)) {
        reader.add(keys.emplace_back(split_key(item.writes->metric, split.key)), i);
      }
    }
  }
  reader.read("look at splits", [this](std::size_t i, BytesView bytes) {
    if (!is_padded(bytes)) items_[i].verdict = WriteVerdict::not_padded;
  });
}

void SetWriter::add(Item& item) {
  const MetricWrites& writes = *item.writes;
  if (writes.removals.empty() && writes.splits.empty() && !writes.raw) return;
  MetricRecord& record = item.record;
  for (const SplitKey& key : writes.removals) {
    const std::string stored_as = split_key(writes.metric, key);
    batch_.Delete(database_.family(Family::splits), stored_as);
    batch_.Delete(database_.family(Family::names), stored_as);
    record.open.remove(key);
  }
  for (const SplitWrite& split : writes.splits) add_split(item, split);
  if (record.open.patch_bytes() > kMostPatchBytes) {
    merge(writes.metric, record.open.spill());
  }
  if (writes.raw) {
    record.has_raw = true;
    record.raw = *writes.raw;
  }
  record.version = version_;
  batch_.Put(database_.family(Family::metrics), slice(metric_key(writes.metric)), record.encode());
}

void SetWriter::add_split(Item& item, const SplitWrite& split) {
  const MetricId& metric = item.writes->metric;
  OpenSplits& open = item.record.open;
  if (split.offset && open.patch(split.key, *split.offset, split.data)) return;
  if (!open.contains(split.key)) {
    batch_.Put(database_.family(Family::names), split_key(metric, split.key), "");
  }
  if (!split.offset) {
    open.remove(split.key);
    batch_.Put(database_.family(Family::splits), split_key(metric, split.key), split.data);
    if (is_padded(split.data)) merge(metric, open.add(split.key));
    return;
  }
  merge(metric, open.add(split.key));
  if (open.patch(split.key, *split.offset, split.data)) return;
  std::string patch;
  append_patch(patch, *split.offset, split.data);
  batch_.Merge(database_.family(Family::splits), split_key(metric, split.key), patch);
}

void SetWriter::merge(const MetricId& metric, const std::vector<OpenSplits::Spilled>& spilled) {
  for (const OpenSplits::Spilled& split : spilled) {
    batch_.Merge(database_.family(Family::splits),
                 std::string(metric_key(metric)).append(split.place), split.patches);
  }
}

}  // namespace gnocchi::rocks
