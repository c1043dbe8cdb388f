#pragma once

#include <functional>

#include "core/config/config.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi {
class CoordinatorDriver;
class IncomingDriver;
class StorageDriver;
}  // namespace gnocchi
namespace gnocchi::index {
class ArchivePolicyCache;
class MetricCache;
}  // namespace gnocchi::index
namespace gnocchi::pipeline {
class Processor;
}  // namespace gnocchi::pipeline
namespace gnocchi::policy {
class Enforcer;
}  // namespace gnocchi::policy
namespace gnocchi::query {
class Reader;
}  // namespace gnocchi::query
namespace gnocchi::stats {
class Page;
}  // namespace gnocchi::stats

namespace gnocchi::api {

class Router;
struct Response;

/// What controllers work with; all of it outlives them.
struct Services {
  const config::Config& config;
  const policy::Enforcer& policy;
  IndexerDriver& indexer;  ///< changes through it are seen by `metrics`
  StorageDriver& storage;
  IncomingDriver& incoming;
  CoordinatorDriver& coordinator;
  pipeline::Processor& processor;
  index::ArchivePolicyCache& archive_policies;  ///< invalidated by who changes a policy or rule
  index::MetricCache& metrics;                  ///< for measures: metrics as of a moment ago
  query::Reader& reader;
  plugin::Log& log;
  std::function<Timestamp()> now;  ///< relative times count from here
};

// One per controller file; each registers its routes.
void add_root_routes(Router& router,
                     Services& services);  // /, /v1, healthcheck, capabilities, status
void add_archive_policy_routes(Router& router, Services& services);
void add_archive_policy_rule_routes(Router& router, Services& services);
void add_resource_type_routes(Router& router, Services& services);
void add_resource_routes(Router& router, Services& services);  // history too
void add_search_routes(Router& router, Services& services);    // /v1/search/resource
void add_metric_routes(Router& router, Services& services);    // nested named metrics too
void add_measures_routes(Router& router, Services& services);  // nested too
void add_batch_routes(Router& router, Services& services);
void add_influxdb_routes(Router& router, Services& services);
void add_prometheus_routes(Router& router, Services& services);
void add_aggregates_routes(Router& router, Services& services);     // /v1/aggregates
void add_aggregation_routes(Router& router, Services& services);    // /v1/aggregation
void add_metric_search_routes(Router& router, Services& services);  // /v1/search/metric
/// GET /metrics, unless [api] enable_metrics says no. `page` outlives the router.
void add_stats_routes(Router& router, const config::Config& config, const stats::Page& page);

void add_openapi_route(Router& router);  // /v1/openapi.json

/// The answer to GET /metrics.
void answer_stats(const stats::Page& page, Response& response);

/// All routes of the REST API.
Router make_router(Services& services, const stats::Page& page);

}  // namespace gnocchi::api
