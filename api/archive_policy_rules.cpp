// /v1/archive_policy_rule and /v1/archive_policy_rule/{name}.
#include "api/archive_policy_body.h"
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

policy::Target target_of(const ArchivePolicyRule& rule) {
  return {{"name", rule.name},
          {"metric_pattern", rule.metric_pattern},
          {"archive_policy_name", rule.archive_policy_name}};
}

void write_rule(JsonWriter& json, const ArchivePolicyRule& rule) {
  json.begin_object();
  json.key("name");
  json.text(rule.name);
  json.key("archive_policy_name");
  json.text(rule.archive_policy_name);
  json.key("metric_pattern");
  json.text(rule.metric_pattern);
  json.end_object();
}

ArchivePolicyRule find_rule(Services& services, const std::string& name) {
  auto found = services.indexer.archive_policies().get_rule(name);
  if (!found) throw HttpError(404, "Archive policy rule " + name + " does not exist");
  return std::move(*found);
}

void list_rules(Services& services, const Request& request, Response& response) {
  enforce(services, "list archive policy rule", {}, request);
  JsonWriter json(response.body);
  json.begin_array();
  for (const auto& rule : services.indexer.archive_policies().list_rules()) write_rule(json, rule);
  json.end_array();
}

void get_rule(Services& services, const Request& request, const std::string& name,
              Response& response) {
  const auto rule = find_rule(services, name);
  enforce(services, "get archive policy rule", target_of(rule), request);
  JsonWriter json(response.body);
  write_rule(json, rule);
}

ArchivePolicyRule read_rule(const JsonView& body) {
  ArchivePolicyRule rule;
  body.each_member([&](std::string_view name, const JsonView& value) {
    if (name == "name") {
      rule.name = read_name(value);
    } else if (name == "metric_pattern") {
      rule.metric_pattern = read_name(value);
    } else if (name == "archive_policy_name") {
      rule.archive_policy_name = value.text();
    } else {
      throw invalid_input("extra keys not allowed", value.path());
    }
  });
  for (const char* name : {"name", "metric_pattern", "archive_policy_name"}) {
    static_cast<void>(body.member(name));
  }
  return rule;
}

void create_rule(Services& services, const Request& request, Response& response) {
  enforce(services, "create archive policy rule", {}, request);
  const auto document = parse_json_body(request);
  const auto rule = read_rule(JsonView(document));
  enforce(services, "create archive policy rule", target_of(rule), request);
  try {
    services.indexer.archive_policies().create_rule(rule);
  } catch (const Refused& refused) {
    if (refused.reason() != Refused::Reason::no_such_parent) throw;
    throw HttpError(400,
                    cause_and_detail("Archive policy does not exist", rule.archive_policy_name));
  }
  services.archive_policies.invalidate();
  set_location(request, response, "/v1/archive_policy_rule/" + rule.name);
  response.status = 201;
  JsonWriter json(response.body);
  write_rule(json, rule);
}

void rename_rule(Services& services, const Request& request, const std::string& name,
                 Response& response) {
  find_rule(services, name);
  const auto document = parse_json_body(request);
  const JsonView body(document);
  body.allow_only({"name"});
  const std::string new_name = read_name(body.member("name"));
  enforce(services, "update archive policy rule", {}, request);
  ArchivePolicyRule renamed;
  try {
    renamed = services.indexer.archive_policies().rename_rule(name, new_name);
  } catch (const Refused& refused) {
    if (refused.reason() != Refused::Reason::already_exists) throw;
    throw HttpError(400, "Archive policy rule " + name +
                             " does not support change: Archive policy rule " + new_name +
                             " already exists.");
  }
  services.archive_policies.invalidate();
  JsonWriter json(response.body);
  write_rule(json, renamed);
}

void delete_rule(Services& services, const Request& request, const std::string& name,
                 Response& response) {
  find_rule(services, name);
  enforce(services, "delete archive policy rule", {}, request);
  services.indexer.archive_policies().remove_rule(name);
  services.archive_policies.invalidate();
  response.status = 204;
}

}  // namespace

void add_archive_policy_rule_routes(Router& router, Services& services) {
  router.add("GET", "/v1/archive_policy_rule",
             [&services](const Request& request, const PathArguments&, Response& response) {
               list_rules(services, request, response);
             });
  router.add("POST", "/v1/archive_policy_rule",
             [&services](const Request& request, const PathArguments&, Response& response) {
               create_rule(services, request, response);
             });
  router.add("GET", "/v1/archive_policy_rule/{name}",
             [&services](const Request& request, const PathArguments& path, Response& response) {
               get_rule(services, request, path[0], response);
             });
  router.add("PATCH", "/v1/archive_policy_rule/{name}",
             [&services](const Request& request, const PathArguments& path, Response& response) {
               rename_rule(services, request, path[0], response);
             });
  router.add("DELETE", "/v1/archive_policy_rule/{name}",
             [&services](const Request& request, const PathArguments& path, Response& response) {
               delete_rule(services, request, path[0], response);
             });
}

}  // namespace gnocchi::api
