#include "api/rights.h"

#include "api/errors.h"
#include "api/resource_ids.h"
#include "core/index/filter_binding.h"
#include "core/index/resource_id.h"
#include "core/policy/row_match.h"
#include "core/policy/targets.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

constexpr std::string_view kGetResource = "get resource";

[[noreturn]] void refuse_absent(const ResourceId& id) {
  throw HttpError(404, "Resource " + id.to_string() + " does not exist");
}

/// Who may see some resources is told that others do not exist; who may see none, that it is
/// forbidden.
bool may_see_any(const Services& services, std::string_view rule, const Request& request) {
  return !std::holds_alternative<policy::Nothing>(
      services.policy.visible(rule, request.identity, policy::RowKind::resource));
}

}  // namespace

void enforce(const Services& services, std::string_view rule, const policy::Target& target,
             const Request& request) {
  if (!services.policy.allows(rule, target, request.identity)) throw HttpError(403);
}

void enforce_each(const Services& services, std::string_view rule,
                  std::span<const index::MetricCache::MetricPtr> metrics, const Request& request) {
  // The rule, compiled once for this asker, settles nearly every metric without asking it anew.
  const auto visibility = services.policy.visible(rule, request.identity, policy::RowKind::metric);
  if (std::holds_alternative<policy::Everything>(visibility)) return;
  const auto* filter = std::get_if<Filter>(&visibility);
  for (const auto& metric : metrics) {
    if (filter && policy::matches(*filter, *metric)) continue;
    enforce(services, rule, policy::target_of(*metric), request);
  }
}

std::optional<Filter> visible_resources(const Services& services, std::string_view rule,
                                        const Request& request, const ResourceType& type) {
  const auto visibility =
      services.policy.visible(rule, request.identity, policy::RowKind::resource);
  if (std::holds_alternative<policy::Everything>(visibility)) return std::nullopt;
  if (const auto* filter = std::get_if<Filter>(&visibility)) {
    return index::bind_visibility(*filter, type);
  }
  throw HttpError(403, "Insufficient privileges");
}

ResourceType find_resource_type(Services& services, std::string_view name) {
  auto type = services.indexer.resource_types().get(name);
  if (!type) throw HttpError(404, "Resource type " + std::string(name) + " does not exist");
  if (type->state != ResourceTypeState::active) {
    throw HttpError(400, "Resource type " + type->name + " state is " + to_string(type->state) +
                             " (expected: active)");
  }
  return std::move(*type);
}

ResourceId resource_of_url(const std::string& text, const Request& request,
                           const Services& services) {
  try {
    return index::resource_id(text, id_rules(request, services));
  } catch (const Refused&) {
    throw HttpError(404, "Resource " + text + " does not exist");
  }
}

Resource find_resource(Services& services, const ResourceType& type, const std::string& id,
                       bool with_metrics, std::string_view rule, const Request& request) {
  const ResourceId resource_id = resource_of_url(id, request, services);
  auto resource = services.indexer.resources().get(type.name, resource_id, with_metrics);
  if (!resource) {
    if (const auto alias = aliased_id(id, request, services)) {
      resource = services.indexer.resources().get(type.name, *alias, with_metrics);
    }
  }
  if (!resource) refuse_absent(resource_id);
  if (services.policy.allows(rule, policy::target_of(*resource), request.identity)) {
    return std::move(*resource);
  }
  if (rule == kGetResource && may_see_any(services, rule, request)) refuse_absent(resource_id);
  throw HttpError(403);
}

}  // namespace gnocchi::api
