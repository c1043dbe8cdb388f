#include "core/pipeline/processor.h"

#include <Poco/SHA1Engine.h>

#include <set>
#include <unordered_map>
#include <vector>

#include "core/pipeline/measures_codec.h"
#include "core/pipeline/metric_store.h"
#include "gnocchi/error.h"
#include "gnocchi/naming.h"

namespace gnocchi::pipeline {
namespace {

/// Pending bytes taken in one pass: a million measures, about 100 MiB while they are worked on.
constexpr std::size_t kPassBytes = std::size_t{16} << 20;

using MeasuresByMetric = std::unordered_map<MetricId, std::vector<Measure>>;

/// A bundle that cannot be decoded is logged and left out: acknowledging the batch removes it.
MeasuresByMetric decode(const SackBatch& batch, plugin::Log& log) {
  MeasuresByMetric measures;
  for (const Bundle& bundle : batch.bundles) {
    try {
      decode_measures(bundle.data, measures[bundle.metric]);
    } catch (const Error& error) {
      log.error("damaged bundle dropped metric=" + bundle.metric.to_string() +
                " sack=" + std::to_string(batch.sack.value) + " reason=\"" + error.what() + "\"");
    }
  }
  std::erase_if(measures, [](const auto& entry) { return entry.second.empty(); });
  return measures;
}

std::vector<MetricId> ids_of(const MeasuresByMetric& measures) {
  std::vector<MetricId> ids;
  ids.reserve(measures.size());
  for (const auto& entry : measures) ids.push_back(entry.first);
  return ids;
}

}  // namespace

Processor::Processor(StorageDriver& storage, IncomingDriver& incoming, IndexerDriver& indexer,
                     CoordinatorDriver& coordinator, plugin::Log& log, bool touch_metrics)
    : storage_(storage),
      incoming_(incoming),
      indexer_(indexer),
      coordinator_(coordinator),
      log_(log),
      plans_(indexer.archive_policies()),
      touch_metrics_(touch_metrics) {}

std::string Processor::lock_name(SackNumber sack) const {
  Poco::SHA1Engine sha1;
  sha1.update("gnocchi-sack-" + sack_name(sack, incoming_.sack_count()) + "-lock");
  return Poco::DigestEngine::digestToHex(sha1.digest());
}

PassReport Processor::process_sack(SackNumber sack, std::chrono::milliseconds wait) {
  PassReport report;
  const auto lock = coordinator_.lock(lock_name(sack), wait);
  if (!lock) {
    report.locked = true;
    return report;
  }
  const SackBatch batch = incoming_.read_sack(sack, kPassBytes);
  if (!batch.receipt) return report;
  report.more = batch.more;
  store(batch, *lock, report);
  incoming_.acknowledge(batch);
  return report;
}

void Processor::store(const SackBatch& batch, HeldLock& lock, PassReport& report) {
  MeasuresByMetric measures = decode(batch, log_);
  if (measures.empty()) return;

  std::vector<MetricWork> work;
  std::vector<MetricId> ids = ids_of(measures);
  for (const Metric& metric : indexer_.metrics().get(ids, false)) {
    Plan plan = plans_.get(metric.archive_policy_name);
    if (!plan) continue;  // deleted together with its policy since the look at the index
    auto& own = measures[metric.id];
    report.measures += own.size();
    work.push_back({metric.id, std::move(plan), std::move(own)});
  }
  report.metrics = work.size();
  if (work.size() < ids.size()) {
    log_.info("measures of unknown metrics dropped sack=" + std::to_string(batch.sack.value) +
              " metrics=" + std::to_string(ids.size() - work.size()));
  }
  if (work.empty()) return;
  if (!lock.still_held()) {
    throw Error(Error::Code::unavailable,
                "process sack " + std::to_string(batch.sack.value) + ": its lock was lost");
  }
  store_measures(storage_, log_, work);
  if (touch_metrics_) {
    ids.clear();
    for (const MetricWork& entry : work) ids.push_back(entry.metric);
    indexer_.metrics().touch(ids, std::chrono::system_clock::now());
  }
}

bool Processor::refresh(std::span<const MetricId> metrics, std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  const std::uint32_t count = incoming_.sack_count();
  std::set<SackNumber> sacks;
  for (const MetricId& metric : metrics) sacks.insert(sack_of(metric, count));
  const std::vector<SackNumber> asked(sacks.begin(), sacks.end());
  for (const SackNumber sack : incoming_.with_pending(asked)) {
    PassReport report;
    do {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          until - std::chrono::steady_clock::now());
      report = process_sack(sack, std::max(left, std::chrono::milliseconds::zero()));
      if (report.locked) return false;
    } while (report.more);
  }
  return true;
}

}  // namespace gnocchi::pipeline
