#pragma once

#include "api/json.h"
#include "gnocchi/archive_policy.h"

namespace gnocchi::api {

/// {"name", "back_window", "definition": [{"timespan", "granularity", "points"}],
/// "aggregation_methods"}, lengths of time as Python prints them.
void write_archive_policy(JsonWriter& json, const ArchivePolicy& policy);

}  // namespace gnocchi::api
