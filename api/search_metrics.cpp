// Points of metrics by their values: /v1/search/metric.
#include <algorithm>
#include <functional>
#include <utility>

#include "api/bind.h"
#include "api/cross_errors.h"
#include "api/cross_query.h"
#include "api/errors.h"
#include "api/json.h"
#include "api/measure_rows.h"
#include "api/measures.h"
#include "api/metric_lookup.h"
#include "api/rights.h"
#include "api/value_predicate.h"
#include "core/index/timespan.h"
#include "core/index/timestamps.h"
#include "core/policy/targets.h"
#include "core/query/measures.h"
#include "gnocchi/error.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {
namespace {

/// The metrics asked for that exist, in order of their ids.
std::vector<Metric> read_metrics(const Request& request, Services& services) {
  std::vector<MetricId> ids;
  for (const std::string& text : request.query.get_all("metric_id")) {
    const auto id = Uuid::parse(text);
    if (!id) refuse_parameter("metric_id", "badly formed hexadecimal UUID string");
    ids.emplace_back(*id);
  }
  if (ids.empty()) refuse_parameter("metric_id", "Required");
  auto metrics = services.indexer.metrics().get(ids, true);
  std::sort(metrics.begin(), metrics.end(),
            [](const Metric& a, const Metric& b) { return a.id < b.id; });
  for (const Metric& metric : metrics) {
    enforce(services, "search metric", policy::target_of(metric), request);
  }
  return metrics;
}

std::optional<Timestamp> read_bound(const Request& request, const char* name,
                                    const Services& services) {
  const auto text = request.query.get(name);
  if (!text) return std::nullopt;
  const auto parsed = index::parse_timestamp(*text, services.now());
  if (parsed.fault != index::TimestampFault::none) {
    throw HttpError(400, std::string("Invalid value for ") + name);
  }
  return Timestamp{Timespan{parsed.ns}};
}

/// Coarsest first; none: all of each metric's policy.
std::vector<Timespan> read_granularities(const Request& request) {
  std::vector<Timespan> granularities;
  for (const std::string& text : request.query.get_all("granularity")) {
    try {
      granularities.push_back(index::to_timespan(text));
    } catch (const Refused& fault) {
      refuse_parameter("granularity", fault.what());
    }
  }
  std::sort(granularities.begin(), granularities.end(), std::greater<>());
  granularities.erase(std::unique(granularities.begin(), granularities.end()), granularities.end());
  return granularities;
}

[[noreturn]] void refuse_aggregation(const std::string& method, Timespan granularity) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Aggregation does not exist");
  json.key("detail");
  json.begin_object();
  json.key("granularity");
  json.raw(python_seconds(granularity));
  json.key("aggregation_method");
  json.text(method);
  json.end_object();
  json.end_object();
  throw HttpError(400, std::move(detail));
}

/// The aggregates to look into, those of one metric together.
std::vector<query::AggregateRef> refs_of(const std::vector<Metric>& metrics,
                                         const std::string& method,
                                         const std::vector<Timespan>& granularities,
                                         Services& services) {
  std::vector<query::AggregateRef> refs;
  for (const Metric& metric : metrics) {
    const auto policy = archive_policy_of(services, metric);
    auto items = policy->definition;
    std::sort(items.begin(), items.end(),
              [](const auto& a, const auto& b) { return a.granularity > b.granularity; });
    const auto& methods = policy->aggregation_methods;
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
      refuse_aggregation(method,
                         granularities.empty() ? items.front().granularity : granularities.front());
    }
    for (const Timespan granularity : granularities) {
      const bool has = std::any_of(items.begin(), items.end(), [&](const auto& item) {
        return item.granularity == granularity;
      });
      if (!has) refuse_aggregation(method, granularity);
    }
    for (const auto& item : items) {
      const bool wanted = granularities.empty() ||
                          std::find(granularities.begin(), granularities.end(), item.granularity) !=
                              granularities.end();
      if (wanted) refs.push_back({metric.id, method, item.granularity, item.timespan, policy});
    }
  }
  return refs;
}

void keep_matching(timeseries::Series& series, const ValuePredicate& predicate) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!predicate(series.values[i])) continue;
    series.times[kept] = series.times[i];
    series.values[kept++] = series.values[i];
  }
  series.times.resize(kept);
  series.values.resize(kept);
}

query::Reading read_series(const std::vector<query::AggregateRef>& refs, const query::Range& range,
                           Services& services) {
  const auto most = services.config.integer("api", "max_aggregated_points");
  try {
    return services.reader.read(refs, range, std::nullopt, static_cast<std::size_t>(most));
  } catch (const query::TooManyPoints& fault) {
    throw too_many_points(fault);
  }
}

void search_metrics(const Request& request, const PathArguments&, Services& services,
                    Response& response) {
  const auto metrics = read_metrics(request, services);
  if (request.body.empty()) throw HttpError(400, "No query specified in body");
  const auto document = parse_json_body(request);
  const ValuePredicate predicate{JsonView(document)};
  const query::Range range{read_bound(request, "start", services),
                           read_bound(request, "stop", services)};
  const std::string method(request.query.get("aggregation").value_or("mean"));
  const auto refs = refs_of(metrics, method, read_granularities(request), services);
  auto reading = read_series(refs, range, services);
  auto& series = reading.series;
  say_what_is_left_out(reading.pending_left_out, response);

  JsonWriter json(response.body);
  json.begin_object();
  std::size_t next = 0;
  for (const Metric& metric : metrics) {
    json.key(metric.id.to_string());
    std::string text;
    MeasureRows rows(text);
    for (; next < refs.size() && refs[next].metric == metric.id; ++next) {
      keep_matching(series[next], predicate);
      rows.add(series[next].times, series[next].values, python_seconds(refs[next].granularity));
    }
    rows.end();
    json.raw(text);
  }
  json.end_object();
}

}  // namespace

void add_metric_search_routes(Router& router, Services& services) {
  Binder(router, services).add("POST", "/v1/search/metric", search_metrics);
}

}  // namespace gnocchi::api
