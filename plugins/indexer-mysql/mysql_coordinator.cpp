#include "indexer-mysql/mysql_coordinator.h"

#include <algorithm>

#include "gnocchi/error.h"
#include "indexer-mysql/lock_membership.h"

namespace gnocchi::mysql {
namespace {

using namespace std::chrono_literals;

// A wait in the server must end before the connection's read timeout does.
constexpr std::chrono::seconds kReadTimeout{30};
constexpr std::chrono::milliseconds kLongestWait{10000};
constexpr std::size_t kLongestName = 64;

MysqlOptions lock_options(const plugin::Options& options) {
  MysqlOptions made;
  made.url = sql::DatabaseUrl::parse(options.text("coordination_url"));
  made.connect_timeout =
      std::chrono::ceil<std::chrono::seconds>(options.duration("connect_timeout"));
  made.read_timeout = kReadTimeout;
  made.idle_limit = std::chrono::ceil<std::chrono::seconds>(options.duration("lease"));
  return made;
}

class UserLock final : public HeldLock {
 public:
  UserLock(std::shared_ptr<LockSession> session, std::string name, std::uint64_t taken_on)
      : session_(std::move(session)), name_(std::move(name)), taken_on_(taken_on) {}
  ~UserLock() override { session_->release(name_, taken_on_); }

  bool still_held() override { return session_->holds(name_, taken_on_); }

 private:
  const std::shared_ptr<LockSession> session_;
  const std::string name_;
  const std::uint64_t taken_on_;
};

}  // namespace

MysqlCoordinator::MysqlCoordinator(const plugin::Context& context)
    : database_(sql::DatabaseUrl::parse(context.options.text("coordination_url")).database),
      connections_(std::make_shared<LockConnections>(lock_options(context.options))) {}

void MysqlCoordinator::start() {
  try {
    connections_->give_back(connections_->dialect().connect());
    shared_ = open_session();
  } catch (const sql::SqlError& error) {
    throw Error(error.kind() == sql::Failure::Kind::denied ? Error::Code::invalid_config
                                                           : Error::Code::unavailable,
                std::string("coordinator: connect: ") + error.what());
  }
}

void MysqlCoordinator::stop() noexcept {
  const std::lock_guard guard(mutex_);
  for (auto& [key, joined] : joined_) withdraw(key, joined);
  joined_.clear();
  seen_.clear();
  {
    const std::lock_guard sessions_guard(sessions_mutex_);
    shared_.reset();
  }
  connections_->close();
}

std::unique_ptr<HeldLock> MysqlCoordinator::lock(std::string_view name,
                                                 std::chrono::milliseconds wait) {
  if (name.empty() || name.size() > kLongestName) {
    throw Error(Error::Code::internal,
                "coordinator: a lock's name must have 1 to 64 characters: " + std::string(name));
  }
  const std::string quoted = connections_->dialect().text(name);
  std::shared_ptr<LockSession> session;
  {
    const std::lock_guard guard(sessions_mutex_);
    session = shared_;
  }
  if (const auto taken_on = session->take(quoted, 0ms)) {
    return std::make_unique<UserLock>(std::move(session), quoted, *taken_on);
  }
  if (wait <= 0ms) return nullptr;
  const auto end = std::chrono::steady_clock::now() + wait;
  session = open_session();
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (const auto taken_on = session->take(quoted, std::clamp(left, 0ms, kLongestWait))) {
      return std::make_unique<UserLock>(std::move(session), quoted, *taken_on);
    }
    if (left <= kLongestWait) return nullptr;
  }
}

std::shared_ptr<LockSession> MysqlCoordinator::open_session() {
  auto session = std::make_shared<LockSession>(connections_);
  const std::lock_guard guard(sessions_mutex_);
  std::erase_if(sessions_, [](const auto& one) { return one.expired(); });
  sessions_.push_back(session);
  return session;
}

void MysqlCoordinator::enter(const Key& key, Joined& joined) {
  joined.connection.reset();
  try {
    auto connection = connections_->dialect().connect();
    joined.slot = GroupSlots(database_, key.first).enter(*connection, key.second);
    joined.connection = std::move(connection);
  } catch (const sql::SqlError& error) {
    throw Error(Error::Code::unavailable, std::string("coordinator: join: ") + error.what());
  }
}

void MysqlCoordinator::withdraw(const Key& key, Joined& joined) noexcept {
  try {
    if (joined.connection)
      GroupSlots(database_, key.first).withdraw(*joined.connection, joined.slot);
  } catch (const std::exception&) {
    // The connection is gone, and the place with it.
  }
}

void MysqlCoordinator::join(std::string_view group, const Member& self) {
  const std::lock_guard guard(mutex_);
  const Key key(group, self.id);
  Joined& joined = joined_[key];
  joined.capabilities = self.capabilities;
  if (!joined.connection) enter(key, joined);
}

void MysqlCoordinator::leave(std::string_view group, std::string_view member_id) {
  const std::lock_guard guard(mutex_);
  const auto joined = joined_.find(Key(group, member_id));
  if (joined == joined_.end()) return;
  withdraw(joined->first, joined->second);
  joined_.erase(joined);
}

std::vector<Member> MysqlCoordinator::members(std::string_view group_name) {
  const std::string group(group_name);
  const GroupSlots slots(database_, group);
  std::unique_ptr<sql::Connection> connection;
  const auto holders = connections_->ask(slots.live_query(), connection);
  std::vector<Member> members;
  const std::lock_guard guard(mutex_);
  if (seen_breaks_ != connections_->breaks()) {
    seen_breaks_ = connections_->breaks();
    seen_.clear();
  }
  try {
    for (int slot = 0; slot < static_cast<int>(holders.size()); ++slot) {
      if (holders[slot] < 0) continue;
      Seen& seen = seen_[{group, slot}];
      if (seen.holder != holders[slot]) {
        seen = {holders[slot], slots.spelt(*connection, slot, holders[slot])};
      }
      if (seen.id.empty()) {
        seen.holder = 0;
        continue;
      }
      const auto own = joined_.find({group, seen.id});
      members.push_back({seen.id, own == joined_.end() ? "" : own->second.capabilities});
    }
  } catch (const sql::SqlError& error) {
    throw Error(Error::Code::unavailable, std::string("coordinator: members: ") + error.what());
  }
  connections_->give_back(std::move(connection));
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.id < b.id; });
  return members;
}

void MysqlCoordinator::beat() {
  std::vector<std::shared_ptr<LockSession>> sessions;
  {
    const std::lock_guard guard(sessions_mutex_);
    for (const auto& one : sessions_) {
      if (auto session = one.lock()) sessions.push_back(std::move(session));
    }
  }
  for (const auto& session : sessions) session->beat();
  const std::lock_guard guard(mutex_);
  for (auto& [key, joined] : joined_) {
    try {
      if (joined.connection) ask(*joined.connection, "SELECT 1");
    } catch (const sql::SqlError&) {
      joined.connection.reset();
      connections_->note_break();
    }
    if (!joined.connection) enter(key, joined);
  }
}

}  // namespace gnocchi::mysql
