#include "indexer-mysql/lock_session.h"

#include "gnocchi/error.h"

namespace gnocchi::mysql {
namespace {

/// Short beside what a server that comes back takes.
constexpr std::chrono::milliseconds kFailureHolds{200};

std::string seconds_text(std::chrono::milliseconds wait) {
  const std::string thousandths = std::to_string(1000 + wait.count() % 1000);
  return std::to_string(wait.count() / 1000) + "." + thousandths.substr(1);
}

}  // namespace

LockSession::~LockSession() {
  // With a lock on it that could not be given back, closing it does.
  if (taken_.empty()) connections_->give_back(std::move(connection_));
}

std::optional<std::uint64_t> LockSession::take(const std::string& name,
                                               std::chrono::milliseconds wait) {
  const std::lock_guard guard(mutex_);
  // On one connection the server would grant it again.
  if (taken_.contains(name)) return std::nullopt;
  const auto answer = ask("SELECT GET_LOCK(" + name + ", " + seconds_text(wait) + ")").at(0);
  if (answer < 0) {
    throw Error(Error::Code::unavailable, "coordinator: GET_LOCK of " + name + " failed");
  }
  if (answer != 1) return std::nullopt;
  taken_.insert(name);
  return number_;
}

bool LockSession::holds(const std::string& name, std::uint64_t taken_on) noexcept {
  const std::lock_guard guard(mutex_);
  return taken_on == number_ && asked("SELECT IS_USED_LOCK(" + name + ") = CONNECTION_ID()");
}

void LockSession::release(const std::string& name, std::uint64_t taken_on) noexcept {
  const std::lock_guard guard(mutex_);
  taken_.erase(name);
  // A connection that cannot say that it let go is closed, which lets go.
  if (taken_on == number_ && !asked("SELECT RELEASE_LOCK(" + name + ")")) drop();
}

void LockSession::beat() noexcept {
  const std::unique_lock guard(mutex_, std::try_to_lock);
  if (guard) asked("SELECT 1");
}

/// On a new connection if there is none, or if the one there was broke.
std::vector<std::int64_t> LockSession::ask(const std::string& query) {
  // Others have waited for the call that failed, as long as connecting may take; not one by one.
  if (failure_ && Clock::now() - failed_at_ < kFailureHolds) throw *failure_;
  try {
    failure_.reset();
    return ask_now(query);
  } catch (const Error& error) {
    failure_.emplace(error);
    failed_at_ = Clock::now();
    throw;
  }
}

std::vector<std::int64_t> LockSession::ask_now(const std::string& query) {
  if (connection_) {
    try {
      return mysql::ask(*connection_, query);
    } catch (const sql::SqlError& error) {
      drop();
      if (error.kind() != sql::Failure::Kind::lost) {
        throw Error(Error::Code::unavailable, std::string("coordinator: ") + error.what());
      }
    }
  }
  ++number_;
  return connections_->ask(query, connection_);
}

/// Whether the connection, if there is one, answers 1.
bool LockSession::asked(const std::string& query) noexcept {
  if (!connection_) return false;
  try {
    return mysql::ask(*connection_, query).at(0) == 1;
  } catch (const std::exception&) {
    drop();
    return false;
  }
}

void LockSession::drop() noexcept {
  if (connection_) connections_->note_break();
  connection_.reset();
}

}  // namespace gnocchi::mysql
