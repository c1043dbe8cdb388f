#include "indexer-sql/fields.h"

#include <charconv>
#include <cmath>

#include "gnocchi/error.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14, as in clang-tidy, does not deduce aggregates

/// creator, created_by_user_id and created_by_project_id of a table.
std::optional<Field> creator_field(const Dialect& dialect, const std::string& table,
                                   std::string_view name) {
  const std::string creator = table + ".creator";
  if (name == "creator") return Field{creator, FieldType::text, false};
  if (name == "created_by_user_id") {
    return Field{dialect.creator_user(creator), FieldType::text, false};
  }
  if (name == "created_by_project_id") {
    return Field{dialect.creator_project(creator), FieldType::text, false};
  }
  return std::nullopt;
}

// Not -1: SQLite takes an integer in ORDER BY for the number of a column.
constexpr const char* kNoRevision = "(0 - 1)";

std::string number_text(double value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

FieldType field_type(AttributeType type) {
  switch (type) {
    case AttributeType::string: return FieldType::text;
    case AttributeType::uuid: return FieldType::uuid;
    case AttributeType::number: return FieldType::real;
    case AttributeType::boolean: return FieldType::boolean;
    case AttributeType::datetime: return FieldType::timestamp;
  }
  throw Error(Error::Code::internal, "index: an attribute of an unknown type");
}

std::optional<Field> resource_field(const Dialect& dialect, std::string_view table, bool history,
                                    std::string_view name) {
  const std::string t(table);
  if (name == "id") return Field{t + ".id", FieldType::uuid, true};
  if (name == "type") return Field{t + ".type", FieldType::text, true};
  if (name == "user_id" || name == "project_id" || name == "original_resource_id") {
    return Field{t + "." + std::string(name), FieldType::text, false};
  }
  if (name == "started_at" || name == "ended_at" || name == "revision_start") {
    return Field{t + "." + std::string(name), FieldType::timestamp, false};
  }
  if (name == "revision_end") {
    return Field{history ? t + ".revision_end" : "NULL", FieldType::timestamp, false};
  }
  if (name == "revision")
    return Field{history ? t + ".revision" : kNoRevision, FieldType::integer, true};
  if (name == "lifespan") {
    return Field{dialect.lifespan_ns(t + ".started_at", t + ".ended_at"), FieldType::integer,
                 false};
  }
  return creator_field(dialect, t, name);
}

std::optional<Field> metric_field(const Dialect& dialect, std::string_view name) {
  if (name.starts_with("resource.")) {
    return resource_field(dialect, "r", false, name.substr(9));
  }
  const std::string column = "m." + std::string(name);
  if (name == "id" || name == "resource_id") return Field{column, FieldType::uuid, true};
  if (name == "name" || name == "unit") return Field{column, FieldType::text, false};
  if (name == "archive_policy_name" || name == "status")
    return Field{column, FieldType::text, true};
  return creator_field(dialect, "m", name);
}

std::string literal(const Dialect& dialect, FieldType type, const Value& value) {
  return std::visit(Overloaded{
                        [](std::monostate) { return std::string("NULL"); },
                        [&](bool v) {
                          if (type == FieldType::text) return dialect.text(v ? "True" : "False");
                          return std::string(v ? "1" : "0");
                        },
                        [&](std::int64_t v) {
                          if (type == FieldType::text) return dialect.text(std::to_string(v));
                          if (type == FieldType::real) return dialect.real(static_cast<double>(v));
                          return std::to_string(v);
                        },
                        [&](double v) {
                          if (type == FieldType::text) return dialect.text(number_text(v));
                          if (!std::isfinite(v)) {
                            throw Refused(Refused::Reason::invalid_value, Refused::Subject::none,
                                          "the index cannot hold or compare infinity and NaN");
                          }
                          return dialect.real(v);
                        },
                        [&](const std::string& v) {
                          if (type == FieldType::uuid) {
                            if (const auto id = Uuid::parse(v)) return dialect.uuid(*id);
                          }
                          return dialect.text(v);
                        },
                        [&](const Uuid& v) {
                          return type == FieldType::text ? dialect.text(v.to_string())
                                                         : dialect.uuid(v);
                        },
                        [&](Timestamp v) { return dialect.timestamp(v); },
                    },
                    value);
}

std::size_t add_field(Columns& columns, const Dialect& dialect, const Field& field) {
  switch (field.type) {
    case FieldType::text:
    case FieldType::uuid: return columns.add(field.sql, ColumnKind::text);
    case FieldType::timestamp: return columns.add(dialect.epoch_us(field.sql), ColumnKind::integer);
    case FieldType::real: return columns.add(field.sql, ColumnKind::real);
    case FieldType::integer:
    case FieldType::boolean: return columns.add(field.sql, ColumnKind::integer);
  }
  throw Error(Error::Code::internal, "index: a field of an unknown type");
}

Value field_value(const Row& row, std::size_t column, FieldType type) {
  if (row.null(column)) return std::monostate{};
  switch (type) {
    case FieldType::text: return std::string(row.text(column));
    case FieldType::uuid: return row.uuid(column);
    case FieldType::timestamp: return row.timestamp(column);
    case FieldType::real: return row.real(column);
    case FieldType::integer: return row.integer(column);
    case FieldType::boolean: return row.integer(column) != 0;
  }
  throw Error(Error::Code::internal, "index: a field of an unknown type");
}

}  // namespace gnocchi::sql
