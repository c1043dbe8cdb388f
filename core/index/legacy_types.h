#pragma once

#include <vector>

#include "gnocchi/resource.h"

namespace gnocchi::index {

/// The 14 resource types that Ceilometer up to Newton takes for granted, as Gnocchi 3.0 made them.
/// Their table names are left to the driver.
std::vector<ResourceType> legacy_resource_types();

}  // namespace gnocchi::index
