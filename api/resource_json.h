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

/// What rules are asked about a resource type.
policy::Target resource_type_target(const ResourceType& type);

/// A JSON scalar; nullopt for arrays and objects.
index::GivenValue given_value(const rapidjson::Value& json);

}  // namespace gnocchi::api
