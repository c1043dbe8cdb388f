#include "api/resource_ids.h"

#include <array>

#include "core/index/filter_binding.h"
#include "core/index/known_ids.h"
#include "gnocchi/error.h"

namespace gnocchi::api {

index::IdRules id_rules(const Request& request, const Services& services) {
  const bool old = services.config.text("api", "resource_id_scheme") == "3.0";
  return {request.identity.creator,
          old ? index::IdScheme::without_creator : index::IdScheme::with_creator};
}

std::optional<ResourceId> aliased_id(std::string_view text, const Request& request,
                                     const Services& services) {
  const std::array ids{index::id_candidates(text, id_rules(request, services))};
  const auto stored = index::known_ids(services.indexer.resources(), ids).choose(ids.front());
  return stored == ids.front().id ? std::nullopt : stored;
}

Filter bind_search(const index::FilterTree& tree, const ResourceType& type, const Request& request,
                   const Services& services, bool history) {
  const auto rules = id_rules(request, services);
  const auto known = index::known_ids(services.indexer.resources(), index::ids_of(tree, rules));
  return index::bind_filter(tree, {type, rules, services.now(), history, &known});
}

}  // namespace gnocchi::api
