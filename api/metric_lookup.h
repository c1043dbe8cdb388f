#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/http.h"
#include "api/services.h"
#include "core/index/metric_cache.h"
#include "gnocchi/archive_policy.h"
#include "gnocchi/resource.h"

/// From a URL to a metric, if the asker may do `rule` to it. At most one query of the index.
namespace gnocchi::api {

/// /v1/metric/{id}. Throws HttpError 404 "Metric X does not exist" and 403. The metric comes with
/// its resource.
Metric find_metric(Services& services, const std::string& id, std::string_view rule,
                   const Request& request);

/// The same for measures, from Services::metrics.
index::MetricCache::MetricPtr find_cached_metric(Services& services, const std::string& id,
                                                 std::string_view rule, const Request& request);

/// /v1/resource/{type}/{id}/metric/{name}. Throws HttpError 404 for metric, resource or type, and
/// 403. The metric comes with its resource.
Metric find_named_metric(Services& services, const std::string& type, const std::string& id,
                         const std::string& name, std::string_view rule, const Request& request);

/// The same for measures, from Services::metrics.
index::MetricCache::MetricPtr find_cached_named_metric(Services& services, const std::string& type,
                                                       const std::string& id,
                                                       const std::string& name,
                                                       std::string_view rule,
                                                       const Request& request);

/// Throws HttpError 400 for a name with '/', unless names are as in Gnocchi 3.0.
void check_metric_name(std::string_view name, const Services& services);

/// The metric's archive policy. Throws Error{internal} if the index has it no longer.
std::shared_ptr<const ArchivePolicy> archive_policy_of(Services& services, const Metric& metric);

/// The policy that the rules give to a metric of this name. Throws HttpError 400 if no rule
/// matches.
std::string archive_policy_by_rule(Services& services, const std::optional<std::string>& name);

}  // namespace gnocchi::api
