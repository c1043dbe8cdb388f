#pragma once

#include <optional>
#include <span>
#include <vector>

#include "database.h"
#include "gnocchi/storage.h"

namespace gnocchi::rocks {

/// Raw series and splits, in the order asked. A split's newest patches are in its metric's record:
/// both are read as they were at one moment. Throws Error{corrupt_data, unavailable}.
std::vector<std::optional<StoredObject>> read_objects(Database& database,
                                                      std::span<const ObjectRef> refs);

}  // namespace gnocchi::rocks
