#include "core/pipeline/metric_store.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "core/pipeline/damage.h"
#include "core/timeseries/add_once.h"
#include "core/timeseries/pass.h"
#include "core/timeseries/raw_codec.h"
#include "gnocchi/error.h"

namespace gnocchi::pipeline {
namespace {

using timeseries::MetricPass;

/// How often a metric's pass is made anew because somebody else wrote its raw series meanwhile.
constexpr int kStaleTries = 5;

/// A metric's pass with what it needs between the steps.
struct Running {
  const MetricWork* work;
  MetricPass pass;
  std::uint64_t version = 0;
  bool is_new = false;  ///< there was no raw series
};

/// Takes what the cache knows of the metrics; none of a driver without versions, which could not
/// tell when that has become old.
std::vector<std::optional<KnownRaw>> take_known(StorageDriver& storage, RawCache& cache,
                                                const std::vector<const MetricWork*>& work) {
  std::vector<std::optional<KnownRaw>> known(work.size());
  if (!storage.traits().versioned) return known;
  for (std::size_t i = 0; i < work.size(); ++i) known[i] = cache.take(work[i]->metric);
  return known;
}

/// Begins a pass with what is stored; with nothing, if that is damaged.
void start_stored(plugin::Log& log, const ObjectRef& ref, const std::optional<StoredObject>& raw,
                  Running& entry) {
  entry.is_new = !raw;
  entry.version = raw ? raw->version : 0;
  try {
    entry.pass.start(raw ? std::optional<BytesView>(raw->data) : std::nullopt,
                     entry.work->measures);
    return;
  } catch (const Error& error) {
    if (error.code() != Error::Code::corrupt_data) throw;
    log_damage(log, ref, error);
  }
  entry.pass.start(std::nullopt, entry.work->measures);
}

/// Begins all passes, with the raw series that are known and, of the others, with what one read
/// gives.
std::vector<Running> start_passes(StorageDriver& storage, plugin::Log& log,
                                  const std::vector<const MetricWork*>& work,
                                  std::vector<std::optional<KnownRaw>> known) {
  const bool partial_writes = storage.traits().partial_writes;
  std::vector<Running> running;
  running.reserve(work.size());
  std::vector<ObjectRef> refs;
  std::vector<Running*> unknown;
  for (std::size_t i = 0; i < work.size(); ++i) {
    const MetricWork& entry = *work[i];
    running.push_back({&entry, MetricPass(*entry.plan, entry.metric, partial_writes)});
    if (known[i]) {
      running.back().version = known[i]->version;
      running.back().pass.start_from(std::move(known[i]->series), entry.measures);
    } else {
      refs.push_back({entry.metric, std::nullopt});
      unknown.push_back(&running.back());
    }
  }
  if (refs.empty()) return running;
  const auto raws = storage.read(refs);
  for (std::size_t i = 0; i < refs.size(); ++i) start_stored(log, refs[i], raws[i], *unknown[i]);
  return running;
}

/// Lets the filter admit what another one admits.
void widen(SplitFilter& filter, const SplitFilter& other) {
  for (const Timespan granularity : other.granularities) {
    timeseries::add_once(filter.granularities, granularity);
  }
  filter.first = std::min(filter.first, other.first);
  filter.last = std::max(filter.last, other.last);
}

void list_splits(StorageDriver& storage, std::vector<Running>& running) {
  std::vector<MetricId> metrics;
  SplitFilter filter;
  std::vector<MetricPass*> passes;
  for (Running& entry : running) {
    if (!entry.pass.wants_split_list()) continue;
    const SplitFilter wanted = entry.pass.wanted_splits();
    if (metrics.empty()) {
      filter = wanted;
    } else {
      widen(filter, wanted);
    }
    metrics.push_back(entry.work->metric);
    passes.push_back(&entry.pass);
  }
  if (metrics.empty()) return;
  const auto lists = storage.list_splits(metrics, filter);
  for (std::size_t i = 0; i < passes.size(); ++i) passes[i]->take_split_list(lists[i]);
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
    for (const SplitKey& key : entry.pass.reads()) refs.push_back({entry.work->metric, key});
  }
  std::vector<std::optional<StoredObject>> objects;
  if (!refs.empty()) objects = storage.read(refs);

