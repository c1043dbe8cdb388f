#pragma once

#include <memory>
#include <mutex>

#include "core/policy/enforcer.h"
#include "core/policy/policy_files.h"
#include "core/policy/rule_set.h"

namespace gnocchi::policy {

/// The rules of the policy files. Any thread; reload() may run beside questions.
///
/// Modes without projects (basic, remoteuser: an identity that is a bare user name, with neither
/// user_id nor project_id) have no tenants to keep apart, and Gnocchi's clients rely on GET
/// /v1/metric listing every metric there. So visible("list metric") shows everything to such an
/// identity unless the rule denies it outright. This is the one exception: whatever else it lists,
/// reads or changes is decided by the rules, as for anybody.
class FileEnforcer final : public Enforcer {
 public:
  /// Throws Error{invalid_config} naming file and rule.
  FileEnforcer(Sources sources, plugin::Log& log);

  bool allows(std::string_view rule, const Target& target, const Identity& who) const override;
  bool defines(std::string_view rule) const override;
  Visibility visible(std::string_view rule, const Identity& who, RowKind rows) const override;

  /// Reads the files again. If they are faulty, says so in the log and the old rules stay.
  void reload();

 private:
  std::shared_ptr<const RuleSet> rules() const;
  std::shared_ptr<const RuleSet> load() const;

  Sources sources_;
  plugin::Log& log_;
  mutable std::mutex mutex_;
  std::shared_ptr<const RuleSet> rules_;
};

}  // namespace gnocchi::policy
