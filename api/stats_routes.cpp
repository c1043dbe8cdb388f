// /metrics: what this process counts, for Prometheus. Numbers of the whole, none of a tenant's.
#include "api/http.h"
#include "api/router.h"
#include "api/services.h"
#include "core/stats/page.h"

namespace gnocchi::api {

void add_stats_routes(Router& router, const config::Config& config, const stats::Page& page) {
  if (!config.boolean("api", "enable_metrics")) return;
  router.add_open("GET", "/metrics",
                  [&page](const Request&, const PathArguments&, Response& response) {
                    answer_stats(page, response);
                  });
}

void answer_stats(const stats::Page& page, Response& response) {
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = page.text();
}

}  // namespace gnocchi::api
