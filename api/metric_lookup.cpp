#include "api/metric_lookup.h"

#include <array>

#include "api/errors.h"
#include "api/resource_ids.h"
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

MetricId metric_of_url(const std::string& text) {
  const auto id = Uuid::parse(text);
  if (!id) refuse_metric(text);
  return MetricId(*id);
}

using MetricPtr = index::MetricCache::MetricPtr;

/// The metric that a URL names, under the id that its resource's name stands for or under the id
/// that has that one as an alias. `get`: from NamedMetric to MetricPtr, null if there is none.
/// Throws HttpError 404 saying what is missing: the metric, its resource, or the type.
template <class Get>
MetricPtr named_metric(Services& services, const std::string& type, const std::string& id,
                       const std::string& name, const Request& request, Get get) {
  const ResourceId asked = resource_of_url(id, request, services);
  ResourceId stored = asked;
  MetricPtr found = get(NamedMetric{asked, name});
  if (!found) {
    if (const auto alias = aliased_id(id, request, services)) {
      stored = *alias;
      found = get(NamedMetric{stored, name});
    }
  }
  // "generic" means any type; of others only those must exist that the metric does not vouch for.
  const bool vouched =
      found && found->resource && (type == "generic" || type == found->resource->type);
  if (!vouched) find_resource_type(services, type);
  if (found) return found;
  if (services.indexer.resources().get(type, stored, false)) refuse_metric(name);
  throw HttpError(404, "Resource " + asked.to_string() + " does not exist");
}

}  // namespace

Metric find_metric(Services& services, const std::string& id, std::string_view rule,
                   const Request& request) {
  const std::array ids{metric_of_url(id)};
  auto found = services.indexer.metrics().get(ids, true);
  if (found.empty()) refuse_metric(id);
  enforce(services, rule, policy::target_of(found.front()), request);
  return std::move(found.front());
}

index::MetricCache::MetricPtr find_cached_metric(Services& services, const std::string& id,
                                                 std::string_view rule, const Request& request) {
  const std::array ids{metric_of_url(id)};
  auto found = services.metrics.get(ids);
  if (found.empty()) refuse_metric(id);
  enforce_each(services, rule, found, request);
  return std::move(found.front());
}

Metric find_named_metric(Services& services, const std::string& type, const std::string& id,
                         const std::string& name, std::string_view rule, const Request& request) {
  const auto get = [&](const NamedMetric& named) -> MetricPtr {
    auto found = services.indexer.metrics().get_named({&named, 1}, true);
    if (found.empty() || found.front().name != name) return nullptr;
    return std::make_shared<const Metric>(std::move(found.front()));
  };
  const MetricPtr found = named_metric(services, type, id, name, request, get);
  enforce(services, rule, policy::target_of(*found), request);
  return *found;
}

MetricPtr find_cached_named_metric(Services& services, const std::string& type,
                                   const std::string& id, const std::string& name,
                                   std::string_view rule, const Request& request) {
  const auto get = [&](const NamedMetric& named) -> MetricPtr {
    return std::move(services.metrics.get_named({&named, 1}).front());
  };
  MetricPtr found = named_metric(services, type, id, name, request, get);
  enforce_each(services, rule, {&found, 1}, request);
  return found;
}

void check_metric_name(std::string_view name, const Services& services) {
  const bool slash_allowed = services.config.text("api", "resource_id_scheme") == "3.0";
  if (slash_allowed || name.find('/') == std::string_view::npos) return;
  throw HttpError(400, "'/' is not supported in metric name");
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
