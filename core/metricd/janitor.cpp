#include "core/metricd/janitor.h"

#include <chrono>
#include <map>
#include <optional>

#include "core/pipeline/raw_truncation.h"
#include "core/timeseries/aggregation.h"
#include "gnocchi/error.h"

namespace gnocchi::metricd {
namespace {

// As Python's janitors call them.
constexpr char kEndingLock[] = "resource_ended_at_normalization_lock";
constexpr char kCleanupLock[] = "auto_clean_expired_resources_lock";
constexpr std::chrono::milliseconds kNoWait{0};

std::vector<MetricId> ids_of(std::span<const Metric* const> metrics) {
  std::vector<MetricId> ids;
  ids.reserve(metrics.size());
  for (const Metric* metric : metrics) ids.push_back(metric->id);
  return ids;
}

std::string described(const ResourceBase& resource) {
  return "id=" + resource.id.to_string() + " type=" + resource.type + " original_id=\"" +
         resource.original_resource_id.value_or("") + "\"";
}

}  // namespace

Janitor::Janitor(const Settings& settings, StorageDriver& storage, IncomingDriver& incoming,
                 IndexerDriver& indexer, CoordinatorDriver& coordinator,
                 const pipeline::Processor& processor, plugin::Log& log)
    : settings_(settings),
      storage_(storage),
      incoming_(incoming),
      indexer_(indexer),
      coordinator_(coordinator),
      processor_(processor),
      log_(log) {}

void Janitor::run() {
  step("removal of deleted metrics", [this] {
    while (expunge_metrics() >= settings_.cleanup_batch_size) {
    }
  });
  step("truncation of raw series", [this] { truncate_raw_series(); });
  const Timestamp now = std::chrono::system_clock::now();
  if (settings_.inactive_after.count() > 0) {
    step("ending of inactive resources", [this, now] { end_inactive_resources(now); });
  }
  if (settings_.resource_cleanup_after.count() > 0) {
    step("removal of expired resources", [this, now] { remove_expired_resources(now); });
  }
}

void Janitor::step(const char* name, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    log_.error(std::string(name) + " failed reason=\"" + error.what() + "\"");
  }
}

/// Calls `work` with the metrics of each sack whose lock is to be had.
template <class Work>
void Janitor::by_sack(std::span<const Metric> metrics, Work work) {
  const std::uint32_t sack_count = incoming_.sack_count();
  std::map<SackNumber, std::vector<const Metric*>> sacks;
  for (const Metric& metric : metrics) sacks[sack_of(metric.id, sack_count)].push_back(&metric);
  for (const auto& [sack, own] : sacks) {
    const auto lock = coordinator_.lock(processor_.lock_name(sack), kNoWait);
    if (lock) work(own);
  }
}

std::uint64_t Janitor::expunge_metrics() {
  MetricQuery query;
  query.status = MetricStatus::deleted;
  query.limit = settings_.cleanup_batch_size;
  std::uint64_t removed = 0;
  by_sack(indexer_.metrics().list(query), [&](const std::vector<const Metric*>& metrics) {
    const auto ids = ids_of(metrics);
    storage_.remove_metrics(ids);
    indexer_.metrics().expunge(ids);
    removed += ids.size();
  });
  if (removed > 0) log_.info("deleted metrics removed count=" + std::to_string(removed));
  return removed;
}

std::uint64_t Janitor::truncate_raw_series() {
  MetricQuery query;
  query.needs_truncation = true;
  query.limit = settings_.cleanup_batch_size;
  const std::vector<Metric> marked = indexer_.metrics().list(query);
  if (marked.empty()) return 0;
  // Read after the marks: whoever set them had changed the policy by then. No cache for that
  // reason.
  std::map<std::string, ArchivePolicy> policies;
  for (ArchivePolicy& policy : indexer_.archive_policies().list()) {
    std::string name = policy.name;
    policies.emplace(std::move(name), std::move(policy));
  }
  std::uint64_t done = 0;
  by_sack(marked, [&](const std::vector<const Metric*>& metrics) {
    std::map<std::string, std::vector<MetricId>> by_policy;
    for (const Metric* metric : metrics) {
      by_policy[metric->archive_policy_name].push_back(metric->id);
    }
    for (const auto& [name, ids] : by_policy) {
      const auto policy = policies.find(name);
      if (policy == policies.end()) continue;
      pipeline::truncate_raw(storage_, log_, ids, timeseries::AggregationPlan(policy->second));
      indexer_.metrics().unmark_truncated(ids, policy->second);
      done += ids.size();
    }
  });
  if (done > 0)
    log_.info("raw series held against their back windows count=" + std::to_string(done));
  return done;
}

std::uint64_t Janitor::end_inactive_resources(Timestamp now) {
  const auto lock = coordinator_.lock(pipeline::lock_name_of(kEndingLock), kNoWait);
  if (!lock) return 0;
  // The index may lag behind by the slack: nobody is ended early for that.
  const Timestamp since =
      now - settings_.inactive_after - pipeline::tracking_slack(settings_.inactive_after);
  std::uint64_t ended = 0;
  for (const ResourceBase& resource :
       indexer_.resources().list_inactive(since, settings_.cleanup_batch_size)) {
    ResourceChange change;
    change.ended_at = std::optional(now);
    try {
      indexer_.resources().update(resource.type, resource.id, change);
      log_.info("resource ended for want of measures " + described(resource));
      ++ended;
    } catch (const Refused& refused) {  // removed meanwhile, or not yet started
      log_.info("inactive resource not ended " + described(resource) + " reason=\"" +
                refused.what() + "\"");
    }
  }
  return ended;
}

std::uint64_t Janitor::remove_expired_resources(Timestamp now) {
  const auto lock = coordinator_.lock(pipeline::lock_name_of(kCleanupLock), kNoWait);
  if (!lock) return 0;
  const Filter expired =
      Filter::compare(Filter::Op::lt, "ended_at", Value(now - settings_.resource_cleanup_after));
  ResourceQuery query;
  query.filter = expired;
  query.metrics = false;
  query.limit = settings_.cleanup_batch_size;
  query.sorts = {{"ended_at"}};
  std::vector<Value> ids;
  const char* const verb = settings_.resource_cleanup_dry_run
                               ? "dry run: would remove expired resource "
                               : "expired resource removed ";
  const std::vector<Resource> found = indexer_.resources().list(query);
  ids.reserve(found.size());
  for (const Resource& resource : found) ids.emplace_back(static_cast<const Uuid&>(resource.id));
  if (ids.empty()) return 0;
  if (!settings_.resource_cleanup_dry_run) {
    // Asked again, since a measure may have resumed one of them.
    indexer_.resources().remove_matching(
        "generic", Filter::all({Filter::one_of("id", std::move(ids)), expired}));
  }
  for (const Resource& resource : found) log_.info(verb + described(resource));
  return found.size();
}

}  // namespace gnocchi::metricd
