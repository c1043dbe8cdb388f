#include "core/index/archive_policy_cache.h"

#include "core/index/archive_policy_rules.h"

namespace gnocchi::index {

std::shared_ptr<const ArchivePolicyCache::Policies> ArchivePolicyCache::policies(bool fresh) {
  const auto now = clock_();
  std::uint64_t generation = 0;
  {
    const std::scoped_lock guard(mutex_);
    const bool known = !fresh && policies_ != nullptr && now - policies_read_ < kFreshFor;
    (known ? policies_stats_.hits : policies_stats_.misses).add();
    if (known) return policies_;
    generation = generation_;
  }
  auto read = std::make_shared<Policies>();
  for (auto& policy : indexer_.archive_policies().list()) {
    std::string name = policy.name;
    read->emplace(std::move(name), std::make_shared<const ArchivePolicy>(std::move(policy)));
  }
  const std::scoped_lock guard(mutex_);
  if (generation == generation_) {
    policies_ = read;
    policies_read_ = now;
  }
  return read;
}

std::shared_ptr<const ArchivePolicy> ArchivePolicyCache::find(std::string_view name) {
  for (const bool fresh : {false, true}) {
    const auto known = policies(fresh);
    const auto found = known->find(name);
    if (found != known->end()) return found->second;
  }
  return nullptr;
}

std::shared_ptr<const std::vector<ArchivePolicyRule>> ArchivePolicyCache::rules() {
  const auto now = clock_();
  std::uint64_t generation = 0;
  {
    const std::scoped_lock guard(mutex_);
    const bool known = rules_ != nullptr && now - rules_read_ < kFreshFor;
    (known ? rules_stats_.hits : rules_stats_.misses).add();
    if (known) return rules_;
    generation = generation_;
  }
  auto read = std::make_shared<const Rules>(indexer_.archive_policies().list_rules());
  const std::scoped_lock guard(mutex_);
  if (generation == generation_) {
    rules_ = read;
    rules_read_ = now;
  }
  return read;
}

std::optional<ArchivePolicyRule> ArchivePolicyCache::rule_for(std::string_view metric_name) {
  const auto known = rules();
  const auto* rule = match_rule(*known, metric_name);
  return rule == nullptr ? std::nullopt : std::optional(*rule);
}

void ArchivePolicyCache::describe(stats::Text& text) const {
  policies_stats_.describe("archive policies", text);
  rules_stats_.describe("archive policy rules", text);
}

void ArchivePolicyCache::invalidate() {
  const std::scoped_lock guard(mutex_);
  ++generation_;
  policies_ = nullptr;
  rules_ = nullptr;
}

}  // namespace gnocchi::index
