#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/json.h"
#include "core/index/resource_schema.h"
#include "gnocchi/indexer.h"
#include "gnocchi/resource.h"

/// Resource types and changes to them, as clients send them.
namespace gnocchi::api {

/// The body of POST /v1/resource_type: {"name", "attributes": {name: {"type", ...}}}.
ResourceType parse_resource_type(const rapidjson::Value& json);

struct ResourceTypeChange {
  std::vector<NewAttribute> added;
  std::map<std::string, AttributeSpec> changed;
  std::vector<std::string> removed;
  bool empty() const { return added.empty() && changed.empty() && removed.empty(); }
};

/// The body of PATCH /v1/resource_type/{name}, a JSON patch (RFC 6902) of which "add" and "remove"
/// of /attributes/NAME are allowed; all of it or nothing applies. "add" of an attribute that is
/// there changes it, its type excepted.
ResourceTypeChange parse_resource_type_patch(const rapidjson::Value& json,
                                             const ResourceType& current, Timestamp now);

}  // namespace gnocchi::api
