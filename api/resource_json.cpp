#include "api/resource_json.h"

#include <rapidjson/document.h>

#include <algorithm>

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
  void put(std::string_view key, std::string_view text) {
    if (!wants(key)) return;
    json_.key(key);
    json_.text(text);
  }
  void put(std::string_view key, Timestamp time) {
    if (!wants(key)) return;
    json_.key(key);
    json_.time(time);
  }
  void put(std::string_view key, std::optional<std::string_view> text) {
    text ? put(key, *text) : put(key, Value());
  }
  void put(std::string_view key, std::optional<Timestamp> time) {
    time ? put(key, *time) : put(key, Value());
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

}  // namespace

void write_resource(JsonWriter& json, const Resource& resource,
                    const std::vector<std::string>& only) {
  Members members(json, only);
  json.begin_object();
  members.put("creator", resource.creator);
  members.put("started_at", resource.started_at);
  members.put("revision_start", resource.revision_start);
  members.put("ended_at", resource.ended_at);
  members.put("user_id", resource.user_id);
  members.put("project_id", resource.project_id);
  members.put("original_resource_id", resource.original_resource_id);
  members.put("id", Value(Uuid(resource.id)));
  members.put("type", std::string_view(resource.type));
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
  std::optional<std::string_view> user_id;
  std::optional<std::string_view> project_id;
  if (resource.creator) {
    const std::string_view creator = *resource.creator;
    const auto colon = creator.find(':');
    user_id = creator.substr(0, colon);
    project_id = colon == std::string_view::npos ? std::string_view() : creator.substr(colon + 1);
  }
  members.put("created_by_user_id", user_id);
  members.put("created_by_project_id", project_id);
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
