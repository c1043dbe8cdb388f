#pragma once

#include <string>
#include <vector>

#include "gnocchi/resource.h"
#include "indexer-sql/dialect.h"

namespace gnocchi::sql {

/// "rt_<hex>_history".
inline std::string history_table(const std::string& table) { return table + "_history"; }

/// CREATE TABLE for a type's resources and for their history, and the indexes of the former.
std::vector<std::string> create_type_tables(const Dialect& dialect, const ResourceType& type);
/// Those of the attributes of current resources, as far as they are not there yet.
std::vector<std::string> attribute_indexes(const Dialect& dialect, const ResourceType& type);
std::vector<std::string> drop_type_tables(const Dialect& dialect, const std::string& table);

}  // namespace gnocchi::sql
