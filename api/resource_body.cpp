#include "api/resource_body.h"

#include "api/metric_assignments.h"
#include "api/resource_json.h"
#include "core/index/resource_id.h"
#include "core/index/resource_schema.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

// What the index has room for.
constexpr std::size_t kMaxUserOrProject = 255;

std::optional<std::string> text_or_null(const JsonView& json) {
  if (json.is_null()) return std::nullopt;
  if (!json.value().IsString()) json.refuse("not a valid value");
  std::string text = json.text();
  if (index::count_characters(text) > kMaxUserOrProject) {
    json.refuse("length of value must be at most " + std::to_string(kMaxUserOrProject));
  }
  return text;
}

std::optional<Timestamp> time_or_null(const JsonView& json, Timestamp now) {
  if (json.is_null()) return std::nullopt;
  try {
    return index::check_datetime(given_value(json.value()), now);
  } catch (const Refused&) {
    json.refuse("not a valid value");
  }
}

void require(const rapidjson::Value& json, const char* name) {
  if (!json.HasMember(name)) {
    throw invalid_input("required key not provided", {{name, false}});
  }
}

}  // namespace

ResourceBody parse_resource_body(const rapidjson::Value& json, BodyOf kind,
                                 const ResourceType& type, const Request& request,
                                 const std::optional<std::string>& creator, Services& services) {
  const JsonView view(json);
  view.expect_object();
  const Timestamp now = services.now();
  ResourceBody body;
  view.each_member([&](std::string_view name, const JsonView& value) {
    const auto attribute = type.attributes.find(std::string(name));
    if (attribute != type.attributes.end()) {
      try {
        body.attributes[attribute->first] =
            index::check_attribute(attribute->second, given_value(value.value()), now);
      } catch (const Refused& fault) {
        value.refuse(fault.what());
      }
    } else if (name == "user_id") {
      body.user_id = text_or_null(value);
    } else if (name == "project_id") {
      body.project_id = text_or_null(value);
    } else if (name == "started_at") {
      body.started_at = time_or_null(value, now);
    } else if (name == "ended_at") {
      body.ended_at = time_or_null(value, now);
    } else if (name == "metrics") {
      body.metrics = parse_metric_assignments(value, request, creator, services);
    } else if (name == "id" && kind == BodyOf::post) {
      body.original_id = value.text();
    } else {
      throw invalid_input("extra keys not allowed", value.path());
    }
  });
  if (kind == BodyOf::post) {
    for (const auto& [name, spec] : type.attributes) {
      if (spec.required) require(json, name.c_str());
    }
    require(json, "id");
  }
  return body;
}

}  // namespace gnocchi::api
