#include "api/metric_json.h"

#include <optional>
#include <string>

#include "api/archive_policy_json.h"
#include "api/resource_json.h"
#include "core/index/archive_policy_cache.h"

namespace gnocchi::api {
namespace {

void put(JsonWriter& json, std::string_view key, const std::optional<std::string>& text) {
  json.key(key);
  if (text)
    json.text(*text);
  else
    json.null();
}

void put_head(JsonWriter& json, const Metric& metric) {
  json.key("id");
  json.uuid(metric.id);
  put(json, "creator", metric.creator);
  put(json, "name", metric.name);
  put(json, "unit", metric.unit);
}

void put_creator(JsonWriter& json, const Metric& metric) {
  std::optional<std::string> user;
  std::optional<std::string> project;
  if (metric.creator) {
    const auto colon = metric.creator->find(':');
    user = metric.creator->substr(0, colon);
    project = colon == std::string::npos ? std::string() : metric.creator->substr(colon + 1);
  }
  put(json, "created_by_user_id", user);
  put(json, "created_by_project_id", project);
}

void put_resource_id(JsonWriter& json, const Metric& metric) {
  json.key("resource_id");
  if (metric.resource_id)
    json.uuid(*metric.resource_id);
  else
    json.null();
}

void put_archive_policy(JsonWriter& json, const Metric& metric, Services& services) {
  json.key("archive_policy");
  const auto policy = services.archive_policies.find(metric.archive_policy_name);
  if (policy)
    write_archive_policy(json, *policy);
  else
    json.null();
}

void put_resource(JsonWriter& json, const Metric& metric) {
  static const std::vector<std::string> kKeys{"creator",
                                              "started_at",
                                              "revision_start",
                                              "ended_at",
                                              "user_id",
                                              "project_id",
                                              "id",
                                              "original_resource_id",
                                              "type",
                                              "revision_end",
                                              "created_by_user_id",
                                              "created_by_project_id"};
  json.key("resource");
  if (!metric.resource) {
    json.null();
    return;
  }
  Resource resource;
  static_cast<ResourceBase&>(resource) = *metric.resource;
  write_resource(json, resource, kKeys);
}

}  // namespace

void write_created_metric(JsonWriter& json, const Metric& metric) {
  json.begin_object();
  put_head(json, metric);
  put_resource_id(json, metric);
  json.key("archive_policy_name");
  json.text(metric.archive_policy_name);
  put_creator(json, metric);
  json.end_object();
}

void write_metric(JsonWriter& json, const Metric& metric, Services& services) {
  json.begin_object();
  put_head(json, metric);
  put_resource(json, metric);
  put_archive_policy(json, metric, services);
  put_creator(json, metric);
  json.end_object();
}

void write_metrics(JsonWriter& json, const std::vector<Metric>& metrics, Services& services) {
  json.begin_array();
  for (const Metric& metric : metrics) {
    json.begin_object();
    put_head(json, metric);
    put_resource_id(json, metric);
    put_archive_policy(json, metric, services);
    put_creator(json, metric);
    json.end_object();
  }
  json.end_array();
}

}  // namespace gnocchi::api
