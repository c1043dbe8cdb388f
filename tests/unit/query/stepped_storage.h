#pragma once

#include <functional>
#include <string>

#include "tests/support/memory_storage.h"

namespace gnocchi::query {

/// Storage that a test can stop between any two steps, of readers and of passes. A pass is seen by
/// readers as drivers promise it, and no better: first its splits, then its raw series.
class SteppedStorage : public support::MemoryStorage {
 public:
  using MemoryStorage::MemoryStorage;

  /// Called before each call of a reader, with "raw", "list" or "splits". While it runs, it is not
  /// called.
  std::function<void(const std::string&)> before;
  /// Called in a pass between the splits and the raw series.
  std::function<void()> half_written;
  /// Lists of splits have all, whatever is asked for.
  bool lists_all = false;

  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override {
    if (!refs.empty()) step(refs.front().split ? "splits" : "raw");
    return MemoryStorage::read(refs);
  }
  std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                 const SplitFilter& filter) override {
    step("list");
    return MemoryStorage::list_splits(metrics, lists_all ? SplitFilter{} : filter);
  }
  WriteReport write(const WriteSet& set) override {
    WriteSet splits = set;
    WriteSet raws = set;
    for (MetricWrites& metric : splits.metrics) metric.raw.reset();
    const WriteReport report = MemoryStorage::write(splits);
    if (half_written) half_written();
    for (std::size_t i = 0; i < raws.metrics.size(); ++i) {
      raws.metrics[i].splits.clear();
      raws.metrics[i].removals.clear();
      if (report.verdicts[i] != WriteVerdict::done) raws.metrics[i].raw.reset();
    }
    return {report.verdicts, MemoryStorage::write(raws).versions};
  }

 private:
  void step(const std::string& what) {
    if (!before) return;
    const auto now = std::exchange(before, nullptr);
    now(what);
    before = now;
  }
};

}  // namespace gnocchi::query
