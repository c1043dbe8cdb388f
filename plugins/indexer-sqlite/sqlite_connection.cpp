#include "indexer-sqlite/sqlite_connection.h"

#include <utility>

#include "indexer-sqlite/sqlite_errors.h"
#include "indexer-sqlite/sqlite_values.h"
#include "indexer-sqlite/uuid_table.h"

namespace gnocchi::sqlite {
namespace {

// More than there are kinds of requests; a prepared statement takes some kilobytes.
constexpr std::size_t kMostKept = 64;
// Statements with more are those of many rows, no two of which need be of the same length.
constexpr std::size_t kMostParameters = 200;

}  // namespace

/// A statement from its values to its last row. Ends its read of the database when it goes.
class SqliteConnection::Run {
 public:
  Run(SqliteConnection& connection, const std::string& text)
      : connection_(connection), parts_(taken_apart(text)) {
    if (parts_.parameters.size() > kMostParameters) {
      once_ = connection.prepare(with_literals(text), 0);
      statement_ = once_.get();
      return;
    }
    // Out of the map, so that a run within this one of the same text gets another.
    kept_ = connection.kept_.extract(parts_.sql);
    if (kept_.empty()) {
      Kept made;
      made.emplace(parts_.sql, connection.prepare(parts_.sql, SQLITE_PREPARE_PERSISTENT));
      kept_ = made.extract(made.begin());
    }
    statement_ = kept_.mapped().get();
    bind();
  }

  ~Run() {
    if (kept_.empty()) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    if (connection_.kept_.size() >= kMostKept) connection_.kept_.clear();
    connection_.kept_.insert(std::move(kept_));
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// False: there is no further row.
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) connection_.fail(code, parts_.sql);
    return false;
  }

  void read(std::span<const sql::ColumnKind> kinds, std::span<sql::Row::Cell> cells) const {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const int column = static_cast<int>(i);
      sql::Row::Cell& cell = cells[i];
      cell.null = sqlite3_column_type(statement_, column) == SQLITE_NULL;
      switch (kinds[i]) {
        case sql::ColumnKind::text: {
          // The bytes of a text as well, without a copy to end them with a NUL.
          const auto* const bytes =
              static_cast<const char*>(sqlite3_column_blob(statement_, column));
          cell.text = {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
          break;
        }
        case sql::ColumnKind::integer:
          cell.integer = sqlite3_column_int64(statement_, column);
          break;
        case sql::ColumnKind::real: cell.real = sqlite3_column_double(statement_, column); break;
      }
    }
  }

 private:
  void bind() {
    for (std::size_t i = 0; i < parts_.parameters.size(); ++i) {
      const int code = bind(static_cast<int>(i) + 1, parts_.parameters[i]);
      if (code != SQLITE_OK) connection_.fail(code, parts_.sql);
    }
  }

  /// The bytes stay in the text, which outlives the run.
  int bind(int position, const Parameter& value) {
    const char* const bytes = value.bytes.data();
    const auto size = static_cast<int>(value.bytes.size());
    switch (value.kind) {
      case Parameter::Kind::integer:
        return sqlite3_bind_int64(statement_, position, value.integer());
      case Parameter::Kind::real: return sqlite3_bind_double(statement_, position, value.real());
      case Parameter::Kind::text:
        return sqlite3_bind_text(statement_, position, bytes, size, SQLITE_STATIC);
      case Parameter::Kind::blob: break;
    }
    return sqlite3_bind_blob(statement_, position, bytes, size, SQLITE_STATIC);
  }

  SqliteConnection& connection_;
  const Parts parts_;
  Prepared once_;  ///< one of the two
  Kept::node_type kept_;
  sqlite3_stmt* statement_ = nullptr;
};

SqliteConnection::SqliteConnection(const sql::Dialect& dialect, const std::string& path,
                                   std::chrono::milliseconds busy_timeout,
                                   std::span<const std::string> setup)
    : Connection(dialect) {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  database_.reset(opened);  // there is one in case of an error, too
  if (code != SQLITE_OK) fail(code, "open");
  sqlite3_busy_timeout(opened, static_cast<int>(busy_timeout.count()));
  if (const int added = add_uuid_table(opened); added != SQLITE_OK) fail(added, "uuids");
  kept_.reserve(kMostKept);
  for (const std::string& statement : setup) execute(statement);
}

std::uint64_t SqliteConnection::execute(const std::string& statement) {
  Run run(*this, statement);
  while (run.step()) {
  }
  return static_cast<std::uint64_t>(sqlite3_changes(database_.get()));
}

void SqliteConnection::query(const std::string& statement, std::span<const sql::ColumnKind> kinds,
                             const std::function<void(const sql::Row&)>& each) {
  Run run(*this, statement);
  std::vector<sql::Row::Cell> cells(kinds.size());
  while (run.step()) {
    run.read(kinds, cells);
    each(sql::Row(cells));
  }
}

SqliteConnection::Prepared SqliteConnection::prepare(const std::string& sql, unsigned flags) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      flags, &statement, nullptr);
  Prepared prepared(statement);
  if (code != SQLITE_OK) fail(code, sql);
  return prepared;
}

void SqliteConnection::fail(int code, std::string_view statement) {
  raise(database_.get(), code, statement);
}

}  // namespace gnocchi::sqlite
