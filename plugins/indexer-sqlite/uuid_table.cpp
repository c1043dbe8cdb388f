#include "indexer-sqlite/uuid_table.h"

#include <sqlite3.h>

#include <new>

namespace gnocchi::sqlite {
namespace {

constexpr int kUuidBytes = 16;
enum Column : int { kId = 0, kList = 1 };

struct UuidCursor : sqlite3_vtab_cursor {
  sqlite3_value* list = nullptr;  ///< a copy: what is passed to us lasts for one call
  const char* bytes = nullptr;
  int size = 0;
  int at = 0;
};

UuidCursor& self(sqlite3_vtab_cursor* cursor) { return *static_cast<UuidCursor*>(cursor); }

int connect(sqlite3* database, void*, int, const char* const*, sqlite3_vtab** table, char**) {
  const int code = sqlite3_declare_vtab(database, "CREATE TABLE x(id BLOB, list BLOB HIDDEN)");
  if (code != SQLITE_OK) return code;
  *table = new (std::nothrow) sqlite3_vtab{};
  return *table == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete table;
  return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn != kList || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (constraint.usable == 0) return SQLITE_CONSTRAINT;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
    info->estimatedCost = 100;
    info->estimatedRows = 100;
    return SQLITE_OK;
  }
  return SQLITE_CONSTRAINT;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  *cursor = new (std::nothrow) UuidCursor;
  return *cursor == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  sqlite3_value_free(self(cursor).list);
  delete &self(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value** arguments) {
  UuidCursor& uuids = self(cursor);
  sqlite3_value_free(uuids.list);
  uuids.list = sqlite3_value_dup(arguments[0]);
  if (uuids.list == nullptr) return SQLITE_NOMEM;
  uuids.bytes = static_cast<const char*>(sqlite3_value_blob(uuids.list));
  uuids.size = sqlite3_value_bytes(uuids.list);
  uuids.at = 0;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  self(cursor).at += kUuidBytes;
  return SQLITE_OK;
}

int at_end(sqlite3_vtab_cursor* cursor) {
  return self(cursor).at + kUuidBytes > self(cursor).size ? 1 : 0;
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* result, int index) {
  UuidCursor& uuids = self(cursor);
  if (index == kId) {
    sqlite3_result_blob(result, uuids.bytes + uuids.at, kUuidBytes, SQLITE_TRANSIENT);
  } else {
    sqlite3_result_value(result, uuids.list);
  }
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = self(cursor).at / kUuidBytes;
  return SQLITE_OK;
}

/// Without xCreate: it is a function of every schema, not a table that somebody makes.
constexpr sqlite3_module uuid_module() {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = at_end;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}

constexpr sqlite3_module kUuidModule = uuid_module();

}  // namespace

int add_uuid_table(sqlite3* database) noexcept {
  return sqlite3_create_module(database, "uuids", &kUuidModule, nullptr);
}

}  // namespace gnocchi::sqlite
