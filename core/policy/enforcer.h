#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gnocchi/auth.h"
#include "gnocchi/filter.h"

/// Access rules in oslo.policy's language. No driver decides rights.
namespace gnocchi::policy {

/// What a rule is asked about: attribute names as rules write them in %(...)s, nested ones with a
/// dot ("resource.project_id"). An absent attribute makes a check with it false; monostate is None.
using Target = std::map<std::string, std::optional<std::string>, std::less<>>;

/// The rows that a rule lets somebody see.
struct Everything {};
struct Nothing {};
using Visibility = std::variant<Everything, Nothing, Filter>;

/// How rule attributes are called as filter fields: of resource rows as they are; of metric rows
/// "creator", "created_by_project_id", ... of the metric and "resource.*" of its resource.
enum class RowKind { resource, metric };

class Enforcer {
 public:
  virtual ~Enforcer() = default;

  /// Whether `rule` lets `who` do it to `target`. An unknown rule denies (as oslo's default rule).
  virtual bool allows(std::string_view rule, const Target& target, const Identity& who) const = 0;

  /// Whether there is a rule of this name, the default rule aside.
  virtual bool defines(std::string_view /*rule*/) const { return false; }

  /// The same decision for every row at once: the rule with this identity filled in, as a filter
  /// on the attributes of the rows. Exact: allows(rule, row) == filter matches row.
  virtual Visibility visible(std::string_view rule, const Identity& who, RowKind rows) const = 0;
};

}  // namespace gnocchi::policy
