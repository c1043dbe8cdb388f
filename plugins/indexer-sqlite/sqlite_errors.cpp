// What SQLite's result codes mean.
#include "indexer-sqlite/sqlite_errors.h"

#include <sqlite3.h>

#include <string>

#include "indexer-sql/db.h"

namespace gnocchi::sqlite {
namespace {

using sql::Failure;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Failure constraint(std::string_view message) {
  if (has(message, "FOREIGN KEY")) return {Failure::Kind::no_parent, {}};
  if (has(message, "UNIQUE") || has(message, "PRIMARY KEY")) {
    // "UNIQUE constraint failed: metric.resource_id, metric.name"
    return {Failure::Kind::duplicate,
            has(message, "metric.name") ? "uniq_metric0resource_id0name" : std::string()};
  }
  return {Failure::Kind::bad_value, {}};
}

Failure meaning(int code, std::string_view message) {
  switch (code & 0xff) {  // without what extended codes add
    case SQLITE_CONSTRAINT: return constraint(message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Failure::Kind::lock_timeout, {}};
    case SQLITE_SCHEMA: return {Failure::Kind::conflict, {}};
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH: return {Failure::Kind::bad_value, {}};
    case SQLITE_READONLY:
    case SQLITE_FULL: return {Failure::Kind::read_only, {}};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: return {Failure::Kind::unreachable, {}};
    case SQLITE_PERM:
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return {Failure::Kind::denied, {}};
    default: break;
  }
  if (has(message, "no such table") || has(message, "no such column") ||
      has(message, "has no column named")) {
    return {Failure::Kind::schema, {}};
  }
  if (has(message, "duplicate column name")) return {Failure::Kind::bad_value, {}};
  return {Failure::Kind::other, {}};
}

}  // namespace

void raise(sqlite3* database, int code, std::string_view statement) {
  const std::string message = database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database);
  throw sql::SqlError(meaning(code, message),
                      message + sql::kWhileExecuting + "\"" + std::string(statement) + "\"");
}

}  // namespace gnocchi::sqlite
