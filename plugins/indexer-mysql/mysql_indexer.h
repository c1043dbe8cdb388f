#pragma once

#include "indexer-mysql/mysql_dialect.h"
#include "indexer-sql/sql_indexer.h"

namespace gnocchi::mysql {

/// The index in MySQL or MariaDB, in the tables of Python Gnocchi.
class MysqlIndexer final : public sql::SqlIndexer {
 public:
  explicit MysqlIndexer(const plugin::Context& context);
};

}  // namespace gnocchi::mysql
