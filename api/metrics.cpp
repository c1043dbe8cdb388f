#include <algorithm>
#include <array>
#include <utility>

#include "api/bind.h"
#include "api/errors.h"
#include "api/json.h"
#include "api/metric_assignments.h"
#include "api/metric_json.h"
#include "api/metric_lookup.h"
#include "api/pagination.h"
#include "api/resource_ids.h"
#include "api/rights.h"
#include "api/url.h"
#include "core/index/resource_id.h"
#include "core/policy/targets.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

const std::vector<std::string> kDefaultMetricSort{"id:asc"};

// ---- GET /v1/metric

void add_filter(std::vector<Filter>& filters, const char* field,
                std::optional<std::string_view> text) {
  if (text) filters.push_back(Filter::compare(Filter::Op::eq, field, std::string(*text)));
}

/// user_id and project_id are what clients of Gnocchi 3 ask for instead of creator.
void add_creator(std::vector<Filter>& filters, const QueryParameters& query) {
  const auto user = query.get("user_id");
  const auto project = query.get("project_id");
  if (user && project) {
    add_filter(filters, "creator", std::string(*user) + ":" + std::string(*project));
  } else if (user || project) {
    add_filter(filters, "created_by_user_id", user);
    add_filter(filters, "created_by_project_id", project);
  } else {
    add_filter(filters, "creator", query.get("creator"));
  }
}

MetricQuery requested_metrics(const QueryParameters& parameters) {
  std::vector<Filter> filters;
  MetricQuery query;
  add_creator(filters, parameters);
  for (const char* field : {"name", "unit", "archive_policy_name"}) {
    add_filter(filters, field, parameters.get(field));
  }
  if (const auto id = parameters.get("id")) {
    const auto uuid = Uuid::parse(*id);
    if (!uuid) {
      throw HttpError(400,
                      "Invalid input: badly formed hexadecimal UUID string for dictionary "
                      "value @ data['id']");
    }
    filters.push_back(Filter::compare(Filter::Op::eq, "id", *uuid));
  }
  if (const auto status = parameters.get("status")) {
    if (*status != "active" && *status != "delete") {
      throw HttpError(400,
                      "Invalid input: not a valid value for dictionary value @ data['status']");
    }
    query.status = *status == "active" ? MetricStatus::active : MetricStatus::deleted;
  }
  if (!filters.empty()) query.filter = Filter::all(std::move(filters));
  return query;
}

/// Rules in the form of Gnocchi 3.0 refuse to list the metrics of somebody else.
void refuse_strangers_metrics(const Request& request, const Services& services) {
  constexpr std::string_view kRule = "list all metric";
  if (!services.policy.defines(kRule)) return;
  if (services.policy.allows(kRule, {}, request.identity)) return;
  const auto is_other = [&](const char* name, const std::optional<std::string>& own) {
    const auto asked = request.query.get(name).value_or("");
    return !asked.empty() && asked != own.value_or("");
  };
  if (is_other("user_id", request.identity.user_id) ||
      is_other("project_id", request.identity.project_id)) {
    throw HttpError(403, "Insufficient privileges to filter by user/project");
  }
}

/// Narrows the query to what the asker may see. Throws 403 if that is nothing whatever the rows.
void restrict_to_visible(MetricQuery& query, const Request& request, const Services& services) {
  const auto visibility =
      services.policy.visible("list metric", request.identity, policy::RowKind::metric);
  if (std::holds_alternative<policy::Nothing>(visibility)) {
    throw HttpError(403, "Insufficient privileges");
  }
  if (const auto* visible = std::get_if<Filter>(&visibility)) {
    query.filter = query.filter ? Filter::all({*visible, std::move(*query.filter)}) : *visible;
  }
}

void set_page(MetricQuery& query, const Pagination& page) {
  constexpr std::array<std::string_view, 7> kKeys{
      "id", "name", "unit", "archive_policy_name", "creator", "resource_id", "status"};
  query.limit = page.limit;
  query.sorts = page.sorts;
  for (const Sort& sort : query.sorts) {
    if (std::find(kKeys.begin(), kKeys.end(), sort.field) == kKeys.end()) {
      refuse_pagination("Sort key supplied is invalid: " + sort.field);
    }
  }
  if (!page.marker) return;
  const auto marker = Uuid::parse(*page.marker);
  if (!marker) refuse_pagination("Invalid marker: `" + *page.marker + "'");
  query.marker = MetricId(*marker);
}

