// /v1/archive_policy and /v1/archive_policy/{name}.
#include "api/archive_policy_body.h"
#include "api/archive_policy_json.h"
#include "api/errors.h"
#include "api/json.h"
#include "api/rights.h"
#include "api/router.h"
#include "api/services.h"
#include "api/url.h"
#include "core/index/archive_policy_cache.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

policy::Target target_of(const ArchivePolicy& policy) {
  return {{"name", policy.name}, {"back_window", std::to_string(policy.back_window)}};
}

ArchivePolicy find_policy(Services& services, const std::string& name) {
  auto found = services.indexer.archive_policies().get(name);
  if (!found) throw HttpError(404, "Archive policy " + name + " does not exist");
  return std::move(*found);
}

void list_policies(Services& services, const Request& request, Response& response) {
  enforce(services, "list archive policy", {}, request);
  JsonWriter json(response.body);
  json.begin_array();
  for (const auto& policy : services.indexer.archive_policies().list()) {
    write_archive_policy(json, policy);
  }
  json.end_array();
}

void get_policy(Services& services, const Request& request, const std::string& name,
                Response& response) {
  const auto policy = find_policy(services, name);
  enforce(services, "get archive policy", target_of(policy), request);
  JsonWriter json(response.body);
  write_archive_policy(json, policy);
}

void create_policy(Services& services, const Request& request, Response& response) {
  enforce(services, "create archive policy", {}, request);
  const auto document = parse_json_body(request);
  const auto body = read_archive_policy(JsonView(document));
  const auto defaults = services.config.list("archive_policy", "default_aggregation_methods");
  ArchivePolicy policy;
  policy.name = body.name;
  policy.back_window = body.back_window;
  policy.definition = index::build_definition(body.definition);
  policy.aggregation_methods =
      index::resolve_aggregation_methods(body.aggregation_methods.value_or(defaults), defaults);
  enforce(services, "create archive policy", target_of(policy), request);
  services.indexer.archive_policies().create(policy);
  services.archive_policies.invalidate();
  set_location(request, response, "/v1/archive_policy/" + policy.name);
  response.status = 201;
  JsonWriter json(response.body);
  write_archive_policy(json, policy);
}

void change_policy(Services& services, const Request& request, const std::string& name,
                   Response& response) {
  auto policy = find_policy(services, name);
  enforce(services, "update archive policy", target_of(policy), request);
  const auto document = parse_json_body(request);
  const auto change = read_archive_policy_change(JsonView(document));
  if (change.definition) {
    policy = index::change_definition(policy, index::build_definition(*change.definition));
  }
  if (change.back_window) policy.back_window = *change.back_window;
  services.indexer.archive_policies().update(policy);
  services.archive_policies.invalidate();
  JsonWriter json(response.body);
  write_archive_policy(json, policy);
}

void delete_policy(Services& services, const Request& request, const std::string& name,
                   Response& response) {
  enforce(services, "delete archive policy", {}, request);
  try {
    services.indexer.archive_policies().remove(name);
  } catch (const Refused& refused) {
    if (refused.reason() == Refused::Reason::no_such_parent) throw HttpError(404, refused.what());
    throw;
  }
  services.archive_policies.invalidate();
  response.status = 204;
}

}  // namespace

void add_archive_policy_routes(Router& router, Services& services) {
  router.add("GET", "/v1/archive_policy",
             [&services](const Request& request, const PathArguments&, Response& response) {
               list_policies(services, request, response);
             });
  router.add("POST", "/v1/archive_policy",
             [&services](const Request& request, const PathArguments&, Response& response) {
               create_policy(services, request, response);
             });
  router.add("GET", "/v1/archive_policy/{name}",
             [&services](const Request& request, const PathArguments& path, Response& response) {
               get_policy(services, request, path[0], response);
             });
  router.add("PATCH", "/v1/archive_policy/{name}",
             [&services](const Request& request, const PathArguments& path, Response& response) {
               change_policy(services, request, path[0], response);
             });
  router.add("DELETE", "/v1/archive_policy/{name}",
             [&services](const Request& request, const PathArguments& path, Response& response) {
               delete_policy(services, request, path[0], response);
             });
}

}  // namespace gnocchi::api
