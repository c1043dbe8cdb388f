#pragma once

#include <string_view>
#include <vector>

#include "core/index/filter_tree.h"
#include "core/index/known_ids.h"
#include "core/index/resource_id.h"
#include "gnocchi/filter.h"
#include "gnocchi/resource.h"

/// Gives names and literals of a search the meaning that they have for one resource type. Pure.
namespace gnocchi::index {

struct FilterContext {
  const ResourceType& type;
  IdRules ids;           ///< how ids that are no UUIDs become one
  Timestamp now;         ///< what relative times count from
  bool history = false;  ///< past revisions are searched, which have revision and revision_end
  /// What ids stand for; those not in it are taken as they are.
  const KnownIds* known = nullptr;
};

/// The ids that conditions on "id" name. Throws Refused as resource_id does.
std::vector<IdCandidates> ids_of(const FilterTree& tree, const IdRules& rules);

/// Attributes of the type become "attributes.NAME" and every value the type of its field. Refused:
/// invalid_value (attribute): "Resource type X has no Y attribute", "Invalid value: `v' for field
/// `f'"; (resource): an id that cannot be one.
Filter bind_filter(const FilterTree& tree, const FilterContext& context);

/// The same for what policy rules let somebody see: a comparison with an attribute that resources
/// of this type do not have, or with a value that it cannot have, is false.
Filter bind_visibility(const Filter& filter, const ResourceType& type);

/// Keys of an ordering. Refused: invalid_value (pagination), "Sort key supplied is invalid: X".
std::vector<Sort> bind_sorts(std::vector<Sort> sorts, const ResourceType& type, bool history);

}  // namespace gnocchi::index
