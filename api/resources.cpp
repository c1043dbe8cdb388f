#include <utility>

#include "api/bind.h"
#include "api/errors.h"
#include "api/etag.h"
#include "api/filter_json.h"
#include "api/json.h"
#include "api/resource_body.h"
#include "api/resource_history.h"
#include "api/resource_ids.h"
#include "api/resource_json.h"
#include "api/resource_listing.h"
#include "api/rights.h"
#include "api/url.h"
#include "core/index/resource_id.h"
#include "core/policy/targets.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

/// What the index refused, as upstream's API words it: what the request builds on is its own fault
/// (400), unless it is the resource itself.
HttpError refusal(const Refused& fault) {
  using enum Refused::Reason;
  using enum Refused::Subject;
  if (fault.reason() == already_exists) return HttpError(409, fault.what());
  if (fault.reason() == no_such_parent && fault.subject() == resource) {
    return HttpError(404, fault.what());
  }
  if (fault.reason() == no_such_parent && fault.subject() == resource_type) {
    return HttpError(404, fault.what());
  }
  return HttpError(400, fault.what());
}

void answer(const Resource& resource, Response& response) {
  JsonWriter json(response.body);
  write_resource(json, resource);
  set_etag(resource, response);
}

void get_types(const Request& request, const PathArguments&, Services& services,
               Response& response) {
  JsonWriter json(response.body);
  json.begin_object();
  for (const ResourceType& type : services.indexer.resource_types().list()) {
    json.key(type.name);
    json.text(absolute_url(request, "/v1/resource/" + type.name));
  }
  json.end_object();
}

void get_resources(const Request& request, const PathArguments& arguments, Services& services,
                   Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  const auto options = parse_listing(request, services);
  auto filter = visible_resources(services, "list resource", request, type);
  answer_listing(request, services, type, options, std::move(filter), response);
}

policy::Target creation_target(const ResourceType& type, const ResourceId& id,
                               const ResourceBody& body) {
  Resource resource;
  resource.attributes = body.attributes;
  policy::Target target = policy::target_of(resource);
  // Nobody has made it yet and its times are not known: rules see what the body says.
  for (const char* unknown : {"creator", "created_by_user_id", "created_by_project_id", "type",
                              "revision_start", "revision_end"}) {
    target.erase(unknown);
  }
  target["resource_type"] = type.name;
  target["id"] = id.to_string();
  target["original_resource_id"] = body.original_id;
  target["user_id"] = body.user_id.value_or(std::nullopt);
  target["project_id"] = body.project_id.value_or(std::nullopt);
  return target;
}

void post_resource(const Request& request, const PathArguments& arguments, Services& services,
                   Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  const auto document = parse_json_body(request);
  const std::optional<std::string> creator = request.identity.creator;
  auto body = parse_resource_body(document, BodyOf::post, type, request, creator, services);
  NewResource resource;
  try {
    const auto ids = index::id_candidates(*body.original_id, id_rules(request, services));
    resource.id = ids.id;
    resource.alias = ids.other;
  } catch (const Refused& fault) {
    throw invalid_input(std::string(fault.what()) + " for dictionary value", {{"id", false}});
  }
  enforce(services, "create resource", creation_target(type, resource.id, body), request);
  resource.type = type.name;
  resource.creator = creator;
  resource.user_id = body.user_id.value_or(std::nullopt);
  resource.project_id = body.project_id.value_or(std::nullopt);
  resource.original_resource_id = *body.original_id;
  resource.started_at = body.started_at.value_or(std::nullopt);
  resource.ended_at = body.ended_at.value_or(std::nullopt);
  resource.attributes = std::move(body.attributes);
  if (body.metrics) resource.metrics = std::move(*body.metrics);
  if (resource.started_at && resource.ended_at && *resource.started_at > *resource.ended_at) {
    throw HttpError(400, "Start timestamp cannot be after end timestamp");
  }
  try {
    answer(services.indexer.resources().create(resource), response);
  } catch (const Refused& fault) {
    throw refusal(fault);
  }
  response.status = 201;
  set_location(request, response, "/v1/resource/" + type.name + "/" + resource.id.to_string());
}

