#include <algorithm>
#include <array>
#include <utility>

#include "api/bind.h"
#include "api/errors.h"
#include "api/future_limit.h"
#include "api/json.h"
#include "api/measure_rows.h"
#include "api/measures.h"
#include "api/measures_body.h"
#include "api/measures_removal.h"
#include "api/metric_lookup.h"
#include "api/moving_average.h"
#include "api/pagination.h"
#include "api/point_table.h"
#include "core/index/timespan.h"
#include "core/index/timestamps.h"
#include "core/pipeline/ingest.h"
#include "core/pipeline/processor.h"
#include "core/query/measures.h"
#include "gnocchi/error.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {
namespace {

/// What a request for measures asks of one metric.
struct Wanted {
  query::Range range;
  std::string aggregation = "mean";
  std::optional<query::Sampling> resampling;
  std::vector<ArchivePolicyItem> items;  ///< coarsest first
};

/// The granularities of the policy that are asked for: all, or the one given.
void choose_items(const ArchivePolicy& policy, std::optional<Timespan> granularity,
                  const Metric& metric, Wanted& wanted) {
  const auto& methods = policy.aggregation_methods;
  if (std::find(methods.begin(), methods.end(), wanted.aggregation) == methods.end()) {
    refuse_method(metric.id, wanted.aggregation);
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

std::optional<query::Sampling> read_resampling(const Request& request) {
  const auto text = request.query.get("resample").value_or("");
  if (text.empty()) return std::nullopt;
  if (request.query.get("granularity").value_or("").empty()) {
    throw HttpError(400, "A granularity must be specified to resample");
  }
  if (const auto group = timeseries::parse_calendar_group(text)) return *group;
  try {
    return index::to_timespan(text);
  } catch (const Refused& fault) {
    throw HttpError(400, fault.what());
  }
}

void refuse_method(const MetricId& metric, const std::string& method) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Aggregation method does not exist for this metric");
  json.key("detail");
  json.begin_object();
  json.key("metric");
  json.uuid(metric);
  json.key("aggregation_method");
  json.text(method);
  json.end_object();
  json.end_object();
  throw HttpError(404, std::move(detail));
}

void refresh(std::span<const MetricId> metrics, Services& services) {
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(
      services.config.duration("api", "operation_timeout"));
  if (services.processor.refresh(metrics, patience)) return;
  Headers headers;
  headers.set("Retry-After", "1");
  throw HttpError(503,
                  {"Unable to refresh metric: " + metrics.front().to_string() +
                       ". Metric is locked. Please try again.",
                   false},
                  std::move(headers));
}

void say_what_is_left_out(bool pending, Response& response) {
  if (pending) response.headers.set("Gnocchi-Pending-Measures", "left out");
}

void answer_measures(const Request& request, const Metric& metric, Services& services,
                     Response& response) {
  Wanted wanted;
  wanted.resampling = read_resampling(request);
  wanted.range = {read_time(request, "start", services), read_time(request, "stop", services)};
  const auto granularity = read_granularity(request);
  const auto moving = read_moving_average(request);
  const auto method = request.query.get("aggregation");
  if (method && !moving) wanted.aggregation = *method;
  const auto policy = archive_policy_of(services, metric);
  choose_items(*policy, moving ? std::nullopt : granularity, metric, wanted);
  if (moving) {
    keep_fitting(wanted.items, moving->window);
    wanted.resampling.reset();
  }
  if (flag(request.query, "refresh", false)) refresh(std::array{metric.id}, services);

  std::vector<query::AggregateRef> refs;
  for (const auto& item : wanted.items) {
    refs.push_back({metric.id, wanted.aggregation, item.granularity, item.timespan, policy});
  }
  try {
    auto reading = services.reader.read(refs, wanted.range, wanted.resampling);
    say_what_is_left_out(reading.pending_left_out, response);
    auto& series = reading.series;
    if (moving) series = {moving_average_of(wanted.items, series, *moving)};
    const auto sampling_of = [&](std::size_t i) -> query::Sampling {
      if (moving) return moving->window;
      return wanted.resampling.value_or(wanted.items[i].granularity);
    };
    if (request.form != RowForm::json) {
      PointTable table(request.form, {}, {}, response);
      for (std::size_t i = 0; i < series.size(); ++i) {
        table.add(series[i].times, series[i].values, sampling_of(i));
      }
      return;
    }
    MeasureRows rows(response.body);
    for (std::size_t i = 0; i < series.size(); ++i) {
      rows.add(series[i].times, series[i].values, json_sampling(sampling_of(i)));
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
  check_future(services, measures);
  response.measures = pipeline::bundle(measures);
  response.status = 202;
}

void get_measures(const Request& request, const PathArguments& arguments, Services& services,
                  Response& response) {
  answer_measures(request, *find_cached_metric(services, arguments[0], "get measures", request),
                  services, response);
}

void post_measures(const Request& request, const PathArguments& arguments, Services& services,
                   Response& response) {
  store(request, *find_cached_metric(services, arguments[0], "post measures", request), services,
        response);
}

void get_named_measures(const Request& request, const PathArguments& arguments, Services& services,
                        Response& response) {
  answer_measures(request,
                  *find_cached_named_metric(services, arguments[0], arguments[1], arguments[2],
                                            "get measures", request),
                  services, response);
}

void post_named_measures(const Request& request, const PathArguments& arguments, Services& services,
                         Response& response) {
  store(request,
        *find_cached_named_metric(services, arguments[0], arguments[1], arguments[2],
                                  "post measures", request),
        services, response);
}

void delete_measures(const Request& request, const PathArguments& arguments, Services& services,
                     Response& response) {
  remove_measures(request, find_metric(services, arguments[0], "delete measures", request),
                  services, response);
}

void delete_named_measures(const Request& request, const PathArguments& arguments,
                           Services& services, Response& response) {
  remove_measures(request,
                  find_named_metric(services, arguments[0], arguments[1], arguments[2],
                                    "delete measures", request),
                  services, response);
}

}  // namespace

void add_measures_routes(Router& router, Services& services) {
  const Binder binder(router, services);
  binder.add_rows("GET", "/v1/metric/{id}/measures", get_measures);
  binder.add("POST", "/v1/metric/{id}/measures", post_measures);
  binder.add("DELETE", "/v1/metric/{id}/measures", delete_measures);
  binder.add_rows("GET", "/v1/resource/{type}/{id}/metric/{name}/measures", get_named_measures);
  binder.add("POST", "/v1/resource/{type}/{id}/metric/{name}/measures", post_named_measures);
  binder.add("DELETE", "/v1/resource/{type}/{id}/metric/{name}/measures", delete_named_measures);
}

}  // namespace gnocchi::api
