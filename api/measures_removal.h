#pragma once

#include "api/http.h"
#include "api/services.h"
#include "gnocchi/resource.h"

namespace gnocchi::api {

/// DELETE ...measures: takes what is between the query's start and stop (at least one of the two)
/// out of the metric. Rights are the caller's affair. Throws HttpError 400, and 503 where the
/// metric stays locked for [api] operation_timeout.
void remove_measures(const Request& request, const Metric& metric, Services& services,
                     Response& response);

}  // namespace gnocchi::api
