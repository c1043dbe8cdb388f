#include <unordered_map>
#include <utility>

#include "api/batch_metrics.h"
#include "api/errors.h"
#include "api/json.h"
#include "api/metric_assignments.h"
#include "api/metric_lookup.h"
#include "api/rights.h"
#include "core/index/archive_policy_cache.h"
#include "core/index/resource_id.h"
#include "core/policy/targets.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

[[noreturn]] void refuse_unknown_resources(const BatchMetrics& batch,
                                           const std::vector<std::size_t>& resources) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Unknown resources");
  json.key("detail");
  json.begin_array();
  for (const std::size_t index : resources) {
    const ResourceMeasures& resource = batch.bodies()[index];
    json.begin_object();
    json.key("resource_id");
    json.uuid(resource.id);
    json.key("original_resource_id");
    json.text(resource.original_id);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  throw HttpError(400, std::move(detail));
}

std::vector<std::size_t> resources_of(const std::vector<BatchMetrics::Entry>& entries) {
  std::vector<std::size_t> resources;
  for (const auto& entry : entries) {
    if (resources.empty() || resources.back() != entry.resource) {
      resources.push_back(entry.resource);
    }
  }
  return resources;
}

/// The rows of the resources (indexes of bodies), by index. Throws if one is unknown.
std::vector<Resource> find_resources(const BatchMetrics& batch,
                                     const std::vector<std::size_t>& wanted, Services& services) {
  std::vector<Value> ids;
  ids.reserve(wanted.size());
  for (const std::size_t index : wanted) ids.emplace_back(Uuid(batch.bodies()[index].id));
  ResourceQuery query;
  query.filter = Filter::one_of("id", std::move(ids));
  query.metrics = false;
  auto rows = services.indexer.resources().list(query);
  std::unordered_map<ResourceId, std::size_t> positions;
  for (std::size_t i = 0; i < rows.size(); ++i) positions.emplace(rows[i].id, i);
  std::vector<Resource> resources;
  std::vector<std::size_t> unknown;
  for (const std::size_t index : wanted) {
    const auto row = positions.find(batch.bodies()[index].id);
    if (row == positions.end()) {
      unknown.push_back(index);
    } else {
      resources.push_back(std::move(rows[row->second]));
    }
  }
  if (!unknown.empty()) refuse_unknown_resources(batch, unknown);
  return resources;
}

NewMetric definition_of(const ResourceId& resource, const NamedMeasures& body,
                        const std::string& creator, Services& services) {
  if (body.name.find('/') != std::string::npos) {
    throw HttpError(400, "'/' is not supported in metric name");
  }
  if (index::count_characters(body.name) > kMaxMetricName) {
    throw HttpError(400, "length of metric name must be at most " + std::to_string(kMaxMetricName));
  }
  if (body.unit && index::count_characters(*body.unit) > kMaxMetricUnit) {
    throw invalid_input("length of value must be at most " + std::to_string(kMaxMetricUnit) +
                            " for dictionary value",
                        {{"unit", false}});
  }
  NewMetric metric{MetricId(Uuid::random()), {}, creator, body.name, body.unit, resource};
  metric.archive_policy_name = body.archive_policy_name
                                   ? *body.archive_policy_name
                                   : archive_policy_by_rule(services, body.name);
  if (!services.archive_policies.find(metric.archive_policy_name)) {
    throw HttpError(400, "Archive policy " + metric.archive_policy_name + " does not exist");
  }
  return metric;
}

Metric metric_of(const NewMetric& created, const ResourceBase& resource) {
  Metric metric;
  metric.id = created.id;
  metric.archive_policy_name = created.archive_policy_name;
  metric.creator = created.creator;
  metric.name = created.name;
  metric.unit = created.unit;
  metric.resource_id = created.resource_id;
  metric.resource = resource;
  return metric;
}

/// What the index made of the definitions; those whose names somebody else has just taken are
/// looked up once more.
void note_outcome(BatchMetrics& batch, std::vector<Metric> wanted,
                  const std::vector<MetricCreation>& outcome, Services& services) {
  std::vector<Metric> created;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (outcome[i] == MetricCreation::created) {
      created.push_back(std::move(wanted[i]));
    } else if (outcome[i] == MetricCreation::no_such_archive_policy) {
      throw HttpError(400, "Archive policy " + wanted[i].archive_policy_name + " does not exist");
    } else if (outcome[i] == MetricCreation::no_such_resource) {
      refuse_unknown_resources(batch, {batch.missing()[i].resource});
    }
  }
  batch.add(std::move(created));
  if (!batch.missing().empty()) batch.look_up(services);
  if (batch.missing().empty()) return;
  throw HttpError(400,
                  "Named metric " + batch.body(batch.missing().front()).name + " already exists");
}

}  // namespace

void create_missing(BatchMetrics& batch, const Request& request, Services& services) {
  const auto indexes = resources_of(batch.missing());
  const auto resources = find_resources(batch, indexes, services);
  for (const Resource& resource : resources) {
    enforce(services, "update resource", policy::target_of(resource), request);
  }
  std::vector<NewMetric> definitions;
  std::vector<Metric> wanted;
  std::size_t at = 0;
  for (const auto& entry : batch.missing()) {
    while (indexes[at] != entry.resource) ++at;
    const NewMetric& metric = definitions.emplace_back(
        definition_of(resources[at].id, batch.body(entry), request.identity.creator, services));
    policy::Target target{{"archive_policy_name", metric.archive_policy_name},
                          {"resource_id", std::nullopt},
                          {"original_resource_id", std::nullopt},
                          {"name", metric.name},
                          {"unit", metric.unit}};
    policy::add_creator(target, {}, metric.creator);
    enforce(services, "create metric", target, request);
    wanted.push_back(metric_of(metric, resources[at]));
  }
  enforce_post_measures(batch.found(), request, services);
  enforce_post_measures(wanted, request, services);
  const auto outcome = services.indexer.metrics().create(definitions);
  note_outcome(batch, std::move(wanted), outcome, services);
}

}  // namespace gnocchi::api
