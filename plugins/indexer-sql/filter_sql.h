#pragma once

#include <string>

#include "gnocchi/filter.h"
#include "indexer-sql/fields.h"

namespace gnocchi::sql {

/// A condition for WHERE, in parentheses where it needs them. Every value is a literal of the
/// dialect. Throws Refused for fields that the resolver does not know and for trees too deep.
std::string filter_sql(const Dialect& dialect, const Filter& filter, const FieldResolver& resolve);

}  // namespace gnocchi::sql
