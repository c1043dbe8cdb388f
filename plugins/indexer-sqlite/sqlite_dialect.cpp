#include "indexer-sqlite/sqlite_dialect.h"

#include <sqlite3.h>

#include "gnocchi/error.h"
#include "indexer-sql/text.h"
#include "indexer-sqlite/sqlite_connection.h"
#include "indexer-sqlite/sqlite_values.h"

namespace gnocchi::sqlite {
namespace {

/// A connection is used by one thread at a time, so that SQLite need not lock at each of its calls;
/// and statistics of memory, which nobody asks for, would cost a lock of all connections at each
/// allocation. Of no effect where SQLite is in use already.
void spare_locks() {
  static const bool once = [] {
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace

SqliteDialect::SqliteDialect(const std::string& path, std::chrono::milliseconds busy_timeout,
                             const std::string& synchronous)
    : path_(path),
      busy_timeout_(busy_timeout),
      // 16 MiB of log, so that a page that many creations change is copied from it once for all of
      // them.
      setup_({"PRAGMA journal_mode=WAL", "PRAGMA foreign_keys=ON",
              "PRAGMA synchronous=" + synchronous, "PRAGMA temp_store=MEMORY",
              "PRAGMA wal_autocheckpoint=4096"}) {
  spare_locks();
  if (path.empty()) {
    throw Error(Error::Code::invalid_config,
                "sqlite url: needs the path of a file "
                "(example: sqlite:////var/lib/gnocchi/index.sqlite)");
  }
}

std::unique_ptr<sql::Connection> SqliteDialect::connect() const {
  return std::make_unique<SqliteConnection>(*this, path_, busy_timeout_, setup_);
}

std::string SqliteDialect::text(std::string_view value) const { return written_text(value); }

std::string SqliteDialect::real(double value) const { return written(value); }

std::string SqliteDialect::timestamp(Timestamp value) const {
  const auto us = std::chrono::floor<std::chrono::microseconds>(value);
  return written(std::int64_t{us.time_since_epoch().count()});
}

std::string SqliteDialect::uuid(const Uuid& id) const { return written_blob(id.raw()); }

std::string SqliteDialect::in_uuids(std::string_view raw) const {
  if (raw.size() == sizeof(Uuid::bytes)) return " = " + written_blob(raw);
  return " IN (SELECT id FROM uuids(" + written_blob(raw) + "))";
}

std::string SqliteDialect::identifier(std::string_view name) const {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  out += '"';
  return out;
}

std::string SqliteDialect::epoch_us(std::string_view expression) const {
  return std::string(expression);
}

std::string SqliteDialect::exact(std::string_view expression) const {
  return std::string(expression);
}

std::string SqliteDialect::exact_in(std::string_view expression, std::string_view literals,
                                    bool /*indexed*/) const {
  return std::string(expression) + " IN (" + std::string(literals) + ")";
}

std::string SqliteDialect::exact_ne(std::string_view expression, std::string_view literal) const {
  return std::string(expression) + " <> " + std::string(literal);
}

std::string SqliteDialect::like(std::string_view expression, std::string_view literal) const {
  return std::string(expression) + " LIKE " + std::string(literal) + " ESCAPE '\\'";
}

std::string SqliteDialect::creator_user(std::string_view creator) const {
  const std::string c(creator);
  return "CASE instr(" + c + ", ':') WHEN 0 THEN " + c + " ELSE substr(" + c + ", 1, instr(" + c +
         ", ':') - 1) END";
}

std::string SqliteDialect::creator_project(std::string_view creator) const {
  const std::string c(creator);
  return "CASE instr(" + c + ", ':') WHEN 0 THEN '' ELSE substr(" + c + ", instr(" + c +
         ", ':') + 1) END";
}

std::string SqliteDialect::common(std::string_view condition) const {
  // Without it, SQLite takes any equality that an index serves for a rare thing.
  return "likelihood(" + std::string(condition) + ", 0.9)";
}

std::string SqliteDialect::lifespan_ns(std::string_view start, std::string_view end) const {
  return "(coalesce(" + std::string(end) + ", " + timestamp(std::chrono::system_clock::now()) +
         ") - " + std::string(start) + ") * 1000";
}

std::string SqliteDialect::skip_duplicates(std::string_view /*key_column*/) const {
  return " ON CONFLICT DO NOTHING";
}

std::string SqliteDialect::named_metrics(
    std::span<const std::pair<std::string, std::string>> pairs) const {
  // (resource_id, name) IN (VALUES ...) would read the whole table. CROSS JOIN keeps the order.
  return "m.id IN (SELECT k.id FROM (VALUES " +
         sql::joined(
             pairs, [](const auto& p) { return "(" + p.first + "," + p.second + ")"; }, ",") +
         ") v CROSS JOIN metric k ON k.resource_id = v.column1 AND k.name = v.column2)";
}

}  // namespace gnocchi::sqlite
