#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gnocchi/coordinator.h"
#include "gnocchi/plugin/context.h"
#include "indexer-mysql/lock_connections.h"
#include "indexer-mysql/lock_session.h"

namespace gnocchi::mysql {

/// Locks by GET_LOCK under the very names that core gives, as Python Gnocchi takes them; membership
/// by locks too, see lock_membership.h. Locks that are not waited for share one connection, those
/// that are waited for have each its own: a process with many workers still needs few.
///
/// All of them are leased: the server ends a connection that says nothing for the lease,
/// so that the work of a process that is stopped, cut off or gone without a word goes on elsewhere.
///
/// User locks live in one server: behind a proxy or in a cluster all processes must reach the same
/// one. Capabilities of members in other processes are not known here, and read as empty.
class MysqlCoordinator final : public CoordinatorDriver {
 public:
  explicit MysqlCoordinator(const plugin::Context& context);

  void start() override;
  void stop() noexcept override;
  std::unique_ptr<HeldLock> lock(std::string_view name, std::chrono::milliseconds wait) override;
  void join(std::string_view group, const Member& self) override;
  void leave(std::string_view group, std::string_view member_id) override;
  std::vector<Member> members(std::string_view group) override;
  void beat() override;

 private:
  struct Joined {
    std::string capabilities;
    std::unique_ptr<sql::Connection> connection;  ///< null: to be joined again
    int slot = 0;
  };
  struct Seen {
    std::int64_t holder = 0;
    std::string id;
  };
  using Key = std::pair<std::string, std::string>;  ///< group, id
  void enter(const Key& key, Joined& joined);
  void withdraw(const Key& key, Joined& joined) noexcept;

  std::shared_ptr<LockSession> open_session();

  const std::string database_;
  const std::shared_ptr<LockConnections> connections_;
  std::mutex sessions_mutex_;                         ///< of what follows
  std::vector<std::weak_ptr<LockSession>> sessions_;  ///< all that are in use, for beat()
  std::shared_ptr<LockSession> shared_;               ///< of locks that are not waited for

  std::mutex mutex_;  ///< of what follows
  std::map<Key, Joined> joined_;
  std::map<std::pair<std::string, int>, Seen> seen_;  ///< by group and slot
  std::uint64_t seen_breaks_ = 0;
};

}  // namespace gnocchi::mysql
