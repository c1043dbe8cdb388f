#include "core/policy/file_enforcer.h"

#include <utility>

#include "gnocchi/error.h"

namespace gnocchi::policy {
namespace {

bool knows_no_projects(const Identity& who) {
  return !who.user_id && !who.project_id && !who.creator.empty() &&
         who.creator.find(':') == std::string::npos;
}

}  // namespace

FileEnforcer::FileEnforcer(Sources sources, plugin::Log& log)
    : sources_(std::move(sources)), log_(log), rules_(load()) {}

std::shared_ptr<const RuleSet> FileEnforcer::load() const {
  PolicyFiles files = read_rules(sources_, log_);
  try {
    return std::make_shared<const RuleSet>(std::move(files.rules), sources_.default_rule);
  } catch (const Error& fault) {
    throw Error{fault.code(), "policy files " + files.names + ": " + fault.what()};
  }
}

std::shared_ptr<const RuleSet> FileEnforcer::rules() const {
  const std::lock_guard lock{mutex_};
  return rules_;
}

bool FileEnforcer::allows(std::string_view rule, const Target& target, const Identity& who) const {
  return rules()->allows(rule, target, who);
}

bool FileEnforcer::defines(std::string_view rule) const { return rules()->defines(rule); }

Visibility FileEnforcer::visible(std::string_view rule, const Identity& who, RowKind rows) const {
  Visibility visible = this->rules()->visible(rule, who, rows);
  const bool denied = std::holds_alternative<Nothing>(visible);
  if (rule == "list metric" && !denied && knows_no_projects(who)) return Everything{};
  return visible;
}

void FileEnforcer::reload() {
  std::shared_ptr<const RuleSet> fresh;
  try {
    fresh = load();
  } catch (const Error& fault) {
    log_.error(std::string{"policy not reloaded, the rules before stay: "} + fault.what());
    return;
  }
  const std::lock_guard lock{mutex_};
  rules_ = std::move(fresh);
}

}  // namespace gnocchi::policy
