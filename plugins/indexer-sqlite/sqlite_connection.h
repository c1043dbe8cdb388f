#pragma once

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

#include "indexer-sql/db.h"

namespace gnocchi::sqlite {

/// A connection that keeps its statements prepared, by their texts without values.
class SqliteConnection final : public sql::Connection {
 public:
  /// `setup`: statements to begin with. Throws SqlError.
  SqliteConnection(const sql::Dialect& dialect, const std::string& path,
                   std::chrono::milliseconds busy_timeout, std::span<const std::string> setup);

  std::uint64_t execute(const std::string& statement) override;
  void query(const std::string& statement, std::span<const sql::ColumnKind> kinds,
             const std::function<void(const sql::Row&)>& each) override;

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;
  using Kept = std::unordered_map<std::string, Prepared>;
  class Run;

  Prepared prepare(const std::string& sql, unsigned flags);
  [[noreturn]] void fail(int code, std::string_view statement);

  std::unique_ptr<sqlite3, Close> database_;
  Kept kept_;  ///< those that are not in use
};

}  // namespace gnocchi::sqlite