void get_metrics(const Request& request, const PathArguments&, Services& services,
                 Response& response) {
  MetricQuery query = requested_metrics(request.query);
  const auto max_limit = static_cast<std::uint32_t>(services.config.integer("api", "max_limit"));
  const Pagination page = parse_pagination(request.query, max_limit, kDefaultMetricSort);
  refuse_strangers_metrics(request, services);
  restrict_to_visible(query, request, services);
  set_page(query, page);
  std::vector<Metric> metrics;
  try {
    metrics = services.indexer.metrics().list(query);
  } catch (const Refused& fault) {
    const std::string_view reason = fault.what();
    if (fault.subject() == Refused::Subject::pagination && !reason.starts_with("Invalid pag")) {
      refuse_pagination(reason);
    }
    throw HttpError(400, fault.what());
  }
  JsonWriter json(response.body);
  write_metrics(json, metrics, services);
  if (!metrics.empty() && metrics.size() >= page.limit) {
    link_next_page(request, page, metrics.back().id.to_string(), response);
  }
}

// ---- POST /v1/metric

std::string short_text(const JsonView& view, std::size_t limit) {
  std::string text = view.text();
  if (index::count_characters(text) > limit) {
    view.refuse("length of value must be at most " + std::to_string(limit));
  }
  return text;
}

/// A body, checked for itself; archive_policy_name is empty where it gives none.
struct MetricBody {
  NewMetric metric;
  std::optional<std::string> resource;  ///< as the client calls it
};

MetricBody read_metric(const JsonView& body, const Request& request, const Services& services) {
  body.expect_object();
  body.allow_only({"archive_policy_name", "resource_id", "name", "unit", "user_id", "project_id"});
  // Gnocchi 3.0 took these two and did nothing with them.
  for (const char* ignored : {"user_id", "project_id"}) {
    if (const auto text = body.find(ignored)) text->text();
  }
  MetricBody read;
  NewMetric& metric = read.metric;
  metric.id = MetricId(Uuid::random());
  metric.creator = request.identity.creator;
  if (const auto policy = body.find("archive_policy_name")) {
    metric.archive_policy_name = policy->text();
  }
  if (const auto name = body.find("name")) metric.name = short_text(*name, kMaxMetricName);
  if (const auto unit = body.find("unit")) metric.unit = short_text(*unit, kMaxMetricUnit);
  if (const auto id = body.find("resource_id")) {
    try {
      read.resource = id->text();
      index::resource_id(*read.resource, id_rules(request, services));
    } catch (const Refused& fault) {
      id->refuse(fault.what());
    }
  }
  return read;
}

/// What the index and the rules have to say to it.
NewMetric check_metric(MetricBody body, const Request& request, Services& services) {
  NewMetric metric = std::move(body.metric);
  if (metric.name) check_metric_name(*metric.name, services);
  if (metric.archive_policy_name.empty()) {
    metric.archive_policy_name = archive_policy_by_rule(services, metric.name);
  }
  policy::Target target{{"archive_policy_name", metric.archive_policy_name},
                        {"resource_id", std::nullopt},
                        {"original_resource_id", std::nullopt},
                        {"name", metric.name},
                        {"unit", metric.unit}};
  policy::add_creator(target, {}, metric.creator);
  if (body.resource) {
    if (!metric.name) {
      throw HttpError(400, cause_detail_reason("Attribute value error", "name",
                                               "Name cannot be null if resource_id is not null"));
    }
    ResourceType any;
    any.name = "generic";
    const auto resource =
        find_resource(services, any, *body.resource, false, "update resource", request);
    metric.resource_id = resource.id;
    target["resource_id"] = resource.id.to_string();
    target["original_resource_id"] = resource.original_resource_id;
  }
  enforce(services, "create metric", target, request);
  return metric;
}

