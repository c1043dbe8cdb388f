#pragma once

#include <vector>

#include "api/json.h"
#include "api/services.h"
#include "gnocchi/resource.h"

/// Metrics as clients see them.
namespace gnocchi::api {

/// A metric just made: "archive_policy_name" and "resource_id".
void write_created_metric(JsonWriter& json, const Metric& metric);

/// One metric in full: "archive_policy" expanded and "resource", null or without its metrics.
/// Metric::resource must be filled in if there is one.
void write_metric(JsonWriter& json, const Metric& metric, Services& services);

/// Metrics of a listing: "archive_policy" expanded and "resource_id".
void write_metrics(JsonWriter& json, const std::vector<Metric>& metrics, Services& services);

}  // namespace gnocchi::api
