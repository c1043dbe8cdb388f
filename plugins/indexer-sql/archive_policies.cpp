#include "indexer-sql/archive_policies.h"

#include <algorithm>

#include "indexer-sql/json_columns.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

using Reason = Refused::Reason;
using Subject = Refused::Subject;
using Kind = Failure::Kind;

constexpr ColumnKind kPolicyKinds[] = {ColumnKind::text, ColumnKind::integer, ColumnKind::text,
                                       ColumnKind::text};
constexpr ColumnKind kRuleKinds[] = {ColumnKind::text, ColumnKind::text, ColumnKind::text};

std::string named(const Dialect& dialect, std::string_view name) {
  return " WHERE name = " + dialect.text(name);
}

bool referenced(const SqlError& error) {
  // SQLite does not say on which side the foreign key failed.
  return error.kind() == Kind::still_referenced || error.kind() == Kind::no_parent;
}

template <class T>
std::optional<T> first(std::vector<T> found) {
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

std::vector<ArchivePolicy> SqlArchivePolicies::read(Connection& connection,
                                                    const std::string& where) {
  std::vector<ArchivePolicy> policies;
  connection.query(
      "SELECT name, back_window, definition, aggregation_methods FROM archive_policy" + where,
      kPolicyKinds, [&](const Row& row) {
        policies.push_back({std::string(row.text(0)), static_cast<std::uint32_t>(row.integer(1)),
                            parse_definition(row.text(2)), parse_methods(row.text(3))});
      });
  std::sort(policies.begin(), policies.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return policies;
}

std::vector<ArchivePolicy> SqlArchivePolicies::list() {
  std::vector<ArchivePolicy> policies;
  db_.run("list archive policies",
          [&](Connection& connection, const Attempt&) { policies = read(connection, {}); });
  return policies;
}

std::optional<ArchivePolicy> SqlArchivePolicies::get(std::string_view name) {
  std::vector<ArchivePolicy> found;
  db_.run("get archive policy", [&](Connection& connection, const Attempt&) {
    found = read(connection, named(db_.dialect(), name));
  });
  return first(std::move(found));
}

void SqlArchivePolicies::create(const ArchivePolicy& policy) {
  const Dialect& d = db_.dialect();
  const std::string insert =
      "INSERT INTO archive_policy (name, back_window, definition, aggregation_methods) VALUES (" +
      d.text(policy.name) + ", " + std::to_string(policy.back_window) + ", " +
      d.text(definition_json(policy.definition)) + ", " +
      d.text(methods_json(policy.aggregation_methods)) + ")";
  db_.write("create archive policy", [&](Connection& connection, const Attempt& attempt) {
    try {
      connection.execute(insert);
    } catch (const SqlError& error) {
      if (error.kind() != Kind::duplicate) throw;
      if (attempt.maybe_done) {
        const auto stored = first(read(connection, named(d, policy.name)));
        if (stored && stored->name == policy.name && stored->definition == policy.definition)
          return;
      }
      throw Refused(Reason::already_exists, Subject::archive_policy,
                    "Archive policy " + policy.name + " already exists", policy.name);
    }
  });
}

void SqlArchivePolicies::update(const ArchivePolicy& policy) {
  const Dialect& d = db_.dialect();
  const std::string update =
      "UPDATE archive_policy SET back_window = " + std::to_string(policy.back_window) +
      ", definition = " + d.text(definition_json(policy.definition)) + named(d, policy.name);
  const std::string mark =
      "UPDATE metric SET needs_raw_data_truncation = 1 WHERE archive_policy_name = " +
      d.text(policy.name) + " AND needs_raw_data_truncation = 0";
  db_.transaction("update archive policy", [&](Connection& connection, const Attempt&) {
    const auto stored = first(read(connection, named(d, policy.name) + d.for_update()));
    if (!stored) throw no_such_archive_policy(policy.name);
    connection.execute(update);
    if (policy.back_window < stored->back_window) connection.execute(mark);
  });
}

void SqlArchivePolicies::remove(std::string_view name) {
  const std::string statement = "DELETE FROM archive_policy" + named(db_.dialect(), name);
  db_.write("delete archive policy", [&](Connection& connection, const Attempt& attempt) {
    try {
      if (connection.execute(statement) == 0 && !attempt.maybe_done) {
        throw no_such_archive_policy(name);
      }
    } catch (const SqlError& error) {
      if (!referenced(error)) throw;
      throw Refused(Reason::still_in_use, Subject::archive_policy,
                    "Archive policy " + std::string(name) + " is still in use", std::string(name));
    }
  });
}

std::vector<ArchivePolicyRule> SqlArchivePolicies::read_rules(Connection& connection,
                                                              const std::string& where) {
  std::vector<ArchivePolicyRule> rules;
  connection.query(
      "SELECT name, metric_pattern, archive_policy_name FROM archive_policy_rule" + where,
      kRuleKinds, [&](const Row& row) {
        rules.push_back(
            {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))});
      });
  std::sort(rules.begin(), rules.end(), [](const auto& a, const auto& b) {
    return a.metric_pattern != b.metric_pattern ? a.metric_pattern > b.metric_pattern
                                                : a.name < b.name;
  });
  return rules;
}

