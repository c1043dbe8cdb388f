#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/errors.h"
#include "core/query/computation.h"

/// Refusals of requests that compute across metrics: {"cause", "reason", "detail": [...]}.
namespace gnocchi::api {

/// `details` are JSON already.
HttpError cross_refusal(int status, std::string_view cause, std::string_view reason,
                        const std::vector<std::string>& details);

/// What clients call a source: (metric, method).
using SourceName = std::pair<std::string, std::string>;
using SourceNames = std::function<SourceName(const query::NotAggregable&, std::size_t source)>;

/// 400 {"cause": "Metrics can't being aggregated", ...}.
HttpError not_aggregable(const query::NotAggregable& fault, const SourceNames& names);

/// 404 {"cause": "Metrics with unknown aggregation", ...}.
HttpError unknown_method(const MetricId& metric, const std::string& method);

/// 400 {"cause": "Too many points", ...}.
HttpError too_many_points(const query::TooManyPoints& fault);

/// A name as JSON: ["cpu", "mean"].
std::string json_pair(const SourceName& name);
std::string json_text(std::string_view text);

}  // namespace gnocchi::api
