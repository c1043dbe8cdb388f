#pragma once

#include <optional>
#include <string_view>

#include "api/http.h"
#include "api/json.h"
#include "api/services.h"
#include "core/index/filter_tree.h"
#include "core/index/resource_id.h"

/// Searches as clients send them.
namespace gnocchi::api {

/// The JSON form: {"and": [{"=": {"name": value}}, {"not": ...}, {"in": {"id": [...]}}]}. nullopt
/// for null and {}: no condition at all. Ids are texts that can be one under `rules`. Throws
/// HttpError 400 that names the place.
std::optional<index::FilterTree> parse_filter_json(const rapidjson::Value& json,
                                                   const index::IdRules& rules);

/// The body's search, else that of the parameter `filter`, else nullopt. Throws HttpError 400 and
/// 415, and Refused of core/index/filter_string.h.
std::optional<index::FilterTree> requested_filter(const Request& request, const Services& services);

}  // namespace gnocchi::api
