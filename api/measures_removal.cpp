#include "api/measures_removal.h"

#include "api/errors.h"
#include "api/measures.h"
#include "core/pipeline/processor.h"

namespace gnocchi::api {
namespace {

timeseries::TimeRange wanted_range(const Request& request, const Services& services) {
  const auto start = read_time(request, "start", services);
  const auto stop = read_time(request, "stop", services);
  if (!start && !stop) {
    throw HttpError(400, cause_detail_reason("Argument value error", "start",
                                             "start or stop must be given: without both, all "
                                             "measures of the metric would be deleted"));
  }
  timeseries::TimeRange range;
  if (start) range.start_ns = start->time_since_epoch().count();
  if (stop) range.stop_ns = stop->time_since_epoch().count();
  if (range.start_ns >= range.stop_ns) {
    throw HttpError(
        400, cause_detail_reason("Argument value error", "stop", "stop must be after start"));
  }
  return range;
}

}  // namespace

void remove_measures(const Request& request, const Metric& metric, Services& services,
                     Response& response) {
  const auto range = wanted_range(request, services);
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(
      services.config.duration("api", "operation_timeout"));
  if (!services.processor.remove_measures(metric, range, patience)) {
    Headers headers;
    headers.set("Retry-After", "1");
    throw HttpError(503,
                    {"Unable to delete measures of metric: " + metric.id.to_string() +
                         ". Metric is locked. Please try again.",
                     false},
                    std::move(headers));
  }
  response.status = 204;
}

}  // namespace gnocchi::api
