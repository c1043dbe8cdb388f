#include "api/aggregates.h"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "api/bind.h"
#include "api/cross_answer.h"
#include "api/cross_errors.h"
#include "api/measures.h"
#include "api/metric_json.h"
#include "api/metric_lookup.h"
#include "api/pagination.h"
#include "api/resource_ids.h"
#include "api/rights.h"
#include "core/index/metric_cache.h"

namespace gnocchi::api {
namespace {

/// The ids that references are, each once.
std::vector<MetricId> ids_of(const std::vector<query::Reference>& references) {
  std::vector<MetricId> ids;
  for (const auto& reference : references) {
    const auto id = Uuid::parse(reference.metric);
    if (!id) {
      std::vector<std::string> details;
      details.reserve(references.size());
      for (const auto& one : references) details.push_back(json_pair({one.metric, one.method}));
      throw cross_refusal(400, "Invalid metric references", "badly formed hexadecimal UUID string",
                          details);
    }
    ids.emplace_back(*id);
  }
  return ids;
}

using MetricPtr = index::MetricCache::MetricPtr;

/// The metrics in the order of their ids, which the asker may read.
std::vector<MetricPtr> find(const std::vector<MetricId>& ids, const Request& request,
                            Services& services) {
  auto metrics = services.metrics.get(ids);
  if (metrics.size() != ids.size()) {
    std::unordered_set<MetricId> known;
    for (const MetricPtr& metric : metrics) known.insert(metric->id);
    std::vector<std::string> unknown;
    for (const MetricId& id : ids) {
      if (known.insert(id).second) unknown.push_back(json_text(id.to_string()));
    }
    throw cross_refusal(404, "Unknown metrics", "Provided metrics don't exists", unknown);
  }
  enforce_each(services, "get metric", metrics, request);
  return metrics;
}

query::SourceGroup sources_of(const std::vector<MetricPtr>& metrics, const query::Range& range,
                              Services& services) {
  query::SourceGroup group;
  group.window = range;
  group.sources.reserve(metrics.size());
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    group.sources.push_back({metrics[i]->id, i, archive_policy_of(services, *metrics[i])});
  }
  return group;
}

/// Each metric once, in the order of ids.
void write_references(JsonWriter& json, const std::vector<MetricPtr>& metrics, Services& services) {
  std::map<MetricId, const Metric*> by_id;
  for (const MetricPtr& metric : metrics) by_id.emplace(metric->id, metric.get());
  std::vector<Metric> all;
  all.reserve(by_id.size());
  for (const auto& [id, metric] : by_id) all.push_back(*metric);
  std::string listed;
  JsonWriter list(listed);
  write_metrics(list, all, services);
  json.key("references");
  json.raw(listed);
}

/// The columns to show of series that were not aggregated.
std::vector<std::size_t> ranked_columns(const Ranking& ranking,
                                        const std::vector<query::Frame>& frames) {
  std::vector<double> scores;
  for (std::size_t i = 0; i < frames.front().columns.size(); ++i) {
    scores.push_back(ranking.asked() ? score_of(frames, i) : 0);
  }
  return ranking.choose(scores);
}

void post_aggregates(const Request& http, const PathArguments&, Services& services,
                     Response& response) {
  const bool details = flag(http.query, "details", false);
  if (details && http.form != RowForm::json) {
    refuse_parameter("details", "there is no place for details in rows; JSON has one");
  }
  const bool use_history = flag(http.query, "use_history", false);
  CrossQuery query = read_cross_query(http, services);
  if (!http.query.get("fill") && !http.query.get("needed_overlap")) {
    query.gaps.fill = query::Gaps::Fill::dropna;
  }
  const Ranking ranking = read_ranking(http);
  const AggregatesRequest request{http,
                                  details,
                                  use_history,
                                  query,
                                  read_groupby(http),
                                  ranking,
                                  read_aggregates_body(http, id_rules(http, services))};
  if (request.body.resource_type)
    aggregate_resources(request, services, response);
  else
    aggregate_metrics(request, services, response);
}

}  // namespace

void aggregate_metrics(const AggregatesRequest& request, Services& services, Response& response) {
  const auto& references = request.body.program.references;
  const auto ids = ids_of(references);
  const auto metrics = find(ids, request.http, services);
  const std::vector groups{sources_of(metrics, request.query.range, services)};
  const auto computation = request.query.computation(request.body.program, services);
  JsonWriter json(response.body);
  try {
    query::Results results(services.reader, computation, groups);
    say_what_is_left_out(results.pending_left_out(), response);
    const auto frames = results.of_group(0);
    if (frames.front().aggregated && request.ranking.asked()) refuse_ranking_of_one();
    const auto chosen = ranked_columns(request.ranking, frames);
    const SeriesPaths paths = [&](std::size_t source) {
      return SeriesPath{ids[source].to_string(), references[source].method};
    };
    if (request.http.form != RowForm::json) {
      CrossTable(request.http.form, {}, {"metric", "aggregation"}, response)
          .add({}, frames, chosen, paths, request.query.gaps.drops());
      return;
    }
    json.begin_object();
    json.key("measures");
    write_measures(json, frames, chosen, paths, request.query.gaps.drops());
  } catch (const query::NotAggregable& fault) {
    throw not_aggregable(fault, [&](const auto&, std::size_t source) {
      return SourceName{ids[source].to_string(), references[source].method};
    });
  } catch (const query::UnknownMethod& fault) {
    throw unknown_method(ids[fault.source], references[fault.source].method);
  } catch (const query::TooManyPoints& fault) {
    throw too_many_points(fault);
  }
  if (request.details) write_references(json, metrics, services);
  json.end_object();
}

void add_aggregates_routes(Router& router, Services& services) {
  Binder(router, services).add_rows("POST", "/v1/aggregates", post_aggregates);
}

}  // namespace gnocchi::api
