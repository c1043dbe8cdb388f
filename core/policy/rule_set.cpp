#include "core/policy/rule_set.h"

#include <algorithm>
#include <optional>

#include "gnocchi/error.h"

namespace gnocchi::policy {
namespace {

// References may go through this many rules; longer chains are a mistake in a generated file.
constexpr std::size_t kMaxChain = 50;

bool same_without_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// The template with the target's attributes filled in. nullopt: one of them is absent, or is None
/// and `none` has no text for it.
std::optional<std::string> expand(const Template& match, const Target& target,
                                  const char* none = nullptr) {
  std::string result;
  for (const auto& piece : match.pieces) {
    if (!piece.is_attribute) {
      result += piece.text;
      continue;
    }
    const auto attribute = target.find(piece.text);
    if (attribute == target.end()) return std::nullopt;
    if (!attribute->second && !none) return std::nullopt;
    result += attribute->second ? *attribute->second : std::string{none};
  }
  return result;
}

}  // namespace

std::vector<std::string_view> credentials(const Identity& who, std::string_view name) {
  std::vector<std::string_view> values;
  const auto add = [&values](const std::string& value) {
    if (!value.empty()) values.push_back(value);
  };
  const auto add_if_set = [&add](const std::optional<std::string>& value) {
    if (value) add(*value);
  };
  if (name == "user") add(who.creator);
  if (name == "user_id") add_if_set(who.user_id);
  if (name == "project_id") add_if_set(who.project_id);
  if (name == "domain_id") add_if_set(who.domain_id);
  if (name == "roles") {
    for (const auto& role : who.roles) add(role);
  }
  for (const auto& [key, value] : who.attributes) {
    if (key == name) add(value);
  }
  return values;
}

RuleSet::RuleSet(std::map<std::string, Check, std::less<>> rules, std::string default_rule)
    : rules_(std::move(rules)), default_rule_(std::move(default_rule)) {
  for (const auto& [name, check] : rules_) {
    std::vector<std::string> path{name};
    verify(name, check, path);
  }
}

const Check* RuleSet::find(std::string_view name) const {
  auto rule = rules_.find(name);
  if (rule == rules_.end()) rule = rules_.find(default_rule_);
  return rule == rules_.end() ? nullptr : &rule->second;
}

void RuleSet::verify(const std::string& name, const Check& check,
                     std::vector<std::string>& path) const {
  for (const Check& child : check.children) verify(name, child, path);
  if (check.kind != Check::Kind::rule) return;
  const Check* next = find(check.subject);
  const std::string where = "rule \"" + path.front() + "\"";
  if (!next) {
    throw Error{Error::Code::invalid_config,
                where + " refers to rule \"" + check.subject + "\", which does not exist"};
  }
  if (std::find(path.begin(), path.end(), check.subject) != path.end()) {
    throw Error{Error::Code::invalid_config,
                where + " leads back to rule \"" + check.subject + "\""};
  }
  if (path.size() == kMaxChain) {
    throw Error{Error::Code::invalid_config,
                where + " refers through more than " + std::to_string(kMaxChain) + " other rules"};
  }
  path.push_back(check.subject);
  verify(check.subject, *next, path);
  path.pop_back();
}

bool RuleSet::allows(std::string_view rule, const Target& target, const Identity& who) const {
  const Check* check = find(rule);
  return check && evaluate(*check, target, who);
}

bool RuleSet::evaluate(const Check& check, const Target& target, const Identity& who) const {
  const auto holds = [&](const Check& child) { return evaluate(child, target, who); };
  switch (check.kind) {
    case Check::Kind::always: return true;
    case Check::Kind::never:
    case Check::Kind::remote: return false;
    case Check::Kind::all_of:
      return std::all_of(check.children.begin(), check.children.end(), holds);
    case Check::Kind::any_of:
      return std::any_of(check.children.begin(), check.children.end(), holds);
    case Check::Kind::negate: return !holds(check.children.front());
    case Check::Kind::rule: return holds(*find(check.subject));
    case Check::Kind::literal: return expand(check.match, target, "None") == check.subject;
    case Check::Kind::role: {
      const auto wanted = expand(check.match, target);
      return wanted && std::any_of(who.roles.begin(), who.roles.end(), [&](const auto& role) {
               return same_without_case(role, *wanted);
             });
    }
    case Check::Kind::credential: {
      const auto wanted = expand(check.match, target);
      const auto values = credentials(who, check.subject);
      return wanted && std::find(values.begin(), values.end(), *wanted) != values.end();
    }
  }
  return false;
}

}  // namespace gnocchi::policy
