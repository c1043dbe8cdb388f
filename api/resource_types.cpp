#include "api/bind.h"
#include "api/errors.h"
#include "api/json.h"
#include "api/resource_json.h"
#include "api/resource_type_body.h"
#include "api/rights.h"
#include "api/url.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

constexpr char kJsonPatch[] = "application/json-patch+json";

ResourceType existing_type(Services& services, const std::string& name) {
  auto type = services.indexer.resource_types().get(name);
  if (!type) throw HttpError(404, "Resource type " + name + " does not exist");
  return std::move(*type);
}

void answer(const ResourceType& type, Response& response) {
  JsonWriter json(response.body);
  write_resource_type(json, type);
}

void list_types(const Request& request, const PathArguments&, Services& services,
                Response& response) {
  enforce(services, "list resource type", {}, request);
  JsonWriter json(response.body);
  json.begin_array();
  for (const ResourceType& type : services.indexer.resource_types().list()) {
    write_resource_type(json, type);
  }
  json.end_array();
}

void get_type(const Request& request, const PathArguments& arguments, Services& services,
              Response& response) {
  const auto type = existing_type(services, arguments[0]);
  enforce(services, "get resource type", resource_type_target(type), request);
  answer(type, response);
}

void post_type(const Request& request, const PathArguments&, Services& services,
               Response& response) {
  const auto document = parse_json_body(request);
  const auto type = parse_resource_type(document);
  enforce(services, "create resource type", resource_type_target(type), request);
  answer(services.indexer.resource_types().create(type), response);
  response.status = 201;
  set_location(request, response, "/v1/resource_type/" + type.name);
}

/// An attribute can become required only if no resource, past revisions included, lacks it.
void check_required(const ResourceType& type, const ResourceTypeChange& change,
                    Services& services) {
  for (const auto& [name, spec] : change.changed) {
    if (!spec.required || type.attributes.at(name).required) continue;
    ResourceQuery query;
    query.type = type.name;
    query.filter = Filter::compare(Filter::Op::eq, "attributes." + name, std::monostate{});
    query.history = true;
    query.metrics = false;
    query.limit = 1;
    if (!services.indexer.resources().list(query).empty()) {
      throw HttpError(400, "Invalid input: resource attribute " + name +
                               " can not become required: some resources have none");
    }
  }
}

void patch_type(const Request& request, const PathArguments& arguments, Services& services,
                Response& response) {
  const auto type = existing_type(services, arguments[0]);
  enforce(services, "update resource type", resource_type_target(type), request);
  const auto document = parse_json_body(request, {kJsonPatch});
  const auto change = parse_resource_type_patch(document, type, services.now());
  if (change.empty()) {
    answer(type, response);
    return;
  }
  // Every type derives from it: its resources have no table of their own.
  if (type.name == "generic") throw HttpError(400, "Resource type generic can not be changed");
  check_required(type, change, services);
  answer(services.indexer.resource_types().update(type.name, change.added, change.changed,
                                                  change.removed),
         response);
}

void delete_type(const Request& request, const PathArguments& arguments, Services& services,
                 Response& response) {
  const auto type = existing_type(services, arguments[0]);
  enforce(services, "delete resource type", resource_type_target(type), request);
  services.indexer.resource_types().remove(type.name);
  response.status = 204;
}

}  // namespace

void add_resource_type_routes(Router& router, Services& services) {
  const Binder routes(router, services);
  routes.add("GET", "/v1/resource_type", list_types);
  routes.add("POST", "/v1/resource_type", post_type);
  routes.add("GET", "/v1/resource_type/{name}", get_type);
  routes.add("PATCH", "/v1/resource_type/{name}", patch_type);
  routes.add("DELETE", "/v1/resource_type/{name}", delete_type);
}

}  // namespace gnocchi::api
