#include "indexer-sql/sql_indexer.h"

#include "indexer-sql/schema.h"

namespace gnocchi::sql {

SqlIndexer::SqlIndexer(std::unique_ptr<const Dialect> dialect, const DbOptions& options,
                       plugin::Log& log)
    : dialect_(std::move(dialect)),
      db_(*dialect_, options, log),
      archive_policies_(db_),
      resource_types_(db_),
      resources_(db_),
      metrics_(db_) {}

void SqlIndexer::upgrade() { upgrade_schema(db_); }

DbOptions db_options(const plugin::Options& options) {
  DbOptions db;
  db.pool_size = static_cast<std::size_t>(options.integer("max_pool_size"));
  db.pool_wait =
      std::chrono::duration_cast<std::chrono::milliseconds>(options.duration("pool_timeout"));
  db.lock_wait =
      std::chrono::duration_cast<std::chrono::milliseconds>(options.duration("lock_wait_timeout"));
  db.max_retries = static_cast<int>(options.integer("max_retries"));
  return db;
}

}  // namespace gnocchi::sql
