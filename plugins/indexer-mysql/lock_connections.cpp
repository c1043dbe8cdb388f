#include "indexer-mysql/lock_connections.h"

#include "gnocchi/error.h"

namespace gnocchi::mysql {
namespace {

// As many as a busy process waits for locks at a time; more are closed when they come back.
constexpr std::size_t kMostIdle = 16;

}  // namespace

std::vector<std::int64_t> ask(sql::Connection& connection, const std::string& query) {
  std::vector<std::int64_t> values;
  const sql::ColumnKind kinds[] = {sql::ColumnKind::integer};
  connection.query(query, kinds, [&](const sql::Row& row) {
    values.push_back(row.null(0) ? -1 : row.integer(0));
  });
  return values;
}

std::vector<std::int64_t> LockConnections::ask(const std::string& query,
                                               std::unique_ptr<sql::Connection>& connection) {
  try {
    connection = take_idle();
    if (connection) {
      try {
        return mysql::ask(*connection, query);
      } catch (const sql::SqlError& error) {
        if (error.kind() != sql::Failure::Kind::lost) throw;
        connection.reset();
        close();
      }
    }
    connection = make();
    return mysql::ask(*connection, query);
  } catch (const sql::SqlError& error) {
    connection.reset();
    throw Error(Error::Code::unavailable, std::string("coordinator: ") + error.what());
  }
}

std::unique_ptr<sql::Connection> LockConnections::make() {
  auto connection = dialect_.connect();
  note_break();
  return connection;
}

std::unique_ptr<sql::Connection> LockConnections::take_idle() {
  std::vector<Idle> old;  // closed without the mutex
  const std::lock_guard guard(mutex_);
  if (idle_.empty()) return nullptr;
  // Those below were given back earlier still.
  if (lease_.count() > 0 && Clock::now() - idle_.back().since > lease_ / 2) {
    old.swap(idle_);
    return nullptr;
  }
  auto connection = std::move(idle_.back().connection);
  idle_.pop_back();
  return connection;
}

void LockConnections::give_back(std::unique_ptr<sql::Connection> connection) {
  const std::lock_guard guard(mutex_);
  if (connection && idle_.size() < kMostIdle) {
    idle_.push_back({std::move(connection), Clock::now()});
  }
}

void LockConnections::close() noexcept {
  std::vector<Idle> closed;
  const std::lock_guard guard(mutex_);
  closed.swap(idle_);
  ++breaks_;
}

void LockConnections::note_break() noexcept {
  const std::lock_guard guard(mutex_);
  ++breaks_;
}

std::uint64_t LockConnections::breaks() const {
  const std::lock_guard guard(mutex_);
  return breaks_;
}

}  // namespace gnocchi::mysql
