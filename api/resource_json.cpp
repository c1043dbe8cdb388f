#include "api/resource_json.h"

#include <rapidjson/document.h>

#include <algorithm>

#include "api/python_text.h"

namespace gnocchi::api {
namespace {

/// Writes members, those that are wanted.
class Members {
 public:
  Members(JsonWriter& json, const std::vector<std::string>& only) : json_(json), only_(only) {}

  bool wants(std::string_view key) const {
    return only_.empty() || std::find(only_.begin(), only_.end(), key) != only_.end();
  }
  void put(std::string_view key, const Value& value) {
    if (!wants(key)) return;
    json_.key(key);
    json_.value(value);
  }
  void put(std::string_view key, const std::optional<std::string>& text) {
    put(key, text ? Value(*text) : Value());
  }
  void put(std::string_view key, const std::optional<Timestamp>& time) {
    put(key, time ? Value(*time) : Value());
  }

 private:
  JsonWriter& json_;
  const std::vector<std::string>& only_;
};

void write_number_or_null(JsonWriter& json, const std::optional<double>& number) {
  if (number) {
    json.raw(index::number_text(*number));
  } else {
    json.null();
  }
}

std::string time_text(Timestamp time) {
  std::string quoted;
  JsonWriter(quoted).time(time);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

CreatorParts split_creator(const std::string& creator) {
  const auto colon = creator.find(':');
  if (colon == std::string::npos) return {creator, {}};
  return {creator.substr(0, colon), creator.substr(colon + 1)};
}

void write_resource(JsonWriter& json, const Resource& resource,
                    const std::vector<std::string>& only) {
  Members members(json, only);
  json.begin_object();
  members.put("creator", resource.creator);
  members.put("started_at", Value(resource.started_at));
  members.put("revision_start", Value(resource.revision_start));
  members.put("ended_at", resource.ended_at);
  members.put("user_id", resource.user_id);
  members.put("project_id", resource.project_id);
  members.put("original_resource_id", resource.original_resource_id);
  members.put("id", Value(Uuid(resource.id)));
  members.put("type", Value(resource.type));
  for (const auto& [name, value] : resource.attributes) members.put(name, value);
  members.put("revision_end", resource.revision_end);
  if (members.wants("metrics")) {
    json.key("metrics");
    json.begin_object();
    for (const Metric& metric : resource.metrics) {
      json.key(metric.name.value_or(""));
      json.uuid(metric.id);
    }
    json.end_object();
  }
  std::optional<CreatorParts> creator;
  if (resource.creator) creator = split_creator(*resource.creator);
  members.put("created_by_user_id", creator ? Value(creator->user_id) : Value());
  members.put("created_by_project_id", creator ? Value(creator->project_id) : Value());
  json.end_object();
}

void write_resource_type(JsonWriter& json, const ResourceType& type) {
  json.begin_object();
  json.key("name");
  json.text(type.name);
  json.key("attributes");
  json.begin_object();
  for (const auto& [name, spec] : type.attributes) {
    json.key(name);
    json.begin_object();
    json.key("type");
    json.text(to_string(spec.type));
    json.key("required");
    json.boolean(spec.required);
    if (spec.type == AttributeType::string) {
      json.key("max_length");
      json.number(std::int64_t{spec.max_length.value_or(index::kDefaultMaxStringLength)});
      json.key("min_length");
      json.number(std::int64_t{spec.min_length.value_or(0)});
    } else if (spec.type == AttributeType::number) {
      json.key("min");
      write_number_or_null(json, spec.min);
      json.key("max");
      write_number_or_null(json, spec.max);
    }
    json.end_object();
  }
  json.end_object();
  json.key("state");
  json.text(to_string(type.state));
  json.end_object();
}

std::optional<std::string> rule_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "True" : "False";
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) return python_repr(*real);
  if (const auto* id = std::get_if<Uuid>(&value)) return id->to_string();
  if (const auto* time = std::get_if<Timestamp>(&value)) return time_text(*time);
  return std::nullopt;
}

policy::Target resource_target(const Resource& resource) {
  policy::Target target;
  target["creator"] = resource.creator;
  target["started_at"] = time_text(resource.started_at);
  target["revision_start"] = time_text(resource.revision_start);
  target["revision_end"] =
      resource.revision_end ? rule_text(*resource.revision_end) : std::nullopt;
  target["ended_at"] = resource.ended_at ? rule_text(*resource.ended_at) : std::nullopt;
  target["user_id"] = resource.user_id;
  target["project_id"] = resource.project_id;
  target["original_resource_id"] = resource.original_resource_id;
  target["id"] = resource.id.to_string();
  target["type"] = resource.type;
  target["created_by_user_id"] = std::nullopt;
  target["created_by_project_id"] = std::nullopt;
  if (resource.creator) {
    auto [user_id, project_id] = split_creator(*resource.creator);
    target["created_by_user_id"] = std::move(user_id);
    target["created_by_project_id"] = std::move(project_id);
  }
  for (const auto& [name, value] : resource.attributes) target[name] = rule_text(value);
  for (const Metric& metric : resource.metrics) {
    target["metrics." + metric.name.value_or("")] = metric.id.to_string();
  }
  return target;
}

policy::Target resource_type_target(const ResourceType& type) {
  policy::Target target;
  target["name"] = type.name;
  target["state"] = to_string(type.state);
  for (const auto& [name, spec] : type.attributes) {
    target["attributes." + name + ".type"] = to_string(spec.type);
    target["attributes." + name + ".required"] = spec.required ? "True" : "False";
  }
  return target;
}

index::GivenValue given_value(const rapidjson::Value& json) {
  if (json.IsNull()) return Value();
  if (json.IsBool()) return Value(json.GetBool());
  if (json.IsInt64()) return Value(std::int64_t{json.GetInt64()});
  if (json.IsNumber()) return Value(json.GetDouble());
  if (json.IsString()) return Value(std::string(json.GetString(), json.GetStringLength()));
  return std::nullopt;
}

}  // namespace gnocchi::api
