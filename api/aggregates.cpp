#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "api/errors.h"
#include "api/json.h"
#include "api/measure_rows.h"
#include "api/measures.h"
#include "api/metric_json.h"
#include "api/metric_lookup.h"
#include "api/operations_body.h"
#include "api/pagination.h"
#include "api/rights.h"
#include "api/router.h"
#include "core/policy/targets.h"
#include "core/query/measures.h"
#include "gnocchi/error.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {
namespace {

/// {"cause", "reason", "detail": [...]}, each detail a list of texts and numbers already JSON.
HttpError refusal(int status, std::string_view cause, std::string_view reason,
                  const std::vector<std::string>& details) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text(cause);
  if (!reason.empty()) {
    json.key("reason");
    json.text(reason);
  }
  json.key("detail");
  json.begin_array();
  for (const auto& one : details) json.raw(one);
  json.end_array();
  json.end_object();
  return HttpError(status, std::move(detail));
}

/// ["metric", "method"], and the granularity where it matters.
std::string shown(const query::Reference& reference, std::optional<Timespan> granularity = {}) {
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  json.text(reference.metric);
  json.text(reference.method);
  if (granularity) json.raw(python_seconds(*granularity));
  json.end_array();
  return text;
}

std::vector<std::string> shown(const std::vector<query::Reference>& references) {
  std::vector<std::string> all;
  all.reserve(references.size());
  for (const auto& reference : references) all.push_back(shown(reference));
  return all;
}

constexpr char kNotAggregable[] = "Metrics can't being aggregated";

/// What an operation refers to, found in the index.
struct Referenced {
  query::Reference reference;
  Metric metric;
  std::shared_ptr<const ArchivePolicy> policy;
};

std::vector<Metric> find_metrics(const std::vector<query::Reference>& references,
                                 const Request& request, Services& services) {
  std::vector<MetricId> ids;
  for (const auto& reference : references) {
    const auto id = Uuid::parse(reference.metric);
    if (!id) {
      throw refusal(400, "Invalid metric references", "badly formed hexadecimal UUID string",
                    shown(references));
    }
    if (std::find(ids.begin(), ids.end(), MetricId(*id)) == ids.end()) ids.emplace_back(*id);
  }
  auto metrics = services.indexer.metrics().get(ids, true);
  std::vector<std::string> unknown;
  for (const MetricId& id : ids) {
    const bool found = std::any_of(metrics.begin(), metrics.end(),
                                   [&](const Metric& metric) { return metric.id == id; });
    if (!found) unknown.push_back('"' + id.to_string() + '"');
  }
  if (!unknown.empty()) {
    throw refusal(404, "Unknown metrics", "Provided metrics don't exists", unknown);
  }
  for (const Metric& metric : metrics) {
    enforce(services, "get metric", policy::target_of(metric), request);
  }
  return metrics;
}

std::vector<Referenced> resolve(const std::vector<query::Reference>& references,
                                const std::vector<Metric>& metrics, Services& services) {
  std::vector<Referenced> resolved;
  for (const auto& reference : references) {
    const MetricId id{*Uuid::parse(reference.metric)};
    const auto metric = std::find_if(metrics.begin(), metrics.end(),
                                     [&](const Metric& one) { return one.id == id; });
    resolved.push_back({reference, *metric, archive_policy_of(services, *metric)});
    const auto& methods = resolved.back().policy->aggregation_methods;
    if (std::find(methods.begin(), methods.end(), reference.method) == methods.end()) {
      throw refusal(404, "Metrics with unknown aggregation", {}, {shown(reference)});
    }
  }
  return resolved;
}

/// The granularity asked for, or those that all have in common; coarsest first.
std::vector<Timespan> granularities_of(const std::vector<Referenced>& referenced,
                                       std::optional<Timespan> wanted) {
  std::map<Timespan, std::size_t> counts;
  for (const auto& one : referenced) {
    for (const auto& item : one.policy->definition) ++counts[item.granularity];
  }
  std::vector<Timespan> common;
  std::vector<std::string> all;
  std::vector<std::string> missing;
  for (const auto& one : referenced) {
    all.push_back(shown(one.reference));
    const auto& items = one.policy->definition;
    const bool has = wanted && std::any_of(items.begin(), items.end(), [&](const auto& item) {
                       return item.granularity == *wanted;
                     });
    if (wanted && !has) missing.push_back(shown(one.reference, wanted));
  }
  if (!missing.empty()) throw refusal(400, kNotAggregable, "Granularities are missing", missing);
  if (wanted) return {*wanted};
  for (auto at = counts.rbegin(); at != counts.rend(); ++at) {
    if (at->second == referenced.size()) common.push_back(at->first);
  }
  if (common.empty()) throw refusal(400, kNotAggregable, "No granularity match", all);
  return common;
}

/// One frame per granularity: the series of all references over the union of their times.
std::vector<query::Frame> read_frames(const std::vector<Referenced>& referenced,
                                      const std::vector<Timespan>& granularities,
                                      const query::Range& range, Services& services) {
  std::vector<query::AggregateRef> refs;
  for (const Timespan granularity : granularities) {
    for (const auto& one : referenced) {
      const auto item =
          std::find_if(one.policy->definition.begin(), one.policy->definition.end(),
                       [&](const auto& line) { return line.granularity == granularity; });
      refs.push_back({one.metric.id, one.reference.method, granularity, item->timespan});
    }
  }
  const auto series = query::read_aggregates(services.storage, services.log, refs, range);
  std::vector<query::Frame> frames;
  for (std::size_t g = 0; g < granularities.size(); ++g) {
    frames.push_back(query::align(
        granularities[g], std::span{series}.subspan(g * referenced.size(), referenced.size())));
  }
  return frames;
}

