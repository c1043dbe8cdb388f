#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "indexer-mysql/mysql_dialect.h"
#include "indexer-sql/db.h"

namespace gnocchi::mysql {

/// Connections for user locks, which belong to the connection that took them. Any thread.
class LockConnections {
 public:
  /// `options.idle_limit`: the lease, after which the server ends a connection that says nothing.
  explicit LockConnections(const MysqlOptions& options)
      : lease_(options.idle_limit), dialect_(options) {}

  /// Runs a query for one column of integers; NULL reads as -1. If an idle connection turns out to
  /// be broken, it is run once more on a new one. `connection` is the one it ran on, for its locks.
  /// Throws Error{unavailable}.
  std::vector<std::int64_t> ask(const std::string& query,
                                std::unique_ptr<sql::Connection>& connection);
  void give_back(std::unique_ptr<sql::Connection> connection);
  void close() noexcept;
  /// Grows whenever a connection broke or was made: ids of connections that were read before may
  /// mean others from then on.
  std::uint64_t breaks() const;
  /// A connection of these broke in other hands.
  void note_break() noexcept;

  const MysqlDialect& dialect() const { return dialect_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Idle {
    std::unique_ptr<sql::Connection> connection;
    Clock::time_point since;
  };
  std::unique_ptr<sql::Connection> take_idle();
  std::unique_ptr<sql::Connection> make();

  const std::chrono::seconds lease_;
  const MysqlDialect dialect_;
  mutable std::mutex mutex_;
  std::vector<Idle> idle_;  ///< the one given back last at the end
  std::uint64_t breaks_ = 0;
};

/// The same on a connection in hand. Throws sql::SqlError.
std::vector<std::int64_t> ask(sql::Connection& connection, const std::string& query);

}  // namespace gnocchi::mysql
