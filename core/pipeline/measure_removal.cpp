#include "core/pipeline/measure_removal.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/damage.h"
#include "gnocchi/error.h"

namespace gnocchi::pipeline {
namespace {

using timeseries::MeasureRemoval;

/// How often it is made anew because somebody else wrote the raw series meanwhile.
constexpr int kRemovalTries = 5;

MetricWrites finish(StorageDriver& storage, plugin::Log& log, const MetricId& metric,
                    const MeasureRemoval& removal) {
  std::vector<ObjectRef> refs;
  for (const SplitKey& key : removal.reads()) refs.push_back({metric, key});
  std::vector<std::optional<StoredObject>> objects;
  if (!refs.empty()) objects = storage.read(refs);
  try {
    return removal.finish(objects);
  } catch (const Error& error) {
    if (error.code() != Error::Code::corrupt_data) throw;
  }
  drop_damaged(log, refs, objects);
  return removal.finish(objects);
}

WriteVerdict try_removal(StorageDriver& storage, plugin::Log& log, const MetricId& metric,
                         const Plan& plan, const timeseries::TimeRange& range,
                         const std::function<bool()>& still_ours) {
  const std::array ref{ObjectRef{metric, std::nullopt}};
  const std::optional<StoredObject> raw = storage.read(ref).at(0);
  MeasureRemoval removal(*plan, metric, range, storage.traits().partial_writes);
  try {
    removal.start(raw ? std::optional<BytesView>(raw->data) : std::nullopt);
  } catch (const Error& error) {
    if (error.code() != Error::Code::corrupt_data) throw;
    log_damage(log, ref[0], error);
    removal.start("");
  }
  const std::array metrics{metric};
  removal.take_split_list(storage.list_splits(metrics, {}).at(0));

  WriteSet set;
  set.metrics.push_back(finish(storage, log, metric, removal));
  MetricWrites& writes = set.metrics.front();
  writes.expected_version = raw ? raw->version : 0;
  if (!writes.raw && writes.splits.empty() && writes.removals.empty()) return WriteVerdict::done;
  if (!still_ours()) {
    throw Error(Error::Code::unavailable, "remove measures of metric " + metric.to_string() +
                                              ": the lock of its sack was lost");
  }
  return storage.write(set).verdicts.at(0);
}

}  // namespace

void remove_measures(StorageDriver& storage, plugin::Log& log, const MetricId& metric,
                     const Plan& plan, const timeseries::TimeRange& range,
                     const std::function<bool()>& still_ours) {
  for (int tries = 0; tries < kRemovalTries; ++tries) {
    if (try_removal(storage, log, metric, plan, range, still_ours) == WriteVerdict::done) return;
  }
  throw Error(Error::Code::unavailable, "remove measures of metric " + metric.to_string() +
                                            ": its raw series was changed by another worker " +
                                            std::to_string(kRemovalTries) + " times");
}

}  // namespace gnocchi::pipeline
