#include <algorithm>
#include <utility>

#include "api/batch_author.h"
#include "api/errors.h"
#include "api/future_limit.h"
#include "api/json.h"
#include "api/measures_body.h"
#include "api/pagination.h"
#include "api/resource_ids.h"
#include "api/rights.h"
#include "api/router.h"
#include "core/pipeline/batch_creation.h"
#include "core/pipeline/ingest.h"

namespace gnocchi::api {
namespace {

[[noreturn]] void refuse_unknown(std::vector<std::string> metrics) {
  std::sort(metrics.begin(), metrics.end());
  std::string sentence = "Unknown metrics: ";
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (i > 0) sentence += ", ";
    sentence += metrics[i];
  }
  throw HttpError(400, sentence);
}

void post_metrics_measures(const Request& request, Services& services, Response& response) {
  require_content_type(request);
  const auto bodies = parse_metrics_measures(request.body, services.now());
  check_future(services, bodies);
  response.status = 202;
  if (bodies.empty()) return;
  std::vector<MetricId> ids;
  ids.reserve(bodies.size());
  for (const auto& body : bodies) ids.push_back(body.metric);
  const auto metrics = services.metrics.get(ids);
  if (metrics.size() != ids.size()) {
    std::vector<MetricId> known;
    known.reserve(metrics.size());
    for (const auto& metric : metrics) known.push_back(metric->id);
    std::sort(known.begin(), known.end());
    std::vector<std::string> unknown;
    for (const MetricId& id : ids) {
      if (!std::binary_search(known.begin(), known.end(), id)) unknown.push_back(id.to_string());
    }
    refuse_unknown(std::move(unknown));
  }
  enforce_each(services, "post measures", metrics, request);
  response.measures = pipeline::bundle(bodies);
}

void post_resources_measures(const Request& request, Services& services, Response& response) {
  require_content_type(request);
  const auto rules = id_rules(request, services);
  auto bodies = parse_resources_measures(request.body, rules, services.now());
  check_future(services, bodies);
  const bool create = flag(request.query, "create_metrics", false);
  response.status = 202;
  pipeline::NamedBatch batch{std::move(bodies)};
  batch.look_up(services.metrics);
  if (!batch.missing().empty()) {
    batch.look_up_aliases(services.indexer.resources(), services.metrics, rules);
  }
  if (create) {
    BatchAuthor author(request, services);
    create_missing(batch, nullptr, author, request, services);
  } else {
    if (!batch.missing().empty()) refuse_unknown(batch.missing_names());
    enforce_each(services, "post measures", batch.found(), request);
  }
  response.measures = pipeline::bundle(batch.take_measures());
}

}  // namespace

void add_batch_routes(Router& router, Services& services) {
  router.add("POST", "/v1/batch/metrics/measures",
             [&services](const Request& request, const PathArguments&, Response& response) {
               post_metrics_measures(request, services, response);
             });
  router.add("POST", "/v1/batch/resources/metrics/measures",
             [&services](const Request& request, const PathArguments&, Response& response) {
               post_resources_measures(request, services, response);
             });
}

}  // namespace gnocchi::api
