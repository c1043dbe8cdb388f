#include "core/index/filter_binding.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "core/index/resource_id.h"
#include "core/index/resource_schema.h"
#include "core/index/timespan.h"
#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

using Op = Filter::Op;

enum class FieldKind { id, text, creator_part, time, lifespan, revision, uuid, number, boolean };

struct Field {
  std::string name;  ///< as drivers call it
  FieldKind kind;
  bool sortable = true;
};

FieldKind kind_of(AttributeType type) {
  switch (type) {
    case AttributeType::string: return FieldKind::text;
    case AttributeType::uuid: return FieldKind::uuid;
    case AttributeType::number: return FieldKind::number;
    case AttributeType::boolean: return FieldKind::boolean;
    case AttributeType::datetime: return FieldKind::time;
  }
  return FieldKind::text;
}

std::optional<Field> find_field(std::string_view name, const ResourceType& type, bool history) {
  const std::string text(name);
  if (name == "id") return Field{text, FieldKind::id};
  for (const char* column : {"type", "creator", "user_id", "project_id", "original_resource_id"}) {
    if (name == column) return Field{text, FieldKind::text};
  }
  for (const char* column : {"started_at", "ended_at", "revision_start"}) {
    if (name == column) return Field{text, FieldKind::time};
  }
  if (name == "created_by_user_id" || name == "created_by_project_id") {
    return Field{text, FieldKind::creator_part, false};
  }
  if (name == "lifespan") return Field{text, FieldKind::lifespan, false};
  if (history && name == "revision") return Field{text, FieldKind::revision};
  if (history && name == "revision_end") return Field{text, FieldKind::time};
  const auto attribute = type.attributes.find(text);
  if (attribute == type.attributes.end()) return std::nullopt;
  return Field{"attributes." + text, kind_of(attribute->second.type)};
}

std::string python_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "True" : "False";
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) {
    std::string text = number_text(*real);
    if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
    return text;
  }
  if (const auto* id = std::get_if<Uuid>(&value)) return id->to_string();
  return "None";
}

std::optional<Value> as_number(const Value& value) {
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? 1.0 : 0.0;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  double number = 0;
  if (const auto* real = std::get_if<double>(&value)) {
    number = *real;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    const auto parsed = parse_float(*text);
    if (!parsed) return std::nullopt;
    number = *parsed;
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<Value> as_boolean(const Value& value) {
  if (std::holds_alternative<bool>(value)) return value;
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (*text == "true" || *text == "True" || *text == "1") return true;
    if (*text == "false" || *text == "False" || *text == "0") return false;
    return std::nullopt;
  }
  const auto number = as_number(value);
  if (!number) return std::nullopt;
  if (std::get<double>(*number) == 1) return true;
  if (std::get<double>(*number) == 0) return false;
  return std::nullopt;
}

std::optional<Value> as_revision(const Value& value) {
  const auto number = as_number(value);
  // Where every whole number is still exact.
  constexpr double kLimit = 9007199254740992.0;
  if (!number || std::fabs(std::get<double>(*number)) > kLimit ||
      std::get<double>(*number) != std::floor(std::get<double>(*number))) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(std::get<double>(*number));
}

std::optional<Value> as_uuid(const Value& value) {
  if (std::holds_alternative<Uuid>(value)) return value;
  const auto* text = std::get_if<std::string>(&value);
  const auto id = text ? Uuid::parse(*text) : std::nullopt;
  if (!id) return std::nullopt;
  return *id;
}

std::optional<Value> as_lifespan(const Value& value) {
  if (!std::holds_alternative<std::string>(value) && !as_number(value)) return std::nullopt;
  try {
    return std::int64_t{to_timespan(python_text(value)).count()};
  } catch (const Refused&) {
    return std::nullopt;
  }
}

std::optional<Value> as_time(const Value& value, Timestamp now) {
  if (std::holds_alternative<bool>(value)) return std::nullopt;
  try {
    return check_datetime(value, now);
  } catch (const Refused&) {
    return std::nullopt;
  }
}

std::optional<IdCandidates> candidates_of(const Value& value, const IdRules& rules) {
  if (const auto* text = std::get_if<std::string>(&value)) return id_candidates(*text, rules);
  if (const auto* id = std::get_if<Uuid>(&value)) return IdCandidates{ResourceId(*id), {}};
  return std::nullopt;
}

std::optional<Value> as_id(const Value& value, const IdRules& rules, const KnownIds* known) {
  if (known == nullptr) {
    const auto* text = std::get_if<std::string>(&value);
    return text ? std::optional<Value>(Uuid{resource_id(*text, rules)}) : as_uuid(value);
  }
  const auto candidates = candidates_of(value, rules);
  if (!candidates) return std::nullopt;
  return Uuid{known->choose(*candidates).value_or(candidates->id)};
}

/// The value in the type of the field; nullopt: it has none there.
std::optional<Value> convert(const Value& value, FieldKind kind, const IdRules& rules,
                             Timestamp now, const KnownIds* known = nullptr) {
  switch (kind) {
    case FieldKind::id: return as_id(value, rules, known);
    case FieldKind::text:
    case FieldKind::creator_part: return python_text(value);
    case FieldKind::time: return as_time(value, now);
    case FieldKind::lifespan: return as_lifespan(value);
    case FieldKind::revision: return as_revision(value);
    case FieldKind::uuid: return as_uuid(value);
    case FieldKind::number: return as_number(value);
    case FieldKind::boolean: return as_boolean(value);
  }
  return std::nullopt;
}

bool has_order(FieldKind kind) {
  return kind != FieldKind::creator_part && kind != FieldKind::boolean;
}

bool is_text(FieldKind kind) { return kind == FieldKind::text || kind == FieldKind::creator_part; }

[[noreturn]] void refuse_value(const Value& value, std::string_view field) {
  throw Refused(
      Refused::Reason::invalid_value, Refused::Subject::attribute,
      "Invalid value: `" + python_text(value) + "' for field `" + std::string(field) + "'");
}

Filter bind_list(const FilterTree& tree, const Field& field, const FilterContext& context) {
  Filter filter{Op::in, {}, field.name, {}};
  filter.values.reserve(tree.values.size());
  for (const Value& value : tree.values) {
    // x IN (NULL) is true for nothing.
    if (std::holds_alternative<std::monostate>(value)) continue;
    auto converted = convert(value, field.kind, context.ids, context.now, context.known);
    if (!converted) refuse_value(value, tree.field);
    filter.values.push_back(std::move(*converted));
  }
  return filter.values.empty() ? Filter::any({}) : filter;
}

Filter bind_condition(const FilterTree& tree, const FilterContext& context) {
  const auto field = find_field(tree.field, context.type, context.history);
  if (!field) {
    throw Refused(Refused::Reason::invalid_value, Refused::Subject::attribute,
                  "Resource type " + context.type.name + " has no " + tree.field + " attribute",
                  tree.field);
  }
  if (tree.op == Op::in) return bind_list(tree, *field, context);
  const Value& value = tree.values.front();
  const bool equality = tree.op == Op::eq || tree.op == Op::ne;
  if (std::holds_alternative<std::monostate>(value)) {
    if (!equality || field->kind == FieldKind::lifespan) refuse_value(value, tree.field);
    return Filter::compare(tree.op, field->name, value);
  }
  if (tree.op == Op::like ? !is_text(field->kind) : !equality && !has_order(field->kind)) {
    refuse_value(value, tree.field);
  }
  auto converted = convert(value, field->kind, context.ids, context.now, context.known);
  if (!converted) refuse_value(value, tree.field);
  return Filter::compare(tree.op, field->name, std::move(*converted));
}

/// With one level less wherever that says the same.
Filter simplified(Filter filter) {
  if (filter.op == Op::negate && filter.children[0].op == Op::negate) {
    Filter inner = std::move(filter.children[0].children[0]);
    return inner;
  }
  if (filter.op != Op::all_of && filter.op != Op::any_of) return filter;
  Filter flat{filter.op, {}, {}, {}};
  for (Filter& child : filter.children) {
    if (child.op == filter.op) {
      std::move(child.children.begin(), child.children.end(), std::back_inserter(flat.children));
    } else {
      flat.children.push_back(std::move(child));
    }
  }
  if (flat.children.size() != 1) return flat;
  Filter only = std::move(flat.children[0]);
  return only;
}

int levels_of(const Filter& filter) {
  int deepest = 0;
  for (const Filter& child : filter.children) deepest = std::max(deepest, levels_of(child));
  return deepest + 1;
}

Filter bind_tree(const FilterTree& tree, const FilterContext& context) {
  if (tree.op != Op::all_of && tree.op != Op::any_of && tree.op != Op::negate) {
    return bind_condition(tree, context);
  }
  Filter filter{tree.op, {}, {}, {}};
  filter.children.reserve(tree.children.size());
  for (const FilterTree& child : tree.children) {
    filter.children.push_back(bind_tree(child, context));
  }
  return simplified(std::move(filter));
}

}  // namespace

