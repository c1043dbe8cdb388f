#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "indexer-mysql/mysql_dialect.h"
#include "indexer-sql/db.h"

namespace gnocchi::mysql {

/// Connections for user locks, which belong to the connection that took them. Any thread.
class LockConnections {
 public:
  explicit LockConnections(const MysqlOptions& options) : dialect_(options) {}

  /// Runs a query for one column of integers; NULL reads as -1. If an idle connection turns out to
  /// be broken, it is run once more on a new one. `connection` is the one it ran on, for its locks.
  /// Throws Error{unavailable}.
  std::vector<std::int64_t> ask(const std::string& query,
                                std::unique_ptr<sql::Connection>& connection);
  void give_back(std::unique_ptr<sql::Connection> connection);
  void close() noexcept;
  /// Grows whenever a connection broke: ids of connections may mean others from then on.
  std::uint64_t breaks() const;

  const MysqlDialect& dialect() const { return dialect_; }

 private:
  std::unique_ptr<sql::Connection> take_idle();

  const MysqlDialect dialect_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<sql::Connection>> idle_;
  std::uint64_t breaks_ = 0;
};

/// The same on a connection in hand. Throws sql::SqlError.
std::vector<std::int64_t> ask(sql::Connection& connection, const std::string& query);

}  // namespace gnocchi::mysql
