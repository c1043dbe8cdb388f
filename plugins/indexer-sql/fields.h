#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gnocchi/resource.h"
#include "indexer-sql/db.h"

namespace gnocchi::sql {

enum class FieldType { text, uuid, timestamp, real, integer, boolean };

/// What a name in a filter or an ordering stands for.
struct Field {
  std::string sql;
  FieldType type = FieldType::text;
  bool indexed = false;
};

/// Throws Refused{invalid_value} for a name that it does not know.
using FieldResolver = std::function<Field(std::string_view name)>;

FieldType field_type(AttributeType type);

/// The shared columns of a resource. `table`: its alias; `history`: a row of resource_history, or
/// a current one, whose revision is -1 and whose revision_end is NULL.
/// nullopt: no such column.
std::optional<Field> resource_field(const Dialect& dialect, std::string_view table, bool history,
                                    std::string_view name);

/// Columns of a metric with alias m, and of its resource ("resource.NAME") with alias r.
std::optional<Field> metric_field(const Dialect& dialect, std::string_view name);

/// How a field's value is written down; texts that should be uuids and the like are converted.
std::string literal(const Dialect& dialect, FieldType type, const Value& value);

/// Adds a field to a select list, and reads it back.
std::size_t add_field(Columns& columns, const Dialect& dialect, const Field& field);
Value field_value(const Row& row, std::size_t column, FieldType type);

}  // namespace gnocchi::sql
