#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http.h"
#include "api/json.h"
#include "api/services.h"
#include "core/index/metric_limits.h"

namespace gnocchi::api {

using index::kMaxMetricName;
using index::kMaxMetricUnit;

/// {name: uuid | {"archive_policy_name", "unit"}}: the metrics of a resource. New ones are made for
/// `creator`; those without an archive policy get that of the rule which matches their name. Throws
/// HttpError 400 for what does not fit and 403 where the asker may not create metrics.
std::vector<MetricAssignment> parse_metric_assignments(const JsonView& json, const Request& request,
                                                       const std::optional<std::string>& creator,
                                                       Services& services);

}  // namespace gnocchi::api