void post_metric(const Request& request, const PathArguments&, Services& services,
                 Response& response) {
  const auto document = parse_json_body(request);
  const NewMetric metric =
      check_metric(read_metric(JsonView(document), request, services), request, services);
  try {
    const Metric created = services.indexer.metrics().create(metric);
    JsonWriter json(response.body);
    write_created_metric(json, created);
  } catch (const Refused& fault) {
    if (fault.subject() == Refused::Subject::named_metric) {
      throw HttpError(400, cause_and_detail("Named metric already exists", *metric.name));
    }
    throw HttpError(fault.subject() == Refused::Subject::resource ? 404 : 400, fault.what());
  }
  response.status = 201;
  set_location(request, response, "/v1/metric/" + metric.id.to_string());
}

// ---- one metric

void remove(const Metric& metric, Services& services, Response& response) {
  try {
    services.indexer.metrics().mark_deleted(metric.id);
  } catch (const Refused& fault) {
    throw HttpError(404, fault.what());
  }
  response.status = 204;
}

void get_metric(const Request& request, const PathArguments& arguments, Services& services,
                Response& response) {
  JsonWriter json(response.body);
  write_metric(json, find_metric(services, arguments[0], "get metric", request), services);
}

void delete_metric(const Request& request, const PathArguments& arguments, Services& services,
                   Response& response) {
  remove(find_metric(services, arguments[0], "delete metric", request), services, response);
}

void get_named_metric(const Request& request, const PathArguments& arguments, Services& services,
                      Response& response) {
  JsonWriter json(response.body);
  write_metric(
      json,
      find_named_metric(services, arguments[0], arguments[1], arguments[2], "get metric", request),
      services);
}

void delete_named_metric(const Request& request, const PathArguments& arguments, Services& services,
                         Response& response) {
  remove(find_named_metric(services, arguments[0], arguments[1], arguments[2], "delete metric",
                           request),
         services, response);
}

// ---- the metrics of a resource

void get_resource_metrics(const Request& request, const PathArguments& arguments,
                          Services& services, Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  auto resource = find_resource(services, type, arguments[1], true, "get resource", request);
  std::sort(resource.metrics.begin(), resource.metrics.end(),
            [](const Metric& a, const Metric& b) { return a.id < b.id; });
  JsonWriter json(response.body);
  write_metrics(json, resource.metrics, services);
}

void post_resource_metrics(const Request& request, const PathArguments& arguments,
                           Services& services, Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  const auto resource =
      find_resource(services, type, arguments[1], false, "update resource", request);
  const auto document = parse_json_body(request);
  ResourceChange change;
  change.create_revision = false;
  const JsonView body(document);
  body.expect_object();
  change.metrics = parse_metric_assignments(body, request, resource.creator, services);
  try {
    auto updated = services.indexer.resources().update(type.name, resource.id, change);
    // gnocchiclient takes the first of the answer for the metric that it has just made.
    std::stable_partition(
        updated.metrics.begin(), updated.metrics.end(),
        [&](const Metric& metric) { return metric.name && body.find(*metric.name); });
    JsonWriter json(response.body);
    write_metrics(json, updated.metrics, services);
  } catch (const Refused& fault) {
    const bool taken = fault.reason() == Refused::Reason::already_exists;
    const bool gone = fault.subject() == Refused::Subject::resource;
    throw HttpError(taken ? 409 : gone ? 404 : 400, fault.what());
  }
}

}  // namespace

void add_metric_routes(Router& router, Services& services) {
  const Binder routes(router, services);
  routes.add("GET", "/v1/metric", get_metrics);
  routes.add("POST", "/v1/metric", post_metric);
  routes.add("GET", "/v1/metric/{id}", get_metric);
  routes.add("DELETE", "/v1/metric/{id}", delete_metric);
  routes.add("GET", "/v1/resource/{type}/{id}/metric", get_resource_metrics);
  routes.add("POST", "/v1/resource/{type}/{id}/metric", post_resource_metrics);
  routes.add("GET", "/v1/resource/{type}/{id}/metric/{name}", get_named_metric);
  routes.add("DELETE", "/v1/resource/{type}/{id}/metric/{name}", delete_named_metric);
}

}  // namespace gnocchi::api
