#include "indexer-sql/paginate.h"

#include <algorithm>

#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

bool nulls_last(const SortKey& key) {
  switch (key.nulls) {
    case Sort::Nulls::first: return false;
    case Sort::Nulls::last: return true;
    case Sort::Nulls::database_default: break;
  }
  return key.direction == Sort::Direction::descending;
}

bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

/// The rows beyond the marker within one key; empty: none.
std::string beyond(const Dialect& dialect, const SortKey& key, const Value& marker) {
  const std::string& column = key.field.sql;
  if (is_null(marker)) return nulls_last(key) ? std::string() : column + " IS NOT NULL";
  const char* const sign = key.direction == Sort::Direction::ascending ? " > " : " < ";
  const std::string condition = column + sign + literal(dialect, key.field.type, marker);
  return nulls_last(key) ? "(" + condition + " OR " + column + " IS NULL)" : condition;
}

/// Rows at the marker or beyond it within one key, in a form that an index serves; empty: none
/// such.
std::string not_before(const Dialect& dialect, const SortKey& key, const Value& marker) {
  if (is_null(marker) || nulls_last(key)) return {};
  const char* const sign = key.direction == Sort::Direction::ascending ? " >= " : " <= ";
  return key.field.sql + sign + literal(dialect, key.field.type, marker);
}

std::string level(const Dialect& dialect, const SortKey& key, const Value& marker) {
  const std::string& column = key.field.sql;
  if (is_null(marker)) return column + " IS NULL";
  return column + " = " + literal(dialect, key.field.type, marker);
}

}  // namespace

std::vector<SortKey> sort_keys(const std::vector<Sort>& sorts,
                               std::initializer_list<std::string_view> unique,
                               const FieldResolver& resolve) {
  std::vector<SortKey> keys;
  for (const Sort& sort : sorts) {
    try {
      keys.push_back({resolve(sort.field), sort.direction, sort.nulls});
    } catch (const Refused&) {
      throw bad_pagination("Sort key supplied is invalid: " + sort.field);
    }
  }
  for (const std::string_view name : unique) {
    const bool given = std::any_of(sorts.begin(), sorts.end(),
                                   [&](const Sort& sort) { return sort.field == name; });
    if (!given) keys.push_back({resolve(name)});
  }
  return keys;
}

std::string order_by(const std::vector<SortKey>& keys) {
  if (keys.empty()) return {};
  return " ORDER BY " + joined(keys, [](const SortKey& key) {
           std::string out;
           if (key.nulls != Sort::Nulls::database_default) {
             out = key.field.sql + " IS NULL" +
                   (key.nulls == Sort::Nulls::first ? " DESC, " : " ASC, ");
           }
           out += key.field.sql;
           if (key.direction == Sort::Direction::descending) out += " DESC";
           return out;
         });
}

std::string after(const Dialect& dialect, const std::vector<SortKey>& keys,
                  const std::vector<Value>& marker) {
  // k1 beyond, or k1 level and (k2 beyond, or k2 level and (...)), from the innermost out.
  std::string condition;
  for (std::size_t i = keys.size(); i-- > 0;) {
    const std::string past = beyond(dialect, keys[i], marker[i]);
    if (condition.empty()) {
      condition = past;
      continue;
    }
    condition.insert(0, level(dialect, keys[i], marker[i]) + " AND ");
    if (!past.empty()) condition.insert(0, past + " OR (").append(")");
    condition.insert(0, "(").append(")");
  }
  if (condition.empty()) return "1 = 0";
  const std::string from = not_before(dialect, keys.front(), marker.front());
  return from.empty() ? condition : from + " AND (" + condition + ")";
}

}  // namespace gnocchi::sql
