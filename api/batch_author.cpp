#include "api/batch_author.h"

#include "api/errors.h"
#include "api/future_limit.h"
#include "api/json.h"
#include "api/metric_lookup.h"
#include "api/resource_json.h"
#include "api/rights.h"
#include "core/policy/targets.h"

namespace gnocchi::api {

void BatchAuthor::may_create(const ResourceType& type) {
  enforce(services_, "create resource type", resource_type_target(type), request_);
}

void BatchAuthor::may_create(const NewResource& resource) {
  Resource row;
  row.id = resource.id;
  row.type = resource.type;
  row.creator = resource.creator;
  row.original_resource_id = resource.original_resource_id;
  row.attributes = resource.attributes;
  policy::Target target = policy::target_of(row);
  target["resource_type"] = resource.type;
  enforce(services_, "create resource", target, request_);
}

void BatchAuthor::may_create(const NewMetric& metric) {
  policy::Target target{{"archive_policy_name", metric.archive_policy_name},
                        {"resource_id", std::nullopt},
                        {"original_resource_id", std::nullopt},
                        {"name", metric.name},
                        {"unit", metric.unit}};
  policy::add_creator(target, {}, metric.creator);
  enforce(services_, "create metric", target, request_);
}

void BatchAuthor::may_name(const std::string& metric) { check_metric_name(metric, services_); }

void BatchAuthor::may_update(const Resource& resource) {
  enforce(services_, "update resource", policy::target_of(resource), request_);
}

void BatchAuthor::may_post(std::span<const index::MetricCache::MetricPtr> metrics) {
  for (const auto& metric : metrics) {
    if (type_.empty() || type_ == "generic" || metric->resource->type == type_) continue;
    refused(Refused(Refused::Reason::already_exists, Refused::Subject::resource,
                    "Resource of another type", metric->resource_id->to_string()));
  }
  enforce_each(services_, "post measures", metrics, request_);
}

void BatchAuthor::unknown_resources(const pipeline::NamedBatch& batch,
                                    std::span<const std::size_t> resources) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Unknown resources");
  json.key("detail");
  json.begin_array();
  for (const std::size_t index : resources) {
    const auto& resource = batch.bodies()[index];
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

void BatchAuthor::refused(const Refused& reason) {
  if (reason.subject() == Refused::Subject::metric && reason.name() == "unit") {
    throw invalid_input(std::string(reason.what()) + " for dictionary value", {{"unit", false}});
  }
  if (reason.subject() == Refused::Subject::resource &&
      reason.reason() == Refused::Reason::already_exists) {
    throw HttpError(409, cause_and_detail("Resource already exists", reason.name()));
  }
  throw HttpError(400, reason.what());
}

void store(std::vector<pipeline::ResourceMeasures> measures,
           const pipeline::MissingResources& resources, const Request& request,
           Services& services) {
  check_future(services, measures);
  pipeline::NamedBatch batch(std::move(measures));
  BatchAuthor author(request, services, resources.type);
  create_missing(batch, &resources, author, request, services);
  pipeline::accept(services.incoming, batch.take_measures());
}

void create_missing(pipeline::NamedBatch& batch, const pipeline::MissingResources* resources,
                    BatchAuthor& author, const Request& request, Services& services) {
  pipeline::BatchCreation(services.indexer, services.metrics, services.archive_policies, author,
                          request.identity.creator)
      .run(batch, resources);
}

}  // namespace gnocchi::api
