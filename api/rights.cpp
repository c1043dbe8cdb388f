#include "api/rights.h"

#include "api/errors.h"
#include "core/index/filter_binding.h"
#include "core/index/resource_id.h"
#include "core/policy/targets.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

ResourceId id_of_url(const std::string& text, const Request& request) {
  try {
    return index::resource_id(text, request.identity.creator);
  } catch (const Refused&) {
    throw HttpError(404, "Resource " + text + " does not exist");
  }
}

}  // namespace

void enforce(const Services& services, std::string_view rule, const policy::Target& target,
             const Request& request) {
  if (!services.policy.allows(rule, target, request.identity)) throw HttpError(403);
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

Resource find_resource(Services& services, const ResourceType& type, const std::string& id,
                       bool with_metrics, std::string_view rule, const Request& request) {
  const ResourceId resource_id = id_of_url(id, request);
  auto resource = services.indexer.resources().get(type.name, resource_id, with_metrics);
  if (!resource) {
    throw HttpError(404, "Resource " + resource_id.to_string() + " does not exist");
  }
  enforce(services, rule, policy::target_of(*resource), request);
  return std::move(*resource);
}

}  // namespace gnocchi::api
