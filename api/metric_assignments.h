#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http.h"
#include "api/json.h"
#include "api/services.h"

namespace gnocchi::api {

/// Longest name and unit of a metric, in characters: what the index has room for.
inline constexpr std::size_t kMaxMetricName = 255;
inline constexpr std::size_t kMaxMetricUnit = 31;

/// {name: uuid | {"archive_policy_name", "unit"}}: the metrics of a resource. New ones are made for
/// `creator`; those without an archive policy get that of the rule which matches their name. Throws
/// HttpError 400 for what does not fit and 403 where the asker may not create metrics.
std::vector<MetricAssignment> parse_metric_assignments(const JsonView& json, const Request& request,
                                                       const std::optional<std::string>& creator,
                                                       Services& services);

}  // namespace gnocchi::api
