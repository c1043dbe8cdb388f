#pragma once

#include <string>
#include <vector>

#include "gnocchi/resource.h"
#include "indexer-sql/dialect.h"

namespace gnocchi::sql {

/// "rt_<hex>_history".
inline std::string history_table(const std::string& table) { return table + "_history"; }

/// CREATE TABLE for a type's resources and for their history.
std::vector<std::string> create_type_tables(const Dialect& dialect, const ResourceType& type);
std::vector<std::string> drop_type_tables(const Dialect& dialect, const std::string& table);

}  // namespace gnocchi::sql
