#include "core/pipeline/processor.h"

#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/pipeline/measure_removal.h"
#include "core/pipeline/metric_store.h"
#include "core/pipeline/pass_measures.h"
#include "gnocchi/error.h"
#include "gnocchi/naming.h"

namespace gnocchi::pipeline {
namespace {

/// Pending bytes that a worker takes at once, of all sacks of its passes: a million measures, about
/// 100 MiB while they are worked on.
constexpr std::size_t kWorkerBytes = std::size_t{16} << 20;

std::size_t bytes_of(const SackBatch& batch) {
  std::size_t bytes = 0;
  for (const Bundle& bundle : batch.bundles) bytes += bundle.data.size();
  return bytes;
}

Timestamp newest_of(std::span<const Measure> measures) {
  return std::max_element(
             measures.begin(), measures.end(),
             [](const Measure& a, const Measure& b) { return a.timestamp < b.timestamp; })
      ->timestamp;
}

}  // namespace

std::string lock_name_of(std::string_view what) {
  Poco::SHA1Engine sha1;
  sha1.update("gnocchi-sack-" + std::string(what) + "-lock");
  return Poco::DigestEngine::digestToHex(sha1.digest());
}

Processor::Processor(StorageDriver& storage, IncomingDriver& incoming, IndexerDriver& indexer,
                     CoordinatorDriver& coordinator, plugin::Log& log, Timespan inactive_after)
    : storage_(storage),
      incoming_(incoming),
      indexer_(indexer),
      coordinator_(coordinator),
      log_(log),
      plans_(indexer.archive_policies()),
      inactive_after_(inactive_after) {}

std::string Processor::lock_name(SackNumber sack) const {
  return lock_name_of(sack_name(sack, incoming_.sack_count()));
}

void Processor::describe(std::string_view origin, stats::Text& text) const {
  stats_.describe(origin, text);
  plans_.stats().describe("plans of " + std::string(origin), text);
  raw_cache_.describe(origin, text);
}

PassReport Processor::process_sack(SackNumber sack, std::chrono::milliseconds wait) {
  return process_sacks({&sack, 1}, wait).front();
}

std::vector<PassReport> Processor::process_sacks(std::span<const SackNumber> sacks,
                                                 std::chrono::milliseconds wait) {
  try {
    return pass(sacks, wait);
  } catch (...) {
    stats_.failed.add();
    throw;
  }
}

std::vector<PassReport> Processor::pass(std::span<const SackNumber> sacks,
                                        std::chrono::milliseconds wait) {
  std::vector<PassReport> reports(sacks.size());
  std::vector<std::unique_ptr<HeldLock>> locks;
  std::vector<Taken> taken;
  for (std::size_t i = 0; i < sacks.size(); ++i) {
    if (auto lock = coordinator_.lock(lock_name(sacks[i]), wait)) {
      taken.push_back({sacks[i], lock.get(), &reports[i]});
      locks.push_back(std::move(lock));
    } else {
      reports[i].locked = true;
      stats_.locked.add();
    }
  }
  drain(taken, nullptr);
  return reports;
}

void Processor::drain(std::vector<Taken>& taken, const Cut* cut) {
  const auto begin = std::chrono::steady_clock::now();
  std::size_t left = kWorkerBytes / std::max(1U, storage_.traits().passes_per_worker);
  for (Taken& one : taken) {
    if (left == 0) {
      one.report->more = true;
      continue;
    }
    one.batch = incoming_.read_sack(one.sack, left);
    one.report->more = one.batch.more;
    left -= std::min(left, bytes_of(one.batch));
  }
  std::erase_if(taken, [](const Taken& one) { return !one.batch.receipt; });
  if (taken.empty()) return;
  store(taken, cut);
  for (const Taken& one : taken) {
    incoming_.acknowledge(one.batch);
    stats_.metrics.add(one.report->metrics);
    stats_.measures.add(one.report->measures);
  }
  stats_.seconds.observe(std::chrono::steady_clock::now() - begin);
}

void Processor::store(std::span<const Taken> taken, const Cut* cut) {
  std::vector<const SackBatch*> batches;
  std::unordered_map<SackNumber, PassReport*> reports;
  for (const Taken& one : taken) {
    batches.push_back(&one.batch);
    reports.emplace(one.sack, one.report);
  }
  PassMeasures measures(batches, log_);
  if (cut != nullptr) measures.drop(cut->metric, cut->range);
  if (measures.empty()) return;

  const std::uint32_t sack_count = incoming_.sack_count();
  std::vector<MetricWork> work;
  const std::vector<MetricId> ids = measures.metrics();
  const Timespan inactive_after = inactive_after_;
  const bool tracks = inactive_after.count() > 0;
  const std::vector<Metric> metrics = indexer_.metrics().get(ids, tracks);
  std::vector<Timestamp> newest;  // of each metric's measures
  newest.reserve(metrics.size());
  work.reserve(metrics.size());
  for (const Metric& metric : metrics) {
    const auto own = measures.of(metric.id);
    newest.push_back(tracks ? newest_of(own) : Timestamp{});
    Plan plan = plans_.get(metric.archive_policy_name);
    if (!plan) continue;  // deleted together with its policy since the look at the index
    const auto sack = reports.find(sack_of(metric.id, sack_count));
    PassReport& report = sack == reports.end() ? *taken.front().report : *sack->second;
    report.measures += own.size();
    report.metrics += 1;
    work.push_back({metric.id, std::move(plan), own});
  }
  if (work.size() < ids.size()) {
    stats_.dropped.add(ids.size() - work.size());
    log_.info("measures of unknown metrics dropped sacks=" + std::to_string(taken.size()) +
              " metrics=" + std::to_string(ids.size() - work.size()));
  }
  if (work.empty()) return;
  store_measures(storage_, raw_cache_, log_, work, [taken] {
    return std::all_of(taken.begin(), taken.end(),
                       [](const Taken& one) { return one.lock->still_held(); });
  });
  if (tracks) track(metrics, newest, tracking_slack(inactive_after));
}

void Processor::track(std::span<const Metric> metrics, std::span<const Timestamp> newest,
                      Timespan slack) {
  std::vector<MetricId> ids;
  ids.reserve(metrics.size());
  std::map<ResourceId, std::string> resumed;  // with their types
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    ids.push_back(metrics[i].id);
    const auto& resource = metrics[i].resource;
    if (resource && resource->ended_at && *resource->ended_at <= newest[i]) {
      resumed.emplace(resource->id, resource->type);
    }
  }
  indexer_.metrics().touch(ids, std::chrono::system_clock::now(), slack);
  for (const auto& [id, type] : resumed) {
    ResourceChange change;
    change.ended_at = std::optional<Timestamp>();
    try {
      indexer_.resources().update(type, id, change);
      log_.info("resource goes on after measures came id=" + id.to_string());
    } catch (const Refused& refused) {
      log_.info("resource not resumed id=" + id.to_string() + " reason=\"" + refused.what() + "\"");
    }
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

bool Processor::remove_measures(const Metric& metric, const timeseries::TimeRange& range,
                                std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  const SackNumber sack = sack_of(metric.id, incoming_.sack_count());
  const auto lock = coordinator_.lock(lock_name(sack), timeout);
  if (!lock) return false;
  const Cut cut{metric.id, range};
  PassReport report;
  do {
    report = {};
    std::vector<Taken> taken;
    taken.push_back({sack, lock.get(), &report});
    drain(taken, &cut);
    if (report.more && std::chrono::steady_clock::now() >= until) return false;
  } while (report.more);
  const Plan plan = plans_.get(metric.archive_policy_name);
  if (!plan) return true;  // deleted together with its policy meanwhile
  pipeline::remove_measures(storage_, log_, metric.id, plan, range,
                            [&lock] { return lock->still_held(); });
  return true;
}

}  // namespace gnocchi::pipeline