/// {metric: {method: rows}} over all frames; points that are no numbers are left out.
void write_measures(JsonWriter& json, const std::vector<Referenced>& referenced,
                    const std::vector<query::Frame>& frames) {
  std::map<std::string, std::vector<std::size_t>> columns;
  for (std::size_t i = 0; i < referenced.size(); ++i) {
    columns[referenced[i].metric.id.to_string()].push_back(i);
  }
  json.begin_object();
  for (const auto& [metric, indexes] : columns) {
    json.key(metric);
    json.begin_object();
    for (const std::size_t index : indexes) {
      std::string rows_text;
      MeasureRows rows(rows_text);
      for (const auto& frame : frames) {
        timeseries::Series kept;
        for (std::size_t i = 0; i < frame.times.size(); ++i) {
          if (!std::isfinite(frame.columns[index][i])) continue;
          kept.times.push_back(frame.times[i]);
          kept.values.push_back(frame.columns[index][i]);
        }
        rows.add(kept.times, kept.values, python_seconds(frame.granularity));
      }
      rows.end();
      json.key(referenced[index].reference.method);
      json.raw(rows_text);
    }
    json.end_object();
  }
  json.end_object();
}

void post_aggregates(const Request& request, Services& services, Response& response) {
  const bool details = flag(request.query, "details", false);
  for (const char* name : {"fill", "needed_overlap"}) {
    if (!request.query.get(name)) continue;
    throw HttpError(400, cause_detail_reason("Argument value error", name,
                                             "Only series of their own can be computed"));
  }
  const query::Range range{read_time(request, "start", services),
                           read_time(request, "stop", services)};
  const auto granularity = read_granularity(request);
  const query::Operation operation = read_operations(request);
  const auto references = query::references_of(operation);
  const auto metrics = find_metrics(references, request, services);
  const auto referenced = resolve(references, metrics, services);
  const auto granularities = granularities_of(referenced, granularity);
  auto frames = read_frames(referenced, granularities, range, services);
  try {
    for (auto& frame : frames) frame = query::evaluate(operation, std::move(frame));
  } catch (const Refused& fault) {
    throw refusal(400, kNotAggregable, fault.what(), shown(references));
  }
  JsonWriter json(response.body);
  json.begin_object();
  json.key("measures");
  write_measures(json, referenced, frames);
  if (details) {
    std::string listed;
    JsonWriter list(listed);
    write_metrics(list, metrics, services);
    json.key("references");
    json.raw(listed);
  }
  json.end_object();
}

/// The aggregates of one metric, as GET .../measures gives them; upstream's older endpoint.
void answer_aggregation(const std::vector<MetricId>& ids, const Request& request,
                        Services& services, Response& response) {
  const auto metrics = services.indexer.metrics().get(ids, true);
  for (const MetricId& id : ids) {
    const bool found = std::any_of(metrics.begin(), metrics.end(),
                                   [&](const Metric& metric) { return metric.id == id; });
    if (!found) throw HttpError(404, "Metric " + id.to_string() + " does not exist");
  }
  for (const Metric& metric : metrics) {
    enforce(services, "get metric", policy::target_of(metric), request);
  }
  if (metrics.empty()) {
    response.body = "[]";
    return;
  }
  if (metrics.size() > 1) {
    std::vector<std::string> listed;
    listed.reserve(ids.size());
    for (const MetricId& id : ids) listed.push_back('"' + id.to_string() + '"');
    throw refusal(400, kNotAggregable, "Only series of their own can be computed", listed);
  }
  answer_measures(request, metrics.front(), services, response);
}

void get_aggregation(const Request& request, Services& services, Response& response) {
  std::vector<MetricId> ids;
  const auto texts = request.query.get_all("metric");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto id = Uuid::parse(texts[i]);
    if (!id) {
      throw HttpError(400, "Invalid input: not a valid value @ data[" + std::to_string(i) + "]");
    }
    ids.emplace_back(*id);
  }
  answer_aggregation(ids, request, services, response);
}

void post_aggregation(const Request& request, Services& services, Response& response) {
  const auto document = parse_json_body(request);
  std::vector<MetricId> ids;
  const JsonView body(document);
  body.expect_array();
  body.each_item([&](const JsonView& item) {
    const auto id = item.value().IsString() ? Uuid::parse(item.text()) : std::nullopt;
    if (!id) item.refuse("not a valid value");
    ids.emplace_back(*id);
  });
  answer_aggregation(ids, request, services, response);
}

}  // namespace

void add_aggregates_routes(Router& router, Services& services) {
  const auto add = [&](const char* method, const char* pattern,
                       void (*controller)(const Request&, Services&, Response&)) {
    router.add(
        method, pattern,
        [&services, controller](const Request& request, const PathArguments&, Response& response) {
          controller(request, services, response);
        });
  };
  add("POST", "/v1/aggregates", post_aggregates);
  add("GET", "/v1/aggregation/metric", get_aggregation);
  add("POST", "/v1/aggregation/metric", post_aggregation);
}

}  // namespace gnocchi::api
