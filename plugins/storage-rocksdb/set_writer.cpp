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

/// What begins a split is read sooner as the split itself than as a patch of nothing, if most of it
/// is no zeros, and would not stay in the record anyway.
bool is_worth_a_whole(const SplitWrite& split) {
  return split.data.size() > kMostPatchBytes && *split.offset <= split.data.size();
}

/// docs/formats/series.md: the first byte of a padded split.
bool is_padded(BytesView object) {
  return !object.empty() && (object.front() == 0 || object.front() == 1);
}

}  // namespace

SetWriter::SetWriter(Database& database, KnownNames& names, MetricClaims& claims,
                     const WriteSet& set)
    : database_(database),
      names_(names),
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
  const auto before = [metric_of](const Item* a, const Item* b) {
    return metric_of(a) < metric_of(b);
  };
  // As they come from most indexes.
  if (!std::is_sorted(in_order_.begin(), in_order_.end(), before)) {
    std::stable_sort(in_order_.begin(), in_order_.end(), before);
  }
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
  if (batch_.Count() > 0) {
    const ForgetNames changed(names_, std::move(renamed_));
    database_.write(batch_, "write series");
  }
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
    auto* const stored = static_cast<char*>(stored_.allocate(bytes.size(), 1));
    std::copy(bytes.begin(), bytes.end(), stored);
    item.record = MetricRecord::decode(item.writes->metric, {stored, bytes.size()});
  });
  for (Item& item : items_) check_version(item);
}

void SetWriter::check_version(Item& item) {
  const std::uint64_t version = item.record.has_raw ? item.record.version : 0;
  if (version != item.writes->expected_version) item.verdict = WriteVerdict::stale;
}

void SetWriter::check_forms() {
  struct Looked {
    std::string key;  // which the reader borrows
    Item* item;
    std::size_t split;
  };
  KeyReader reader(database_, Family::splits);
  std::deque<Looked> looked;
  for (Item& item : items_) {
    if (item.verdict != WriteVerdict::done) continue;
    const std::vector<SplitWrite>& splits = item.writes->splits;
    for (std::size_t i = 0; i < splits.size(); ++i) {
      if (!splits[i].offset || item.record.open.contains(splits[i].key)) continue;
      item.begins.resize(splits.size());
      item.begins[i] = true;
      looked.push_back({split_key(item.writes->metric, splits[i].key), &item, i});
      reader.add(looked.back().key, looked.size() - 1);
    }
  }
  reader.read("look at splits", [&looked](std::size_t i, BytesView bytes) {
    Item& item = *looked[i].item;
    item.begins[looked[i].split] = false;
    if (!is_padded(bytes)) item.verdict = WriteVerdict::not_padded;
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
    item.renamed = true;
  }
  for (std::size_t i = 0; i < writes.splits.size(); ++i) {
    add_split(item, writes.splits[i], !item.begins.empty() && item.begins[i]);
  }
  if (item.renamed) renamed_.push_back(writes.metric);
  if (record.open.patch_bytes() > kMostPatchBytes) {
    merge(writes.metric, record.open.spill());
  }
  if (writes.raw) {
    record.has_raw = true;
    record.raw = *writes.raw;
  }
  record.version = version_;
  record_.clear();
  record.encode(record_, scratch_);
  batch_.Put(database_.family(Family::metrics), slice(metric_key(writes.metric)), record_);
}

void SetWriter::add_split(Item& item, const SplitWrite& split, bool begins) {
  const MetricId& metric = item.writes->metric;
  OpenSplits& open = item.record.open;
  if (split.offset && open.patch(split.key, *split.offset, split.data)) return;
  if (!open.contains(split.key)) {
    batch_.Put(database_.family(Family::names), split_key(metric, split.key), "");
    item.renamed = true;
  }
  if (!split.offset) {
    open.remove(split.key);
    batch_.Put(database_.family(Family::splits), split_key(metric, split.key), split.data);
    if (is_padded(split.data)) merge(metric, open.add(split.key));
    return;
  }
  merge(metric, open.add(split.key));
  if (begins && is_worth_a_whole(split)) {
    std::string whole(*split.offset, '\0');
    whole.append(split.data);
    batch_.Put(database_.family(Family::splits), split_key(metric, split.key), whole);
    return;
  }
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