  WriteSet set;
  set.metrics.reserve(running.size());
  std::size_t first = 0;
  for (Running& entry : running) {
    const std::size_t count = entry.pass.reads().size();
    MetricWrites writes = finish_pass(log, entry.pass, std::span(refs).subspan(first, count),
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

/// Writes, as long as the sacks are ours; false: they are not any more. `stale` gets the metrics
/// whose raw series was not the one that the pass began with, `cache` what was written.
bool write_passes(StorageDriver& storage, RawCache& cache, plugin::Log& log,
                  std::vector<Running> running, const std::function<bool()>& still_ours,
                  std::vector<const MetricWork*>& stale) {
  while (!running.empty()) {
    const WriteSet set = finish_passes(storage, log, running);
    if (!still_ours()) return false;
    const WriteReport report = storage.write(set);
    std::vector<Running> again;
    for (std::size_t i = 0; i < running.size(); ++i) {
      Running& entry = running[i];
      if (report.verdicts[i] == WriteVerdict::stale) stale.push_back(entry.work);
      if (report.verdicts[i] == WriteVerdict::not_padded) {
        entry.pass.rewrite_whole();
        again.push_back(std::move(entry));
      } else if (report.verdicts[i] == WriteVerdict::done && report.versions[i] != 0) {
        cache.put(entry.work->metric, {report.versions[i], entry.pass.take_raw()});
      }
    }
    running = std::move(again);
  }
  return true;
}

/// The stored points from the first of `measures` on, as if they came anew. Empty for a damaged
/// series: its next pass logs and replaces it.
std::vector<Measure> stored_since(BytesView raw, std::span<const Measure> measures) {
  const Timestamp first =
      std::min_element(measures.begin(), measures.end(), [](const Measure& a, const Measure& b) {
        return a.timestamp < b.timestamp;
      })->timestamp;
  std::vector<Measure> stored;
  try {
    const timeseries::Series series = timeseries::decode_raw(raw);
    for (std::size_t i = 0; i < series.size(); ++i) {
      const Timestamp time{Timespan(series.times[i])};
      if (time >= first) stored.push_back({time, series.values[i]});
    }
  } catch (const Error& error) {
    if (error.code() != Error::Code::corrupt_data) throw;
  }
  return stored;
}

/// Computes the aggregates of metrics anew from what is stored, with none of the new measures. A
/// driver that cannot write splits and raw series in one may have patched splits before it found
/// the raw series changed. Gives up on metrics that somebody keeps writing.
void mend(StorageDriver& storage, plugin::Log& log, std::vector<const MetricWork*> metrics) {
  RawCache none;
  for (int tries = 0; tries < kStaleTries && !metrics.empty(); ++tries) {
    std::vector<ObjectRef> refs;
    refs.reserve(metrics.size());
    for (const MetricWork* entry : metrics) refs.push_back({entry->metric, std::nullopt});
    const auto raws = storage.read(refs);
    std::vector<std::vector<Measure>> stored(metrics.size());
    std::vector<MetricWork> work;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      if (!raws[i]) continue;
      stored[i] = stored_since(raws[i]->data, metrics[i]->measures);
      if (!stored[i].empty()) work.push_back({refs[i].metric, metrics[i]->plan, stored[i]});
    }
    std::vector<const MetricWork*> todo;
    todo.reserve(work.size());
    for (const MetricWork& entry : work) todo.push_back(&entry);
    std::vector<Running> running =
        start_passes(storage, log, todo, std::vector<std::optional<KnownRaw>>(todo.size()));
    list_splits(storage, running);
    std::vector<const MetricWork*> stale;
    write_passes(
        storage, none, log, std::move(running), [] { return true; }, stale);
    std::erase_if(metrics, [&stale](const MetricWork* entry) {
      return std::none_of(stale.begin(), stale.end(),
                          [entry](const MetricWork* one) { return one->metric == entry->metric; });
    });
  }
}

}  // namespace

void store_measures(StorageDriver& storage, RawCache& cache, plugin::Log& log,
                    const std::vector<MetricWork>& work, const std::function<bool()>& still_ours) {
  std::vector<const MetricWork*> todo;
  todo.reserve(work.size());
  for (const MetricWork& entry : work) todo.push_back(&entry);
  std::vector<const MetricWork*> stale;  // of the writes before
  for (int tries = 0; !todo.empty(); ++tries) {
    if (tries == kStaleTries) {
      throw Error(Error::Code::unavailable, "store metric " + todo.front()->metric.to_string() +
                                                ": its raw series was changed by another worker " +
                                                std::to_string(kStaleTries) + " times");
    }
    std::vector<Running> running =
        start_passes(storage, log, todo, take_known(storage, cache, todo));
    list_splits(storage, running);
    todo.clear();
    if (!write_passes(storage, cache, log, std::move(running), still_ours, todo)) {
      mend(storage, log, stale.empty() ? todo : stale);
      throw Error(Error::Code::unavailable,
                  "store metrics: the lock of a sack was lost, somebody else processes it by now");
    }
    stale = todo;
  }
}

}  // namespace gnocchi::pipeline
