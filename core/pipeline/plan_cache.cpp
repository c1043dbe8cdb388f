#include "core/pipeline/plan_cache.h"

namespace gnocchi::pipeline {
namespace {
constexpr std::chrono::seconds kMaxAge{1};
}

Plan PlanCache::get(const std::string& policy_name) {
  const std::scoped_lock guard(mutex_);
  const auto age = std::chrono::steady_clock::now() - loaded_at_;
  const bool stale = entries_.empty() || age > kMaxAge;
  if (stale) reload();
  auto found = entries_.find(policy_name);
  (stale || found == entries_.end() ? stats_.misses : stats_.hits).add();
  if (found == entries_.end()) {  // made since the last look
    reload();
    found = entries_.find(policy_name);
  }
  if (found == entries_.end()) return nullptr;
  Entry& entry = found->second;
  if (!entry.plan) entry.plan = std::make_shared<const timeseries::AggregationPlan>(entry.policy);
  return entry.plan;
}

void PlanCache::reload() {
  std::map<std::string, Entry> fresh;
  for (ArchivePolicy& policy : policies_.list()) {
    const auto known = entries_.find(policy.name);
    Plan plan =
        known != entries_.end() && known->second.policy == policy ? known->second.plan : nullptr;
    std::string name = policy.name;
    fresh.emplace(std::move(name), Entry{std::move(policy), std::move(plan)});
  }
  entries_ = std::move(fresh);
  loaded_at_ = std::chrono::steady_clock::now();
}

}  // namespace gnocchi::pipeline
