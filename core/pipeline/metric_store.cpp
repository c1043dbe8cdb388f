#include "core/pipeline/metric_store.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/timeseries/pass.h"
#include "core/timeseries/split_codec.h"
#include "gnocchi/error.h"

namespace gnocchi::pipeline {
namespace {

using timeseries::MetricPass;

/// How often a metric's pass is made anew because somebody else wrote its raw series meanwhile.
constexpr int kStaleTries = 5;

/// A metric's pass with what it needs between the steps.
struct Running {
  const MetricWork* work;
  std::unique_ptr<MetricPass> pass;
  std::uint64_t version = 0;
  bool is_new = false;  ///< there was no raw series
};

void log_damage(plugin::Log& log, const ObjectRef& ref, const std::exception& error) {
  log.error("damaged object replaced metric=" + ref.metric.to_string() +
            " object=" + object_name(ref) + " reason=\"" + error.what() + "\"");
}

/// Reads the raw series of all metrics at once and computes.
std::vector<Running> start_passes(StorageDriver& storage, plugin::Log& log,
                                  const std::vector<const MetricWork*>& work) {
  std::vector<ObjectRef> refs;
  refs.reserve(work.size());
  for (const MetricWork* entry : work) refs.push_back({entry->metric, std::nullopt});
  const auto raws = storage.read(refs);

  const bool partial_writes = storage.traits().partial_writes;
  std::vector<Running> running;
  running.reserve(work.size());
  for (std::size_t i = 0; i < work.size(); ++i) {
    const auto begin = [&](std::optional<BytesView> raw) {
      auto pass = std::make_unique<MetricPass>(*work[i]->plan, work[i]->metric, partial_writes);
      pass->start(raw, work[i]->measures);
      return pass;
    };
    Running entry{work[i], nullptr, raws[i] ? raws[i]->version : 0, !raws[i]};
    try {
      entry.pass = begin(raws[i] ? std::optional<BytesView>(raws[i]->data) : std::nullopt);
    } catch (const Error& error) {
      if (error.code() != Error::Code::corrupt_data) throw;
      log_damage(log, refs[i], error);
      entry.pass = begin(std::nullopt);
    }
    running.push_back(std::move(entry));
  }
  return running;
}

void list_splits(StorageDriver& storage, std::vector<Running>& running) {
  std::vector<MetricId> metrics;
  std::vector<MetricPass*> passes;
  for (const Running& entry : running) {
    if (!entry.pass->wants_split_list()) continue;
    metrics.push_back(entry.work->metric);
    passes.push_back(entry.pass.get());
  }
  if (metrics.empty()) return;
  const auto lists = storage.list_splits(metrics);
  for (std::size_t i = 0; i < passes.size(); ++i) passes[i]->take_split_list(lists[i]);
}

/// Drops objects that cannot be decoded, so that the pass goes on without them.
void drop_damaged(plugin::Log& log, std::span<const ObjectRef> refs,
                  std::span<std::optional<StoredObject>> objects) {
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (!objects[i]) continue;
    try {
      const SplitKey& key = *refs[i].split;
      timeseries::Series ignored;
      timeseries::decode_split(objects[i]->data,
                               {key.start.time_since_epoch().count(), key.granularity.count()},
                               ignored);
    } catch (const Error& error) {
      if (error.code() != Error::Code::corrupt_data) throw;
      log_damage(log, refs[i], error);
      objects[i].reset();
    }
  }
}

MetricWrites finish_pass(plugin::Log& log, MetricPass& pass, std::span<const ObjectRef> refs,
                         std::span<std::optional<StoredObject>> objects) {
  try {
    return pass.finish(objects);
  } catch (const Error& error) {
    if (error.code() != Error::Code::corrupt_data) throw;
  }
  drop_damaged(log, refs, objects);
  return pass.finish(objects);
}

/// Reads the splits that are rewritten whole, of all metrics at once, and ends the passes.
WriteSet finish_passes(StorageDriver& storage, plugin::Log& log, std::vector<Running>& running) {
  std::vector<ObjectRef> refs;
  for (const Running& entry : running) {
    for (const SplitKey& key : entry.pass->reads()) refs.push_back({entry.work->metric, key});
  }
  std::vector<std::optional<StoredObject>> objects;
  if (!refs.empty()) objects = storage.read(refs);

  WriteSet set;
  set.metrics.reserve(running.size());
  std::size_t first = 0;
  for (const Running& entry : running) {
    const std::size_t count = entry.pass->reads().size();
    MetricWrites writes = finish_pass(log, *entry.pass, std::span(refs).subspan(first, count),
                                      std::span(objects).subspan(first, count));
    writes.expected_version = entry.version;
    if (entry.is_new) {
      const auto names = entry.work->plan->method_names();
      writes.methods.assign(names.begin(), names.end());
    }
    set.metrics.push_back(std::move(writes));
    first += count;
  }
  return set;
}

/// Writes; returns the metrics whose raw series was not the one the pass had read.
std::vector<const MetricWork*> write_passes(StorageDriver& storage, plugin::Log& log,
                                            std::vector<Running> running) {
  std::vector<const MetricWork*> stale;
  while (!running.empty()) {
    const WriteReport report = storage.write(finish_passes(storage, log, running));
    std::vector<Running> again;
    for (std::size_t i = 0; i < running.size(); ++i) {
      if (report.verdicts[i] == WriteVerdict::stale) stale.push_back(running[i].work);
      if (report.verdicts[i] == WriteVerdict::not_padded) {
        running[i].pass->rewrite_whole();
        again.push_back(std::move(running[i]));
      }
    }
    running = std::move(again);
  }
  return stale;
}

}  // namespace

void store_measures(StorageDriver& storage, plugin::Log& log, const std::vector<MetricWork>& work) {
  std::vector<const MetricWork*> todo;
  todo.reserve(work.size());
  for (const MetricWork& entry : work) todo.push_back(&entry);
  for (int tries = 0; !todo.empty(); ++tries) {
    if (tries == kStaleTries) {
      throw Error(Error::Code::unavailable, "store metric " + todo.front()->metric.to_string() +
                                                ": its raw series was changed by another worker " +
                                                std::to_string(kStaleTries) + " times");
    }
    std::vector<Running> running = start_passes(storage, log, todo);
    list_splits(storage, running);
    todo = write_passes(storage, log, std::move(running));
  }
}

}  // namespace gnocchi::pipeline
