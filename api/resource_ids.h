#pragma once

#include <optional>
#include <string_view>

#include "api/http.h"
#include "api/services.h"
#include "core/index/filter_tree.h"
#include "core/index/resource_id.h"
#include "gnocchi/resource.h"

/// From the ids that clients write to those of the index. A resource is found by its own id, by a
/// name in the scheme in force, by a name in the other scheme, and by its alias: the id that a
/// client of Gnocchi 3.0 derives from the name by itself.
namespace gnocchi::api {

/// [api] resource_id_scheme, for names of the asker's.
index::IdRules id_rules(const Request& request, const Services& services);

/// For a text whose own id (index::resource_id) was looked for in vain: the resource that it means
/// nevertheless. One query of the index.
std::optional<ResourceId> aliased_id(std::string_view text, const Request& request,
                                     const Services& services);

/// A search as the index takes it; ids in it are resolved before, by one query if there are any.
/// Throws Refused as index::bind_filter does.
Filter bind_search(const index::FilterTree& tree, const ResourceType& type, const Request& request,
                   const Services& services, bool history = false);

}  // namespace gnocchi::api
