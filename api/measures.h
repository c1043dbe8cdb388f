#pragma once

#include <optional>
#include <span>

#include "api/http.h"
#include "api/services.h"
#include "core/query/measures.h"
#include "gnocchi/resource.h"

namespace gnocchi::api {

/// Answers with the metric's aggregates as the query asks: start, stop, granularity, aggregation,
/// resample, refresh; moving-average too (api/moving_average.h). Rights are the caller's affair.
/// Throws HttpError 400, 404, and 503 where the metric stays locked.
void answer_measures(const Request& request, const Metric& metric, Services& services,
                     Response& response);

/// The query's start or stop. Throws HttpError 400.
std::optional<Timestamp> read_time(const Request& request, const char* name,
                                   const Services& services);
/// The query's granularity. Throws HttpError 400.
std::optional<Timespan> read_granularity(const Request& request);

/// The query's resample. Throws HttpError 400, also where there is no granularity.
std::optional<query::Sampling> read_resampling(const Request& request);

/// Throws HttpError 404: the metric's archive policy does not have the method.
[[noreturn]] void refuse_method(const MetricId& metric, const std::string& method);

/// Tells that too much was pending to be looked at, so that the answer is what is stored: a header.
void say_what_is_left_out(bool pending, Response& response);

/// Processes what is pending of these metrics. Throws HttpError 503 where one stays locked.
void refresh(std::span<const MetricId> metrics, Services& services);

}  // namespace gnocchi::api
