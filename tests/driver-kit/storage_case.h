#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/driver-kit/kit.h"

namespace gnocchi::kit {

/// Most cases of storage drivers write or read one object; these spare them the batches.
class Storage : public Case<StorageDriver> {
 protected:
  void prepare(StorageDriver& driver) override { driver.upgrade(); }

  static SplitKey key(std::int64_t start_s, Timespan granularity = std::chrono::seconds(1),
                      std::string method = "mean") {
    return {Timestamp(std::chrono::seconds(start_s)), granularity, std::move(method)};
  }

  /// A whole split in compressed form: what a patch must not touch.
  static Bytes compressed(std::string_view rest) { return "c" + std::string(rest); }
  /// The start of a padded split.
  static Bytes padded(std::string_view rest) { return Bytes(1, '\1') + std::string(rest); }

  /// Writes, and expects the verdict `done`, at the version that is there now.
  void write(MetricWrites writes) { EXPECT_EQ(verdict_of(std::move(writes)), WriteVerdict::done); }

  void write_raw(const MetricId& metric, Bytes data) {
    MetricWrites writes;
    writes.metric = metric;
    writes.raw = std::move(data);
    write(std::move(writes));
  }

  void write_split(const MetricId& metric, const SplitKey& split, Bytes data) {
    MetricWrites writes;
    writes.metric = metric;
    writes.splits.push_back({split, std::nullopt, std::move(data)});
    write(std::move(writes));
  }

  /// The same with a version that the caller has put in already.
  WriteVerdict verdict_as_it_is(MetricWrites writes) {
    WriteSet set;
    note("write " + described(writes));
    set.metrics.push_back(std::move(writes));
    const WriteReport report = driver().write(set);
    EXPECT_EQ(report.verdicts.size(), 1U);
    return report.verdicts.size() == 1 ? report.verdicts[0] : WriteVerdict::stale;
  }

  WriteVerdict verdict_of(MetricWrites writes) {
    writes.expected_version = version_of(writes.metric);
    return verdict_as_it_is(std::move(writes));
  }

  /// The version of the raw series; 0: there is none, or the driver is not versioned.
  std::uint64_t version_of(const MetricId& metric) {
    const auto raw = object(metric, std::nullopt);
    return raw ? raw->version : 0;
  }

  std::optional<StoredObject> object(const MetricId& metric, std::optional<SplitKey> split) {
    const ObjectRef ref{metric, std::move(split)};
    const auto read = driver().read(std::span(&ref, 1));
    if (read.size() != 1) {
      ADD_FAILURE() << "read gave " << read.size() << " entries for one ref";
      return std::nullopt;
    }
    return read[0];
  }

  std::optional<Bytes> raw(const MetricId& metric) { return data_of(object(metric, std::nullopt)); }
  std::optional<Bytes> split(const MetricId& metric, const SplitKey& key) {
    return data_of(object(metric, key));
  }

  std::vector<SplitKey> splits(const MetricId& metric) {
    const auto lists = driver().list_splits(std::span(&metric, 1), {});
    EXPECT_EQ(lists.size(), 1U);
    return lists.empty() ? std::vector<SplitKey>{} : lists[0];
  }

  void remove(const MetricId& metric) {
    note("remove " + metric.to_string());
    driver().remove_metrics(std::span(&metric, 1));
  }

 private:
  static std::optional<Bytes> data_of(std::optional<StoredObject> object) {
    if (!object) return std::nullopt;
    return std::move(object->data);
  }

  static std::string described(const MetricWrites& writes) {
    std::string text =
        writes.metric.to_string() + " at version " + std::to_string(writes.expected_version);
    for (const SplitKey& key : writes.removals) {
      text += ", remove " + object_name({writes.metric, key});
    }
    for (const SplitWrite& split : writes.splits) {
      text += ", " + std::to_string(split.data.size()) + " B to " +
              object_name({writes.metric, split.key});
      if (split.offset) text += " at " + std::to_string(*split.offset);
    }
    if (writes.raw) text += ", raw series of " + std::to_string(writes.raw->size()) + " B";
    return text;
  }
};

}  // namespace gnocchi::kit
