#include "api/metric_lookup.h"

#include <array>

#include "api/errors.h"
#include "api/rights.h"
#include "core/index/archive_policy_cache.h"
#include "core/index/resource_id.h"
#include "core/policy/targets.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

[[noreturn]] void refuse_metric(const std::string& metric) {
  throw HttpError(404, "Metric " + metric + " does not exist");
}

ResourceId resource_of_url(const std::string& text, const Request& request) {
  try {
    return index::resource_id(text, request.identity.creator);
  } catch (const Refused&) {
    throw HttpError(404, "Resource " + text + " does not exist");
  }
}

}  // namespace

Metric find_metric(Services& services, const std::string& id, std::string_view rule,
                   const Request& request) {
  const auto uuid = Uuid::parse(id);
  if (!uuid) refuse_metric(id);
  const std::array ids{MetricId(*uuid)};
  auto found = services.indexer.metrics().get(ids, true);
  if (found.empty()) refuse_metric(id);
  enforce(services, rule, policy::target_of(found.front()), request);
  return std::move(found.front());
}

Metric find_named_metric(Services& services, const std::string& type, const std::string& id,
                         const std::string& name, std::string_view rule, const Request& request) {
  const ResourceId resource = resource_of_url(id, request);
  const std::array names{NamedMetric{resource, name}};
  auto found = services.indexer.metrics().get_named(names, true);
  // "generic" means any type; of others only those must exist that the metric does not vouch for.
  const bool vouched = !found.empty() && found.front().resource &&
                       (type == "generic" || type == found.front().resource->type);
  if (!vouched) find_resource_type(services, type);
  if (found.empty() || found.front().name != name) {
    if (services.indexer.resources().get(type, resource, false)) refuse_metric(name);
    throw HttpError(404, "Resource " + resource.to_string() + " does not exist");
  }
  enforce(services, rule, policy::target_of(found.front()), request);
  return std::move(found.front());
}

std::shared_ptr<const ArchivePolicy> archive_policy_of(Services& services, const Metric& metric) {
  auto policy = services.archive_policies.find(metric.archive_policy_name);
  if (!policy) {
    throw Error(Error::Code::internal, "metric " + metric.id.to_string() + ": its archive policy " +
                                           metric.archive_policy_name + " is gone");
  }
  return policy;
}

std::string archive_policy_by_rule(Services& services, const std::optional<std::string>& name) {
  const auto rule = services.archive_policies.rule_for(name.value_or(""));
  if (rule) return rule->archive_policy_name;
  throw HttpError(400,
                  "No archive policy name specified and no archive policy rule found matching the "
                  "metric name " +
                      name.value_or("None"));
}

}  // namespace gnocchi::api
