#pragma once

#include <rocksdb/write_batch.h>

#include <memory_resource>
#include <string>
#include <vector>

#include "database.h"
#include "gnocchi/storage.h"
#include "known_names.h"
#include "metric_claims.h"
#include "metric_record.h"

namespace gnocchi::rocks {

/// Writes what a pass changes, all metrics in one batch. One thread, one use.
///
/// Under the claim on its metrics it reads their records, which hold the versions and say which
/// splits are known to be padded, looks at the form of those patched ones that are not known, and
/// leaves out the metrics that must not be written.
class SetWriter {
 public:
  SetWriter(Database& database, KnownNames& names, MetricClaims& claims, const WriteSet& set);

  WriteReport write();

 private:
  struct Item {
    const MetricWrites* writes = nullptr;
    MetricRecord record;
    WriteVerdict verdict = WriteVerdict::done;
    /// Of writes->splits: a patch of a split that there is not yet. Empty: none is.
    std::vector<bool> begins;
    bool renamed = false;  ///< a split begins or ends
  };

  void read_records();
  static void check_version(Item& item);
  void check_forms();
  void add(Item& item);
  void add_split(Item& item, const SplitWrite& split, bool begins);
  void merge(const MetricId& metric, const std::vector<OpenSplits::Spilled>& spilled);

  Database& database_;
  KnownNames& names_;
  std::vector<MetricId> renamed_;
  MetricClaims::Held held_;
  std::pmr::monotonic_buffer_resource stored_;  ///< records as they were, which `record` looks into
  std::vector<Item> items_;
  std::vector<Item*> in_order_;  ///< by metric, as keys are stored
  rocksdb::WriteBatch batch_;
  std::string record_;  ///< as it is written
  MetricRecord::Scratch scratch_;
  std::uint64_t version_;
};

}  // namespace gnocchi::rocks
