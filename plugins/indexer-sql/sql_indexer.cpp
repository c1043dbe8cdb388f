#include "indexer-sql/sql_indexer.h"

#include <algorithm>

#include "indexer-sql/schema.h"

namespace gnocchi::sql {

namespace {

// Few change tables at a time.
constexpr std::size_t kPatientConnections = 2;

std::optional<Db>& made(std::optional<Db>& db, const Dialect* dialect, DbOptions options,
                        plugin::Log& log) {
  options.pool_size = std::min(options.pool_size, kPatientConnections);
  if (dialect != nullptr) db.emplace(*dialect, options, log);
  return db;
}

}  // namespace

SqlIndexer::SqlIndexer(std::unique_ptr<const Dialect> dialect,
                       std::unique_ptr<const Dialect> patient, const DbOptions& options,
                       plugin::Log& log)
    : dialect_(std::move(dialect)),
      patient_dialect_(std::move(patient)),
      db_(*dialect_, options, log),
      archive_policies_(db_),
      resource_types_(db_,
                      made(patient_db_, patient_dialect_.get(), options, log) ? *patient_db_ : db_),
      resources_(db_),
      metrics_(db_) {}

void SqlIndexer::start() { db_.start(); }

void SqlIndexer::stop() noexcept {
  db_.stop();
  if (patient_db_) patient_db_->stop();
}

void SqlIndexer::upgrade() { upgrade_schema(patient_db_ ? *patient_db_ : db_); }

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
