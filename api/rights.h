#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http.h"
#include "api/services.h"
#include "gnocchi/resource.h"

/// What controllers of resources ask before they do anything.
namespace gnocchi::api {

/// Throws HttpError 403 unless `rule` lets the asker do it to `target`.
void enforce(const Services& services, std::string_view rule, const policy::Target& target,
             const Request& request);

/// Which resources of the type the asker may list, search or delete; nullopt: all. Throws HttpError
/// 403 "Insufficient privileges" if none ever.
std::optional<Filter> visible_resources(const Services& services, std::string_view rule,
                                        const Request& request, const ResourceType& type);

/// Throws HttpError 404 "Resource type X does not exist", 400 for one that is not active.
ResourceType find_resource_type(Services& services, std::string_view name);

/// The resource that /v1/resource/{type}/{id} names, if the asker may do `rule` to it. Throws
/// HttpError 404 "Resource X does not exist" and 403.
Resource find_resource(Services& services, const ResourceType& type, const std::string& id,
                       bool with_metrics, std::string_view rule, const Request& request);

}  // namespace gnocchi::api
