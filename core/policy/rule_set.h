#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/enforcer.h"
#include "core/policy/rule.h"

namespace gnocchi::policy {

/// Named rules that refer to each other, resolved: every rule:NAME exists (or falls to the default
/// rule) and none leads back to itself. Immutable; any thread.
///
/// None never equals anything: neither an identity's missing project a row's missing project nor an
/// empty one an empty one. Only the literal None:%(attribute)s asks for absence.
class RuleSet {
 public:
  /// `default_rule` serves names that are not there; it need not exist itself. Throws
  /// Error{invalid_config} naming the rule: unknown references, circles.
  RuleSet(std::map<std::string, Check, std::less<>> rules, std::string default_rule);

  bool allows(std::string_view rule, const Target& target, const Identity& who) const;
  Visibility visible(std::string_view rule, const Identity& who, RowKind rows) const;

  bool defines(std::string_view name) const { return rules_.contains(name); }

  /// The rule of this name, or the default rule, or null.
  const Check* find(std::string_view name) const;

 private:
  void verify(const std::string& name, const Check& check, std::vector<std::string>& path) const;
  bool evaluate(const Check& check, const Target& target, const Identity& who) const;
  Visibility compile(const Check& check, const Identity& who, RowKind rows, bool negated) const;

  std::map<std::string, Check, std::less<>> rules_;
  std::string default_rule_;
};

/// The values that an identity has under this name, none if it is unset or empty; views of `who`.
std::vector<std::string_view> credentials(const Identity& who, std::string_view name);

}  // namespace gnocchi::policy
