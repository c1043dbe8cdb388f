// The older way to aggregate across metrics: /v1/aggregation.
#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/bind.h"
#include "api/cross_answer.h"
#include "api/filter_json.h"
#include "api/json.h"
#include "api/measures.h"
#include "api/metric_lookup.h"
#include "api/metric_search.h"
#include "api/reaggregation.h"
#include "api/rights.h"
#include "core/index/metric_cache.h"
#include "core/policy/targets.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

/// Throws HttpError 404 with the first one that is not among the known ones, which ascend.
[[noreturn]] void refuse_unknown(const std::vector<MetricId>& ids,
                                 std::span<const index::MetricCache::MetricPtr> known) {
  const auto unknown = std::find_if(ids.begin(), ids.end(), [known](const MetricId& id) {
    return !std::ranges::binary_search(known, id, {},
                                       [](const auto& metric) { return metric->id; });
  });
  throw HttpError(404, "Metric " + unknown->to_string() + " does not exist");
}

void aggregate_metrics(const std::vector<MetricId>& ids, const Request& request, Services& services,
                       Response& response) {
  const std::set<MetricId> wanted_ids(ids.begin(), ids.end());
  auto metrics = services.metrics.get(std::vector(wanted_ids.begin(), wanted_ids.end()));
  if (metrics.size() != wanted_ids.size()) refuse_unknown(ids, metrics);
  const AggregationQuery wanted = read_aggregation_query(request, services);
  query::SourceGroup group;
  group.window = wanted.query.range;
  enforce_each(services, "get metric", metrics, request);
  for (const auto& metric : metrics) {
    group.sources.push_back({metric->id, 0, archive_policy_of(services, *metric)});
  }
  Reaggregation aggregation(wanted, {group}, services);
  say_what_is_left_out(aggregation.pending_left_out(), response);
  aggregation.write_next(response.body);
}

void aggregate_metrics(const Request& request, const PathArguments&, Services& services,
                       Response& response) {
  std::vector<MetricId> ids;
  const auto texts = request.query.get_all("metric");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto id = Uuid::parse(texts[i]);
    if (!id) {
      throw HttpError(400, "Invalid input: not a valid value @ data[" + std::to_string(i) + "]");
    }
    ids.emplace_back(*id);
  }
  aggregate_metrics(ids, request, services, response);
}

void post_metrics(const Request& request, const PathArguments&, Services& services,
                  Response& response) {
  const auto document = parse_json_body(request);
  std::vector<MetricId> ids;
  const JsonView body(document);
  body.expect_array();
  body.each_item([&](const JsonView& item) {
    const auto id = item.value().IsString() ? Uuid::parse(item.text()) : std::nullopt;
    if (!id) item.refuse("not a valid value");
    ids.emplace_back(*id);
  });
  aggregate_metrics(ids, request, services, response);
}

/// The search of a request for one metric of many resources. Groups whose resources all lack the
/// metric are there too, empty.
struct ResourceSearch {
  std::vector<ResourceMetric> rows;
  std::vector<MetricGroup> groups;
};

ResourceSearch search(const Request& request, const std::string& type_name,
                      const std::string& metric, const std::vector<std::string>& groupby,
                      Services& services) {
  const auto type = find_resource_type(services, type_name);
  auto query =
      metric_search(request, services, type, requested_filter(request, services), {metric});
  // The name is one name here, not a pattern.
  query.metrics = Filter::compare(Filter::Op::eq, "name", metric);
  query.with_resource = true;
  try {
    const GroupBy by(groupby, type, query);
    if (groupby.empty()) query.sorts.clear();  // by id alone: sums are in this order
    ResourceSearch found{find_metrics(query, services), {}};
    found.groups = group_metrics(found.rows, by);
    if (!groupby.empty()) found.groups = all_groups(std::move(found.groups), query, services);
    return found;
  } catch (const Refused& fault) {
    if (fault.subject() != Refused::Subject::pagination) throw;
    throw HttpError(400, "Invalid groupby attribute");
  }
}

void aggregate_resources(const Request& request, const PathArguments& arguments, Services& services,
                         Response& response) {
  const auto groupby = read_groupby(request);
  const auto found = search(request, arguments[0], arguments[1], groupby, services);
  const AggregationQuery wanted = read_aggregation_query(request, services);
  for (const auto& row : found.rows) {
    enforce(services, "get metric", policy::target_of(row.metric), request);
  }
  SourceMaker maker(found.rows, services);
  std::vector<query::SourceGroup> groups;
  for (const auto& group : found.groups) {
    groups.push_back(maker.make(group.found, wanted.query.range));
  }
  if (groupby.empty() && groups.empty()) groups.emplace_back();
  Reaggregation aggregation(wanted, std::move(groups), services);
  say_what_is_left_out(aggregation.pending_left_out(), response);
  if (groupby.empty()) return aggregation.write_next(response.body);
  JsonWriter json(response.body);
  json.begin_array();
  for (const auto& group : found.groups) {
    json.begin_object();
    json.key("group");
    write_group_key(json, groupby, group.key);
    json.key("measures");
    std::string rows;
    aggregation.write_next(rows);
    json.raw(rows);
    json.end_object();
  }
  json.end_array();
}

/// The path of a type's metrics without a name.
void refuse_post(const Request&, const PathArguments&, Services&, Response&) {
  throw HttpError(405);
}

}  // namespace

void add_aggregation_routes(Router& router, Services& services) {
  const Binder binder(router, services);
  binder.add("GET", "/v1/aggregation/metric", aggregate_metrics);
  binder.add("POST", "/v1/aggregation/metric", post_metrics);
  binder.add("POST", "/v1/aggregation/resource/{type}/metric/{name}", aggregate_resources);
  binder.add("POST", "/v1/aggregation/resource/{type}/metric", refuse_post);
}

}  // namespace gnocchi::api
