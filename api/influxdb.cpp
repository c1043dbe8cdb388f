// What InfluxDB's writers (Telegraf and others) need of an InfluxDB 1.x.
#include <utility>

#include "api/batch_author.h"
#include "api/body_encoding.h"
#include "api/build.h"
#include "api/errors.h"
#include "api/influxdb_lines.h"
#include "api/resource_json.h"
#include "api/rights.h"
#include "api/router.h"
#include "core/index/resource_schema.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

void ping(Response& response) {
  response.status = 204;
  response.headers.set("X-Influxdb-Version", std::string("Gnocchi ") + kBuild);
}

/// The query's parameter, or the form's: clients of InfluxDB send either.
std::optional<std::string> parameter(const Request& request, std::string_view name) {
  if (const auto value = request.query.get(name)) return std::string(*value);
  const auto type = request.headers.get("Content-Type").value_or("");
  if (!equals_ignoring_case(type.substr(0, kForm.size()), kForm)) return std::nullopt;
  const auto form = QueryParameters::parse(request.body);
  const auto value = form.get(name);
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

void post_query(const Request& request, Services& services, Response& response) {
  response.status = 204;
  const auto query = parameter(request, "q");
  if (!query) return;
  const auto database = created_database(*query);
  if (!database) {
    throw HttpError(501,
                    cause_detail_reason("Not implemented error", "q", "Query not implemented"));
  }
  ResourceType type;
  type.name = *database;
  index::check_type_name(type.name);
  enforce(services, "create resource type", resource_type_target(type), request);
  if (services.indexer.resource_types().get(type.name)) return;
  try {
    services.indexer.resource_types().create(type);
  } catch (const Refused& refused) {
    if (refused.reason() != Refused::Reason::already_exists) throw;
  }
}

void post_lines(const Request& request, Services& services, Response& response) {
  response.status = 204;
  LineOptions options;
  options.now = services.now();
  if (const auto tag = request.headers.get("X-Gnocchi-InfluxDB-Tag-Resource-ID")) {
    options.resource_tag = *tag;
  }
  if (const auto precision = request.query.get("precision"); precision && !precision->empty()) {
    const auto unit = precision_unit_ns(*precision);
    if (!unit) {
      throw HttpError(400, cause_detail_reason("Value error", "precision",
                                               "invalid precision \"" + std::string(*precision) +
                                                   "\" (use n, u, ms, s, m or h)"));
    }
    options.unit_ns = *unit;
  }
  const auto most_bytes = services.config.integer("oslo_middleware", "max_request_body_size");
  pipeline::MeasureCollector measures(request.identity.creator);
  parse_lines(plain_body(request, static_cast<std::size_t>(most_bytes)), options, measures);
  pipeline::MissingResources resources;
  resources.type = request.query.get("db").value_or("influxdb");
  store(measures.take(), resources, request, services);
}

}  // namespace

void add_influxdb_routes(Router& router, Services& services) {
  for (const char* method : {"GET", "HEAD"}) {
    router.add(method, "/v1/influxdb/ping",
               [](const Request&, const PathArguments&, Response& response) { ping(response); });
  }
  router.add("POST", "/v1/influxdb/query",
             [&services](const Request& request, const PathArguments&, Response& response) {
               post_query(request, services, response);
             });
  router.add("POST", "/v1/influxdb/write",
             [&services](const Request& request, const PathArguments&, Response& response) {
               post_lines(request, services, response);
             });
}

}  // namespace gnocchi::api
