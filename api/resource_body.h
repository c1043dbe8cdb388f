#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/http.h"
#include "api/json.h"
#include "api/services.h"
#include "gnocchi/resource.h"

namespace gnocchi::api {

/// What the body of a POST or PATCH says of a resource; what is not set was not said.
struct ResourceBody {
  std::optional<std::string> original_id;  ///< "id", of a POST
  std::optional<std::optional<std::string>> user_id;
  std::optional<std::optional<std::string>> project_id;
  std::optional<std::optional<Timestamp>> started_at;
  std::optional<std::optional<Timestamp>> ended_at;
  std::map<std::string, Value> attributes;
  std::optional<std::vector<MetricAssignment>> metrics;
};

enum class BodyOf { post, patch };

/// Checks a body against the type. A POST must have "id" and all required attributes; a PATCH may
/// have any of them but no id. New metrics are made for `creator`.
ResourceBody parse_resource_body(const rapidjson::Value& json, BodyOf kind,
                                 const ResourceType& type, const Request& request,
                                 const std::optional<std::string>& creator, Services& services);

}  // namespace gnocchi::api
