#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "gnocchi/error.h"
#include "indexer-mysql/lock_connections.h"

namespace gnocchi::mysql {

/// A connection with the user locks taken on it, all of which go with it. Any thread.
///
/// The server ends a connection that has said nothing for the lease, and frees its locks: so a
/// process that is stopped or cut off loses them. beat() keeps the connection alive. The next lock
/// after a loss is taken on a new connection; locks taken on the one before are no longer held.
class LockSession {
 public:
  explicit LockSession(std::shared_ptr<LockConnections> connections)
      : connections_(std::move(connections)) {}
  LockSession(const LockSession&) = delete;
  LockSession& operator=(const LockSession&) = delete;
  ~LockSession();

  /// Takes the lock of this name (an SQL literal), waiting for it in the server; the session's
  /// other calls wait meanwhile. Returns which connection has it, for holds() and release();
  /// nullopt if it is somebody else's, another holder's of this session included. Throws
  /// Error{unavailable}.
  std::optional<std::uint64_t> take(const std::string& name, std::chrono::milliseconds wait);
  bool holds(const std::string& name, std::uint64_t taken_on) noexcept;
  void release(const std::string& name, std::uint64_t taken_on) noexcept;
  /// At least twice in a lease. Does not wait for a call in progress, which is sign of life enough.
  void beat() noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  std::vector<std::int64_t> ask(const std::string& query);
  std::vector<std::int64_t> ask_now(const std::string& query);
  bool asked(const std::string& query) noexcept;
  void drop() noexcept;

  const std::shared_ptr<LockConnections> connections_;
  std::mutex mutex_;  ///< of what follows
  std::unique_ptr<sql::Connection> connection_;
  std::optional<Error> failure_;  ///< of the last call, and when it ended
  Clock::time_point failed_at_;
  std::uint64_t number_ = 0;     ///< of connection_, among those that this session had
  std::set<std::string> taken_;  ///< by holders that have not released them, lost ones included
};

}  // namespace gnocchi::mysql