void delete_resources(const Request& request, const PathArguments& arguments, Services& services,
                      Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  const auto tree = requested_filter(request, services);
  if (!tree) {
    throw HttpError(400, "caution: the query can not be empty, or it will delete entire database");
  }
  auto visible = visible_resources(services, "delete resources", request, type);
  std::uint64_t deleted = 0;
  try {
    auto filter = bind_search(*tree, type, request, services);
    if (visible) filter = Filter::all({std::move(*visible), std::move(filter)});
    deleted = services.indexer.resources().remove_matching(type.name, filter);
  } catch (const Refused& fault) {
    throw refusal(fault);
  }
  JsonWriter json(response.body);
  json.begin_object();
  json.key("deleted");
  json.number(static_cast<std::int64_t>(deleted));
  json.end_object();
}

void get_resource(const Request& request, const PathArguments& arguments, Services& services,
                  Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  const auto resource = find_resource(services, type, arguments[1], true, "get resource", request);
  if (check_preconditions(request, resource) == Precondition::not_modified) {
    response.status = 304;
    return;
  }
  answer(resource, response);
}

/// What the body sets, and whether any of it is news: only then a revision is kept.
ResourceChange change_of(const Resource& resource, ResourceBody body) {
  ResourceChange change;
  change.create_revision = (body.user_id && *body.user_id != resource.user_id) ||
                           (body.project_id && *body.project_id != resource.project_id) ||
                           (body.ended_at && *body.ended_at != resource.ended_at);
  change.user_id = std::move(body.user_id);
  change.project_id = std::move(body.project_id);
  change.ended_at = body.ended_at;
  if (body.started_at) {
    if (!*body.started_at) throw invalid_input("not a valid value", {{"started_at", false}});
    change.started_at = **body.started_at;
    change.create_revision |= *change.started_at != resource.started_at;
  }
  for (const auto& [name, value] : body.attributes) {
    const auto current = resource.attributes.find(name);
    change.create_revision |= current == resource.attributes.end() || current->second != value;
  }
  change.attributes = std::move(body.attributes);
  change.replace_metrics = body.metrics.has_value();
  if (body.metrics) change.metrics = std::move(*body.metrics);
  return change;
}

void check_lifetime(const Resource& resource, const ResourceChange& change) {
  const Timestamp started_at = change.started_at.value_or(resource.started_at);
  const auto ended_at = change.ended_at.value_or(resource.ended_at);
  if (!ended_at || started_at <= *ended_at) return;
  const bool end = change.ended_at.has_value();
  std::string value;
  JsonWriter(value).time(end ? *ended_at : started_at);
  value = value.substr(1, value.size() - 2);
  if (const auto separator = value.find('T'); separator != std::string::npos) {
    value[separator] = ' ';
  }
  throw HttpError(400, "Value " + value + " for attribute " + (end ? "ended_at" : "started_at") +
                           " on resource type " + resource.type + " is invalid");
}

void patch_resource(const Request& request, const PathArguments& arguments, Services& services,
                    Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  const auto resource =
      find_resource(services, type, arguments[1], true, "update resource", request);
  // Of a PATCH only 412 can come: 304 is for reads.
  if (check_preconditions(request, resource) != Precondition::met) throw HttpError(412);
  const auto document = parse_json_body(request);
  auto body =
      parse_resource_body(document, BodyOf::patch, type, request, resource.creator, services);
  const auto change = change_of(resource, std::move(body));
  if (!change.create_revision && !change.replace_metrics) {
    answer(resource, response);
    return;
  }
  check_lifetime(resource, change);
  try {
    answer(services.indexer.resources().update(type.name, resource.id, change), response);
  } catch (const Refused& fault) {
    throw refusal(fault);
  }
}

void delete_resource(const Request& request, const PathArguments& arguments, Services& services,
                     Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  const auto resource =
      find_resource(services, type, arguments[1], false, "delete resource", request);
  if (check_preconditions(request, resource) != Precondition::met) throw HttpError(412);
  try {
    services.indexer.resources().remove(resource.id);
  } catch (const Refused& fault) {
    throw refusal(fault);
  }
  response.status = 204;
}

}  // namespace

void add_resource_routes(Router& router, Services& services) {
  const Binder routes(router, services);
  routes.add("GET", "/v1/resource", get_types);
  routes.add("GET", "/v1/resource/{type}", get_resources);
  routes.add("POST", "/v1/resource/{type}", post_resource);
  routes.add("DELETE", "/v1/resource/{type}", delete_resources);
  routes.add("GET", "/v1/resource/{type}/{id}", get_resource);
  routes.add("PATCH", "/v1/resource/{type}/{id}", patch_resource);
  routes.add("DELETE", "/v1/resource/{type}/{id}", delete_resource);
  add_history_routes(router, services);
}

}  // namespace gnocchi::api
