#pragma once

#include <rocksdb/db.h>

#include <vector>

#include "database_options.h"

namespace gnocchi::rocks {

rocksdb::DBOptions database_settings(const DatabaseOptions& options, bool create);

/// In the order of the enum Family. They share one block cache.
std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const DatabaseOptions& options);

}  // namespace gnocchi::rocks
