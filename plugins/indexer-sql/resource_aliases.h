#pragma once

#include <optional>
#include <string>

#include "gnocchi/indexer.h"
#include "indexer-sql/db.h"

/// The table resource_alias: other ids of resources. Gnocchi's own schema does not have it, and
/// Python's daemons take no notice of it; its rows go when their resources do.
namespace gnocchi::sql {

/// The creator of the resource with this id; nullopt: there is no such resource.
std::optional<std::optional<std::string>> creator_of(Connection& connection, const ResourceId& id);

/// Lets `alias` stand for the resource `id`, unless it stands for another.
void add_alias(Connection& connection, const ResourceId& alias, const ResourceId& id);

}  // namespace gnocchi::sql
