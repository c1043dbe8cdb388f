#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "gnocchi/indexer.h"

namespace gnocchi::support {

/// Archive policies and rules in maps, as an index keeps them; no other role.
class MemoryPolicies : public IndexerDriver, private ArchivePolicyIndex {
 public:
  std::set<std::string> in_use;  ///< policies that metrics have
  std::optional<Error> broken;   ///< thrown by every call, if set

  void start() override {}
  void stop() noexcept override {}
  void upgrade() override {}
  ArchivePolicyIndex& archive_policies() override {
    if (broken) throw *broken;
    return *this;
  }
  ResourceTypeIndex& resource_types() override { refuse(); }
  ResourceIndex& resources() override { refuse(); }
  MetricIndex& metrics() override { refuse(); }

 private:
  using Reason = Refused::Reason;
  using Subject = Refused::Subject;

  [[noreturn]] static void refuse() { throw Error(Error::Code::internal, "not asked for"); }
  [[noreturn]] static void no_policy(std::string_view name) {
    throw Refused(Reason::no_such_parent, Subject::archive_policy,
                  "Archive policy " + std::string(name) + " does not exist", std::string(name));
  }
  [[noreturn]] static void no_rule(std::string_view name) {
    throw Refused(Reason::no_such_parent, Subject::archive_policy_rule,
                  "Archive policy rule " + std::string(name) + " does not exist",
                  std::string(name));
  }

  std::vector<ArchivePolicy> list() override {
    std::vector<ArchivePolicy> all;
    for (const auto& [name, policy] : policies_) all.push_back(policy);
    return all;
  }
  std::optional<ArchivePolicy> get(std::string_view name) override {
    const auto found = policies_.find(name);
    return found == policies_.end() ? std::nullopt : std::optional(found->second);
  }
  void create(const ArchivePolicy& policy) override {
    if (!policies_.emplace(policy.name, policy).second) {
      throw Refused(Reason::already_exists, Subject::archive_policy,
                    "Archive policy " + policy.name + " already exists", policy.name);
    }
  }
  void update(const ArchivePolicy& policy) override {
    const auto found = policies_.find(policy.name);
    if (found == policies_.end()) no_policy(policy.name);
    found->second = policy;
  }
  void remove(std::string_view name) override {
    if (!policies_.contains(name)) no_policy(name);
    if (in_use.contains(std::string(name))) {
      throw Refused(Reason::still_in_use, Subject::archive_policy,
                    "Archive policy " + std::string(name) + " is still in use", std::string(name));
    }
    policies_.erase(std::string(name));
  }
  std::vector<ArchivePolicyRule> list_rules() override {
    std::vector<ArchivePolicyRule> all;
    for (const auto& [name, rule] : rules_) all.push_back(rule);
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.metric_pattern > b.metric_pattern; });
    return all;
  }
  std::optional<ArchivePolicyRule> get_rule(std::string_view name) override {
    const auto found = rules_.find(name);
    return found == rules_.end() ? std::nullopt : std::optional(found->second);
  }
  void create_rule(const ArchivePolicyRule& rule) override {
    if (!policies_.contains(rule.archive_policy_name)) no_policy(rule.archive_policy_name);
    if (!rules_.emplace(rule.name, rule).second) already_exists(rule.name);
  }
  ArchivePolicyRule rename_rule(std::string_view name, std::string_view new_name) override {
    const auto found = rules_.find(name);
    if (found == rules_.end()) no_rule(name);
    if (rules_.contains(new_name)) already_exists(std::string(new_name));
    ArchivePolicyRule rule = found->second;
    rules_.erase(found);
    rule.name = new_name;
    rules_.emplace(rule.name, rule);
    return rule;
  }
  void remove_rule(std::string_view name) override {
    if (rules_.erase(std::string(name)) == 0) no_rule(name);
  }
  [[noreturn]] static void already_exists(const std::string& name) {
    throw Refused(Reason::already_exists, Subject::archive_policy_rule,
                  "Archive policy rule " + name + " already exists", name);
  }

  std::map<std::string, ArchivePolicy, std::less<>> policies_;
  std::map<std::string, ArchivePolicyRule, std::less<>> rules_;
};

}  // namespace gnocchi::support
