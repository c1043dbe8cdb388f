#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/http.h"
#include "api/services.h"
#include "core/index/metric_cache.h"
#include "core/policy/enforcer.h"
#include "gnocchi/resource.h"

/// What controllers of resources ask before they do anything.
namespace gnocchi::api {

/// Throws HttpError 403 unless `rule` lets the asker do it to `target`.
void enforce(const Services& services, std::string_view rule, const policy::Target& target,
             const Request& request);

/// The same for each metric. Metrics come with their resources.
void enforce_each(const Services& services, std::string_view rule,
                  std::span<const index::MetricCache::MetricPtr> metrics, const Request& request);

/// Which resources of the type the asker may list, search or delete; nullopt: all. Throws HttpError
/// 403 "Insufficient privileges" if none ever.
std::optional<Filter> visible_resources(const Services& services, std::string_view rule,
                                        const Request& request, const ResourceType& type);

/// Throws HttpError 404 "Resource type X does not exist", 400 for one that is not active.
ResourceType find_resource_type(Services& services, std::string_view name);

/// The id that a name in a URL has; 404 "Resource X does not exist" for what cannot be one.
ResourceId resource_of_url(const std::string& text, const Request& request,
                           const Services& services);

/// The resource that /v1/resource/{type}/{id} names, if the asker may do `rule` to it. Throws
/// HttpError 404 "Resource X does not exist", for "get resource" also where it is somebody else's,
/// and 403.
Resource find_resource(Services& services, const ResourceType& type, const std::string& id,
                       bool with_metrics, std::string_view rule, const Request& request);

}  // namespace gnocchi::api
