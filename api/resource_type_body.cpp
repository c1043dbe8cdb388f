#include "api/resource_type_body.h"

#include <cmath>
#include <utility>

#include "api/resource_json.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

/// An attribute as it is described; `fill` only in changes.
struct Description {
  AttributeSpec spec;
  index::GivenValue fill = Value();
};

[[noreturn]] void refuse_attribute(const std::string& reason) {
  throw HttpError(400, "Invalid input: " + reason);
}

std::uint32_t parse_length(const JsonView& json, std::int64_t least) {
  if (!json.value().IsInt64()) json.refuse("expected int");
  const std::int64_t length = json.value().GetInt64();
  if (length < least) json.refuse("value must be at least " + std::to_string(least));
  if (length > index::kMaxStringLength) {
    json.refuse("value must be at most " + std::to_string(index::kMaxStringLength));
  }
  return static_cast<std::uint32_t>(length);
}

std::optional<double> parse_bound(const JsonView& json) {
  if (json.is_null()) return std::nullopt;
  if (!json.value().IsNumber() || !std::isfinite(json.value().GetDouble())) {
    json.refuse("expected Real");
  }
  return json.value().GetDouble();
}

Description parse_attribute(const JsonView& json, bool with_options) {
  if (!json.value().IsObject()) json.refuse("expected a dictionary");
  const JsonView type_name = json.member("type");
  const auto type =
      type_name.value().IsString() ? parse_attribute_type(type_name.text()) : std::nullopt;
  if (!type) type_name.refuse("not a valid value");
  Description result;
  AttributeSpec& spec = result.spec;
  spec.type = *type;
  const bool is_string = *type == AttributeType::string;
  const bool is_number = *type == AttributeType::number;
  if (is_string) {
    spec.min_length = 0;
    spec.max_length = index::kDefaultMaxStringLength;
  }
  json.each_member([&](std::string_view name, const JsonView& value) {
    if (name == "type") return;
    if (name == "required") {
      if (!value.value().IsBool()) value.refuse("expected bool");
      spec.required = value.value().GetBool();
    } else if (name == "min_length" && is_string) {
      spec.min_length = parse_length(value, 0);
    } else if (name == "max_length" && is_string) {
      spec.max_length = parse_length(value, 1);
    } else if (name == "min" && is_number) {
      spec.min = parse_bound(value);
    } else if (name == "max" && is_number) {
      spec.max = parse_bound(value);
    } else if (name == "options" && with_options) {
      value.allow_only({"fill"});
      if (const auto fill = value.find("fill")) result.fill = given_value(fill->value());
    } else {
      throw invalid_input("extra keys not allowed", value.path());
    }
  });
  return result;
}

void check(const std::string& name, const AttributeSpec& spec) {
  try {
    index::check_attribute_name(name);
    index::check_attribute_bounds(spec);
  } catch (const Refused& fault) {
    refuse_attribute(fault.what());
  }
}

void check_together(const std::map<std::string, AttributeSpec>& attributes) {
  try {
    index::check_attribute_names(attributes);
  } catch (const Refused& fault) {
    refuse_attribute(fault.what());
  }
}

/// The name in "/attributes/NAME", with ~1 and ~0 decoded (RFC 6901).
std::string attribute_of_path(const JsonView& json) {
  constexpr std::string_view kPrefix = "/attributes/";
  const std::string path = json.value().IsString() ? json.text() : std::string();
  if (!path.starts_with(kPrefix) || path.find('/', kPrefix.size()) != std::string::npos) {
    json.refuse("not a valid value");
  }
  std::string name;
  for (std::size_t i = kPrefix.size(); i < path.size(); ++i) {
    if (path[i] == '~' && i + 1 < path.size() && (path[i + 1] == '0' || path[i + 1] == '1')) {
      name += path[++i] == '0' ? '~' : '/';
    } else {
      name += path[i];
    }
  }
  return name;
}