std::vector<ArchivePolicyRule> SqlArchivePolicies::list_rules() {
  std::vector<ArchivePolicyRule> rules;
  db_.run("list archive policy rules",
          [&](Connection& connection, const Attempt&) { rules = read_rules(connection, {}); });
  return rules;
}

std::optional<ArchivePolicyRule> SqlArchivePolicies::get_rule(std::string_view name) {
  std::vector<ArchivePolicyRule> found;
  db_.run("get archive policy rule", [&](Connection& connection, const Attempt&) {
    found = read_rules(connection, named(db_.dialect(), name));
  });
  return first(std::move(found));
}

void SqlArchivePolicies::create_rule(const ArchivePolicyRule& rule) {
  const Dialect& d = db_.dialect();
  const std::string insert =
      "INSERT INTO archive_policy_rule (name, archive_policy_name, metric_pattern) VALUES (" +
      d.text(rule.name) + ", " + d.text(rule.archive_policy_name) + ", " +
      d.text(rule.metric_pattern) + ")";
  db_.write("create archive policy rule", [&](Connection& connection, const Attempt& attempt) {
    try {
      connection.execute(insert);
    } catch (const SqlError& error) {
      if (error.kind() == Kind::no_parent) throw no_such_archive_policy(rule.archive_policy_name);
      if (error.kind() != Kind::duplicate) throw;
      if (attempt.maybe_done && first(read_rules(connection, named(d, rule.name))) == rule) return;
      throw Refused(Reason::already_exists, Subject::archive_policy_rule,
                    "Archive policy rule " + rule.name + " already exists", rule.name);
    }
  });
}

ArchivePolicyRule SqlArchivePolicies::rename_rule(std::string_view name,
                                                  std::string_view new_name) {
  const Dialect& d = db_.dialect();
  ArchivePolicyRule rule;
  db_.transaction(
      "rename archive policy rule", [&](Connection& connection, const Attempt& attempt) {
        try {
          const auto matched = connection.execute(
              "UPDATE archive_policy_rule SET name = " + d.text(new_name) + named(d, name));
          if (matched == 0 && !attempt.maybe_done) throw no_such_rule(name);
        } catch (const SqlError& error) {
          if (error.kind() != Kind::duplicate) throw;
          throw Refused(Reason::already_exists, Subject::archive_policy_rule,
                        "Archive policy rule " + std::string(name) +
                            " does not support change: Archive policy rule " +
                            std::string(new_name) + " already exists.",
                        std::string(new_name));
        }
        auto renamed = first(read_rules(connection, named(d, new_name)));
        if (!renamed) throw no_such_rule(name);
        rule = std::move(*renamed);
      });
  return rule;
}

void SqlArchivePolicies::remove_rule(std::string_view name) {
  const std::string statement = "DELETE FROM archive_policy_rule" + named(db_.dialect(), name);
  db_.write("delete archive policy rule", [&](Connection& connection, const Attempt& attempt) {
    if (connection.execute(statement) == 0 && !attempt.maybe_done) throw no_such_rule(name);
  });
}

}  // namespace gnocchi::sql
