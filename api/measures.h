#pragma once

#include "api/http.h"
#include "api/services.h"
#include "gnocchi/resource.h"

namespace gnocchi::api {

/// Answers with the metric's aggregates as the query asks: start, stop, granularity, aggregation,
/// resample, refresh. Rights are the caller's affair. Throws HttpError 400, 404, and 503 where the
/// metric stays locked.
void answer_measures(const Request& request, const Metric& metric, Services& services,
                     Response& response);

/// The query's start or stop. Throws HttpError 400.
std::optional<Timestamp> read_time(const Request& request, const char* name,
                                   const Services& services);
/// The query's granularity. Throws HttpError 400.
std::optional<Timespan> read_granularity(const Request& request);

}  // namespace gnocchi::api
