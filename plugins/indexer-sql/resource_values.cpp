// What a type's attributes take, and where its rows are.
#include <cmath>

#include "indexer-sql/fields.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/resources.h"
#include "indexer-sql/text.h"
#include "indexer-sql/type_tables.h"

namespace gnocchi::sql {
namespace {

Refused unfit(const ResourceType& type, const std::string& name, const char* why) {
  return {Refused::Reason::invalid_value, Refused::Subject::attribute,
          "Value for attribute " + name + " on resource type " + type.name + " is invalid: " + why,
          name};
}

std::optional<Value> converted(AttributeType type, const Value& value) {
  switch (type) {
    case AttributeType::string:
      if (std::holds_alternative<std::string>(value)) return value;
      break;
    case AttributeType::uuid:
      if (std::holds_alternative<Uuid>(value)) return value;
      if (const auto* text = std::get_if<std::string>(&value)) {
        if (const auto id = Uuid::parse(*text)) return *id;
      }
      break;
    case AttributeType::number:
      if (const auto* real = std::get_if<double>(&value); real && std::isfinite(*real))
        return value;
      if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
      break;
    case AttributeType::boolean:
      if (std::holds_alternative<bool>(value)) return value;
      break;
    case AttributeType::datetime:
      if (const auto* time = std::get_if<Timestamp>(&value)) return floor_us(*time);
      break;
  }
  return std::nullopt;
}

}  // namespace

Value fitting_value(const ResourceType& type, const std::string& name, const Value& value) {
  const auto known = type.attributes.find(name);
  if (known == type.attributes.end()) throw no_such_attribute(type.name, name);
  if (std::holds_alternative<std::monostate>(value)) {
    if (known->second.required) throw unfit(type, name, "it is required");
    return value;
  }
  auto fitting = converted(known->second.type, value);
  if (!fitting) throw unfit(type, name, "it is of another type");
  return *fitting;
}

std::map<std::string, Value> complete_attributes(const ResourceType& type,
                                                 std::map<std::string, Value> values) {
  for (const auto& [name, spec] : type.attributes) values.try_emplace(name);
  for (auto& [name, value] : values) value = fitting_value(type, name, value);
  return values;
}

Field resolve_resource_field(const Dialect& dialect, const ResourceType& type, bool past,
                             std::string_view name) {
  if (auto field = resource_field(dialect, past ? "h" : "r", past, name)) return *field;
  std::string_view attribute = name;
  if (attribute.starts_with("attributes.")) attribute.remove_prefix(11);
  const auto known = type.attributes.find(std::string(attribute));
  if (known == type.attributes.end()) throw no_such_attribute(type.name, attribute);
  return {std::string(past ? "b." : "a.") + dialect.identifier(attribute),
          field_type(known->second.type), false};
}

std::string resource_tables(const Dialect& dialect, const ResourceType& type, bool past) {
  std::string tables = past ? "resource_history h" : "resource r";
  if (type.name == kGeneric) return tables;
  if (past) {
    return tables + " JOIN " + dialect.identifier(history_table(type.tablename)) +
           " b ON b.revision = h.revision";
  }
  return tables + " JOIN " + dialect.identifier(type.tablename) + " a ON a.id = r.id";
}

}  // namespace gnocchi::sql
