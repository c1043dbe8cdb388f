#include <algorithm>
#include <array>
#include <utility>

#include "api/errors.h"
#include "api/json.h"
#include "api/measure_rows.h"
#include "api/measures.h"
#include "api/measures_body.h"
#include "api/metric_lookup.h"
#include "api/pagination.h"
#include "api/router.h"
#include "core/index/timespan.h"
#include "core/index/timestamps.h"
#include "core/pipeline/ingest.h"
#include "core/query/measures.h"
#include "gnocchi/error.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {
namespace {

/// What a request for measures asks of one metric.
struct Wanted {
  query::Range range;
  std::string aggregation = "mean";
  std::optional<query::Resampling> resampling;
  std::string resampled_to;              ///< as JSON, where resampling
  std::vector<ArchivePolicyItem> items;  ///< coarsest first
};

void read_resampling(const Request& request, Wanted& wanted) {
  const auto text = request.query.get("resample").value_or("");
  if (text.empty()) return;
  if (request.query.get("granularity").value_or("").empty()) {
    throw HttpError(400, "A granularity must be specified to resample");
  }
  if (const auto group = timeseries::parse_calendar_group(text)) {
    wanted.resampling = *group;
    wanted.resampled_to = '"' + std::string(text) + '"';
    return;
  }
  try {
    const Timespan span = index::to_timespan(text);
    wanted.resampling = span;
    wanted.resampled_to = python_seconds(span);
  } catch (const Refused& fault) {
    throw HttpError(400, fault.what());
  }
}

[[noreturn]] void refuse_aggregation(const Metric& metric, const std::string& aggregation) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Aggregation method does not exist for this metric");
  json.key("detail");
  json.begin_object();
  json.key("metric");
  json.uuid(metric.id);
  json.key("aggregation_method");
  json.text(aggregation);
  json.end_object();
  json.end_object();
  throw HttpError(404, std::move(detail));
}

/// The granularities of the policy that are asked for: all, or the one given.
void choose_items(const ArchivePolicy& policy, std::optional<Timespan> granularity,
                  const Metric& metric, Wanted& wanted) {
  const auto& methods = policy.aggregation_methods;
  if (std::find(methods.begin(), methods.end(), wanted.aggregation) == methods.end()) {
    refuse_aggregation(metric, wanted.aggregation);
  }
  for (const ArchivePolicyItem& item : policy.definition) {
    if (!granularity || item.granularity == *granularity) wanted.items.push_back(item);
  }
  if (wanted.items.empty()) {
    throw HttpError(404, "Aggregation method '" + wanted.aggregation + "' at granularity '" +
                             python_seconds(granularity.value_or(Timespan{})) + "' for metric " +
                             metric.id.to_string() + " does not exist");
  }
  std::sort(wanted.items.begin(), wanted.items.end(),
            [](const auto& a, const auto& b) { return a.granularity > b.granularity; });
}

void refresh(const Metric& metric, Services& services) {
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(
      services.config.duration("api", "operation_timeout"));
  const std::array metrics{metric.id};
  if (services.processor.refresh(metrics, patience)) return;
  Headers headers;
  headers.set("Retry-After", "1");
  throw HttpError(503,
                  {"Unable to refresh metric: " + metric.id.to_string() +
                       ". Metric is locked. Please try again.",
                   false},
                  std::move(headers));
}

}  // namespace

std::optional<Timestamp> read_time(const Request& request, const char* name,
                                   const Services& services) {
  const auto text = request.query.get(name);
  if (!text) return std::nullopt;
  const auto parsed = index::parse_timestamp(*text, services.now());
  if (parsed.fault != index::TimestampFault::none) {
    throw HttpError(400, cause_detail_reason("Argument value error", name,
                                             "Must be a datetime or a timestamp"));
  }
  return Timestamp{Timespan{parsed.ns}};
}

std::optional<Timespan> read_granularity(const Request& request) {
  const auto text = request.query.get("granularity");
  if (!text) return std::nullopt;
  try {
    return index::to_timespan(*text);
  } catch (const Refused& fault) {
    throw HttpError(400, cause_detail_reason("Argument value error", "granularity", fault.what()));
  }
}

void answer_measures(const Request& request, const Metric& metric, Services& services,
                     Response& response) {
  Wanted wanted;
  read_resampling(request, wanted);
  wanted.range = {read_time(request, "start", services), read_time(request, "stop", services)};
  const auto granularity = read_granularity(request);
  if (const auto method = request.query.get("aggregation")) wanted.aggregation = *method;
  const auto policy = archive_policy_of(services, metric);
  choose_items(*policy, granularity, metric, wanted);
  if (flag(request.query, "refresh", false)) refresh(metric, services);

  std::vector<query::AggregateRef> refs;
  for (const auto& item : wanted.items) {
    refs.push_back({metric.id, wanted.aggregation, item.granularity, item.timespan});
  }
  try {
    const auto series = query::read_aggregates(services.storage, services.log, refs, wanted.range,
                                               wanted.resampling);
    MeasureRows rows(response.body);
    for (std::size_t i = 0; i < series.size(); ++i) {
      const std::string shown =
          wanted.resampling ? wanted.resampled_to : python_seconds(wanted.items[i].granularity);
      rows.add(series[i].times, series[i].values, shown);
    }
    rows.end();
  } catch (const Refused& fault) {
    throw HttpError(400, fault.what());
  }
}

namespace {

void store(const Request& request, const Metric& metric, Services& services, Response& response) {
  require_content_type(request);
  const std::array measures{
      pipeline::MetricMeasures{metric.id, parse_measures(request.body, services.now())}};
  pipeline::accept(services.incoming, measures);
  response.status = 202;
}

void get_measures(const Request& request, const PathArguments& arguments, Services& services,
                  Response& response) {
  answer_measures(request, find_metric(services, arguments[0], "get measures", request), services,
                  response);
}

void post_measures(const Request& request, const PathArguments& arguments, Services& services,
                   Response& response) {
  store(request, find_metric(services, arguments[0], "post measures", request), services, response);
}

void get_named_measures(const Request& request, const PathArguments& arguments, Services& services,
                        Response& response) {
  answer_measures(request,
                  find_named_metric(services, arguments[0], arguments[1], arguments[2],
                                    "get measures", request),
                  services, response);
}

void post_named_measures(const Request& request, const PathArguments& arguments, Services& services,
                         Response& response) {
  store(request,
        find_named_metric(services, arguments[0], arguments[1], arguments[2], "post measures",
                          request),
        services, response);
}

}  // namespace

void add_measures_routes(Router& router, Services& services) {
  using Controller = void (*)(const Request&, const PathArguments&, Services&, Response&);
  const auto add = [&](const char* method, const char* pattern, Controller controller) {
    router.add(method, pattern,
               [&services, controller](const Request& request, const PathArguments& arguments,
                                       Response& response) {
                 controller(request, arguments, services, response);
               });
  };
  add("GET", "/v1/metric/{id}/measures", get_measures);
  add("POST", "/v1/metric/{id}/measures", post_measures);
  add("GET", "/v1/resource/{type}/{id}/metric/{name}/measures", get_named_measures);
  add("POST", "/v1/resource/{type}/{id}/metric/{name}/measures", post_named_measures);
}

}  // namespace gnocchi::api
