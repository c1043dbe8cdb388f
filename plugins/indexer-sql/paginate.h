#pragma once

#include <string>
#include <vector>

#include "gnocchi/filter.h"
#include "indexer-sql/fields.h"

namespace gnocchi::sql {

/// One resolved key of an ordering.
struct SortKey {
  Field field;
  Sort::Direction direction = Sort::Direction::ascending;
  Sort::Nulls nulls = Sort::Nulls::database_default;
};

/// The keys asked for, and after them those of `unique` that are not among them, so that the order
/// is total. Throws Refused{invalid_value, pagination} for a field that `resolve` refuses.
std::vector<SortKey> sort_keys(const std::vector<Sort>& sorts,
                               std::initializer_list<std::string_view> unique,
                               const FieldResolver& resolve);

/// " ORDER BY ...", nothing if there are no keys.
std::string order_by(const std::vector<SortKey>& keys);

/// The condition of the rows that come after the one with these values (one per key). NULLs sort
/// below everything where the key does not say otherwise, in both databases.
std::string after(const Dialect& dialect, const std::vector<SortKey>& keys,
                  const std::vector<Value>& marker);

}  // namespace gnocchi::sql
