// /, /v1, /healthcheck, /v1/capabilities and /v1/status.
#include <rapidjson/document.h>

#include <array>
#include <memory>

#include "api/build.h"
#include "api/errors.h"
#include "api/healthcheck.h"
#include "api/json.h"
#include "api/moving_average.h"
#include "api/pagination.h"
#include "api/rights.h"
#include "api/router.h"
#include "api/services.h"
#include "api/url.h"
#include "core/index/archive_policy_rules.h"
#include "core/metricd/members.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"

namespace gnocchi::api {
namespace {

constexpr std::array<std::string_view, 12> kCollections{
    "aggregates", "aggregation", "archive_policy", "archive_policy_rule", "batch",  "capabilities",
    "influxdb",   "metric",      "resource",       "resource_type",       "search", "status"};

void write_link(JsonWriter& json, std::string_view relation, const std::string& url) {
  json.begin_object();
  json.key("rel");
  json.text(relation);
  json.key("href");
  json.text(url);
  json.end_object();
}

void get_versions(const Request& request, Response& response) {
  response.headers.set("Content-Type", "application/json");
  JsonWriter json(response.body);
  json.begin_object();
  json.key("build");
  json.text(kBuild);
  json.key("versions");
  json.begin_array();
  json.begin_object();
  json.key("status");
  json.text("CURRENT");
  json.key("links");
  json.begin_array();
  write_link(json, "self", absolute_url(request, "/v1/"));
  json.end_array();
  json.key("id");
  json.text("v1.0");
  json.key("updated");
  json.text("2015-03-19");
  json.end_object();
  json.end_array();
  json.end_object();
}

void get_v1(const Request& request, Response& response) {
  if (!request.raw_path.ends_with('/')) {
    Headers headers;
    headers.set("Location", absolute_url(request, "/v1/"));
    throw HttpError(302, Detail{}, std::move(headers));
  }
  const std::string self = absolute_url(request, "/v1");
  JsonWriter json(response.body);
  json.begin_object();
  json.key("version");
  json.text("1.0");
  json.key("links");
  json.begin_array();
  write_link(json, "self", self);
  for (const auto name : kCollections) write_link(json, name, self + "/" + std::string(name));
  json.end_array();
  json.end_object();
}

void get_capabilities(Response& response) {
  JsonWriter json(response.body);
  json.begin_object();
  json.key("aggregation_methods");
  json.begin_array();
  for (const auto& method : index::all_aggregation_methods()) json.text(method);
  json.end_array();
  json.key("dynamic_aggregation_methods");
  json.begin_array();
  json.text(kMovingAverage);
  json.end_array();
  json.end_object();
}

/// What a processor publishes about itself, if it is the JSON object that it should be.
std::string statistics_of(const Member& member) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(member.capabilities.c_str(),
                                                 member.capabilities.size());
  return document.HasParseError() || !document.IsObject() ? "{}" : member.capabilities;
}

void get_status(Services& services, const Request& request, Response& response) {
  enforce(services, "get status", {}, request);
  const bool details = flag(request.query, "details", true);
  const auto members = services.coordinator.members(metricd::kMembers);
  const auto report = services.incoming.report(details);
  JsonWriter json(response.body);
  json.begin_object();
  json.key("storage");
  json.begin_object();
  json.key("summary");
  json.begin_object();
  json.key("metrics");
  json.number(static_cast<std::int64_t>(report.metrics));
  json.key("measures");
  json.number(static_cast<std::int64_t>(report.bundles));
  json.end_object();
  if (details) {
    json.key("measures_to_process");
    json.begin_object();
    for (const auto& [metric, bundles] : report.details) {
      json.key(metric.to_string());
      json.number(static_cast<std::int64_t>(bundles));
    }
    json.end_object();
  }
  json.end_object();
  json.key("metricd");
  json.begin_object();
  json.key("processors");
  json.begin_array();
  for (const auto& member : members) json.text(member.id);
  json.end_array();
  json.key("statistics");
  json.begin_object();
  for (const auto& member : members) {
    json.key(member.id);
    json.raw(statistics_of(member));
  }
  json.end_object();
  json.end_object();
  json.end_object();
}

}  // namespace

void add_root_routes(Router& router, Services& services) {
  const auto health = std::make_shared<Healthcheck>(services.config);
  for (const char* method : {"GET", "HEAD"}) {
    router.add_open(method, "/",
                    [](const Request& request, const PathArguments&, Response& response) {
                      get_versions(request, response);
                    });
    router.add(method, "/v1", [](const Request& request, const PathArguments&, Response& response) {
      get_v1(request, response);
    });
  }
  for (const char* method : {"GET", "HEAD", "POST"}) {
    router.add_open(method, health->path(),
                    [health](const Request& request, const PathArguments&, Response& response) {
                      health->answer(request, response);
                    });
  }
  router.add(
      "GET", "/v1/capabilities",
      [](const Request&, const PathArguments&, Response& response) { get_capabilities(response); });
  router.add("GET", "/v1/status",
             [&services](const Request& request, const PathArguments&, Response& response) {
               get_status(services, request, response);
             });
}

}  // namespace gnocchi::api