std::vector<IdCandidates> ids_of(const FilterTree& tree, const IdRules& rules) {
  std::vector<IdCandidates> ids;
  if (tree.field == "id") {
    ids.reserve(tree.values.size());
    for (const Value& value : tree.values) {
      if (const auto candidates = candidates_of(value, rules)) ids.push_back(*candidates);
    }
  }
  for (const FilterTree& child : tree.children) {
    const auto inner = ids_of(child, rules);
    ids.insert(ids.end(), inner.begin(), inner.end());
  }
  return ids;
}

Filter bind_filter(const FilterTree& tree, const FilterContext& context) {
  Filter filter = bind_tree(tree, context);
  if (levels_of(filter) > kMaxFilterLevels) {
    throw Refused(Refused::Reason::invalid_value, Refused::Subject::none,
                  "Unable to parse this query: nested deeper than " +
                      std::to_string(kMaxFilterLevels) + " levels");
  }
  return filter;
}

Filter bind_visibility(const Filter& filter, const ResourceType& type) {
  Filter bound = filter;
  if (filter.op == Op::all_of || filter.op == Op::any_of || filter.op == Op::negate) {
    for (Filter& child : bound.children) child = bind_visibility(child, type);
    return bound;
  }
  const auto field =
      find_field(filter.field == "resource_type" ? "type" : filter.field, type, false);
  if (!field) return Filter::any({});
  bound.field = field->name;
  for (Value& value : bound.values) {
    if (std::holds_alternative<std::monostate>(value)) continue;
    // Rules know ids as text; here a text that is no UUID is nobody's id.
    const FieldKind kind = field->kind == FieldKind::id ? FieldKind::uuid : field->kind;
    auto converted = convert(value, kind, "", {});
    if (!converted) return Filter::any({});
    value = std::move(*converted);
  }
  return bound;
}

std::vector<Sort> bind_sorts(std::vector<Sort> sorts, const ResourceType& type, bool history) {
  for (Sort& sort : sorts) {
    const auto field = find_field(sort.field, type, history);
    if (!field || !field->sortable) {
      throw Refused(Refused::Reason::invalid_value, Refused::Subject::pagination,
                    "Sort key supplied is invalid: " + sort.field, sort.field);
    }
    sort.field = field->name;
  }
  return sorts;
}

}  // namespace gnocchi::index
