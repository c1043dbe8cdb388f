#pragma once

#include <rapidjson/fwd.h>

#include <string>
#include <vector>

#include "api/json.h"
#include "core/index/resource_schema.h"
#include "core/policy/enforcer.h"
#include "gnocchi/resource.h"

/// Resources and resource types as clients and policy rules see them.
namespace gnocchi::api {

/// `only`: the keys wanted; all if empty.
void write_resource(JsonWriter& json, const Resource& resource,
                    const std::vector<std::string>& only = {});
void write_resource_type(JsonWriter& json, const ResourceType& type);

/// What rules are asked about a resource: its JSON, flattened ("metrics.cpu").
policy::Target resource_target(const Resource& resource);
policy::Target resource_type_target(const ResourceType& type);

/// The two halves of a creator, for created_by_user_id and created_by_project_id.
struct CreatorParts {
  std::string user_id;
  std::string project_id;
};
CreatorParts split_creator(const std::string& creator);

/// A JSON scalar; nullopt for arrays and objects.
index::GivenValue given_value(const rapidjson::Value& json);

/// A stored value as rules compare it: str() of it; nullopt for null.
std::optional<std::string> rule_text(const Value& value);

}  // namespace gnocchi::api