/// The attribute that a patch adds; its faults are named as those of the type that would result.
Description parse_added(const std::string& name, const JsonView& json) {
  try {
    return parse_attribute(JsonView(json.value(), {{"attributes"}, {name}}), true);
  } catch (const InvalidInput& fault) {
    refuse_attribute(fault.reason());
  }
}

/// What the patch leaves of the attributes, one operation after the other.
std::map<std::string, Description> apply(const rapidjson::Value& json,
                                         const ResourceType& current) {
  std::map<std::string, Description> next;
  for (const auto& [name, spec] : current.attributes) next[name].spec = spec;
  const JsonView view(json);
  view.each_item([&](const JsonView& operation) {
    if (!operation.value().IsObject()) operation.refuse("expected a dictionary");
    operation.allow_only({"op", "path", "value"});
    const auto op = operation.find("op");
    const bool add = op && op->value().IsString() && op->text() == "add";
    if (op && !add && !(op->value().IsString() && op->text() == "remove")) {
      op->refuse("not a valid value");
    }
    const auto path = operation.find("path");
    const std::string name = path ? attribute_of_path(*path) : std::string();
    const auto value = operation.find("value");
    if (value && !value->value().IsObject()) value->refuse("expected dict");
    if (!op) throw HttpError(400, "Operation does not contain 'op' member");
    if (!path) throw HttpError(400, "Operation must have a 'path' member");
    if (add && !value) {
      throw HttpError(400, "The operation does not contain a 'value' member");
    }
    if (add) {
      next[name] = parse_added(name, *value);
    } else if (next.erase(name) == 0) {
      throw HttpError(400, "can't remove a non-existent object '" + name + "'");
    }
  });
  return next;
}

/// Stored values must still fit: nothing is converted or cut.
void check_change(const std::string& name, const AttributeSpec& from, const AttributeSpec& to) {
  if (from.type != to.type) {
    refuse_attribute("the type of resource attribute " + name + " can not be changed");
  }
  if (from.max_length && to.max_length && *to.max_length < *from.max_length) {
    refuse_attribute("max_length of resource attribute " + name + " can not become smaller");
  }
}

}  // namespace

ResourceType parse_resource_type(const rapidjson::Value& json) {
  const JsonView view(json);
  view.expect_object();
  view.allow_only({"name", "attributes"});
  const JsonView name = view.member("name");
  ResourceType type;
  type.name = name.text();
  try {
    index::check_type_name(type.name);
  } catch (const Refused& fault) {
    name.refuse(fault.what());
  }
  if (const auto attributes = view.find("attributes")) {
    if (!attributes->value().IsObject()) attributes->refuse("expected a dictionary");
    attributes->each_member([&](std::string_view attribute, const JsonView& description) {
      type.attributes[std::string(attribute)] = parse_attribute(description, false).spec;
    });
  }
  for (const auto& [attribute, spec] : type.attributes) check(attribute, spec);
  check_together(type.attributes);
  return type;
}

ResourceTypeChange parse_resource_type_patch(const rapidjson::Value& json,
                                             const ResourceType& current, Timestamp now) {
  auto next = apply(json, current);
  ResourceTypeChange change;
  std::map<std::string, AttributeSpec> specs;
  for (auto& [name, description] : next) {
    specs[name] = description.spec;
    const auto known = current.attributes.find(name);
    if (known == current.attributes.end()) {
      check(name, description.spec);
      try {
        Value fill = index::check_fill(name, description.spec, description.fill, now);
        change.added.push_back({name, description.spec, std::move(fill)});
      } catch (const Refused& fault) {
        refuse_attribute(fault.what());
      }
    } else if (known->second != description.spec) {
      check_change(name, known->second, description.spec);
      check(name, description.spec);
      change.changed[name] = description.spec;
    }
  }
  for (const auto& [name, spec] : current.attributes) {
    if (!next.contains(name)) change.removed.push_back(name);
  }
  check_together(specs);
  return change;
}

}  // namespace gnocchi::api
