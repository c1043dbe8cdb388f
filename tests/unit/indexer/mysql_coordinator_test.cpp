// Locks and membership that are leased, lost and taken over.
#include "indexer-mysql/mysql_coordinator.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "gnocchi/error.h"
#include "tests/unit/indexer/mysql_database.h"

namespace gnocchi::mysql {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kLease = 3s;

class FixedOptions final : public plugin::Options {
 public:
  explicit FixedOptions(std::string url) : url_(std::move(url)) {}
  std::string text(std::string_view) const override { return url_; }
  std::int64_t integer(std::string_view) const override { return 0; }
  double real(std::string_view) const override { return 0; }
  bool boolean(std::string_view) const override { return false; }
  std::chrono::nanoseconds duration(std::string_view) const override { return kLease; }
  bool has(std::string_view) const override { return true; }

 private:
  const std::string url_;
};

class MysqlCoordinatorTest : public MysqlDatabase {
 protected:
  /// As another process; without beats it is one that is stopped.
  std::unique_ptr<MysqlCoordinator> process() {
    const FixedOptions options(url());
    auto made = std::make_unique<MysqlCoordinator>(plugin::Context{options, log_, "test"});
    made->start();
    return made;
  }

  std::string name(const std::string& what) const { return own_.url.database + "-" + what; }

  static std::vector<std::string> ids(MysqlCoordinator& of) {
    std::vector<std::string> all;
    for (const Member& member : of.members("g")) all.push_back(member.id);
    return all;
  }

  std::vector<std::string> connections() const {
    return texts(
        "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND"
        " db = '" +
        own_.url.database + "'");
  }

  static bool within(std::chrono::seconds limit, const std::function<bool()>& condition) {
    const auto end = steady_clock::now() + limit;
    while (steady_clock::now() < end) {
      if (condition()) return true;
      std::this_thread::sleep_for(50ms);
    }
    return false;
  }
};

TEST_F(MysqlCoordinatorTest, WhatAStoppedProcessHoldsGoesToOthersAfterTheLease) {
  const auto stopped = process();
  const auto other = process();
  const auto lock = stopped->lock(name("sack"), 0ms);
  const auto blocker = other->lock(name("waited"), 0ms);
  ASSERT_TRUE(lock && blocker);
  stopped->join("g", {"stopped", ""});
  other->join("g", {"other", ""});
  EXPECT_FALSE(other->lock(name("sack"), 0ms));
  EXPECT_EQ(ids(*other), (std::vector<std::string>{"other", "stopped"}));

  std::unique_ptr<HeldLock> taken_over;
  EXPECT_TRUE(within(kLease * 3, [&] {
    other->beat();
    taken_over = other->lock(name("sack"), 0ms);
    return taken_over != nullptr;
  }));
  EXPECT_TRUE(within(kLease, [&] {
    other->beat();
    return ids(*other) == std::vector<std::string>{"other"};
  }));

  EXPECT_FALSE(lock->still_held()) << "it must see that its lock is lost";
  EXPECT_TRUE(taken_over->still_held());
  stopped->beat();
  EXPECT_EQ(ids(*other), (std::vector<std::string>{"other", "stopped"})) << "it woke up";
  EXPECT_FALSE(stopped->lock(name("sack"), 0ms));
  EXPECT_FALSE(lock->still_held()) << "lost once, lost for good";
}

TEST_F(MysqlCoordinatorTest, BeatsKeepLocksOfEitherKindAndMembershipPastTheLease) {
  const auto alive = process();
  const auto other = process();
  const auto lock = alive->lock(name("sack"), 0ms);
  auto blocker = other->lock(name("waited"), 0ms);
  std::unique_ptr<HeldLock> waited;
  std::thread waiter([&] { waited = alive->lock(name("waited"), 20s); });
  std::this_thread::sleep_for(50ms);
  blocker.reset();
  waiter.join();
  ASSERT_TRUE(lock && waited);
  alive->join("g", {"alive", ""});
  const auto end = steady_clock::now() + kLease * 2;
  while (steady_clock::now() < end) {
    alive->beat();
    other->beat();
    std::this_thread::sleep_for(500ms);
  }
  EXPECT_TRUE(lock->still_held());
  EXPECT_TRUE(waited->still_held());
  EXPECT_FALSE(other->lock(name("sack"), 0ms));
  EXPECT_FALSE(other->lock(name("waited"), 0ms));
  EXPECT_EQ(ids(*other), std::vector<std::string>{"alive"});
}

TEST_F(MysqlCoordinatorTest, LocksWhoseConnectionsAreCutAreLostAndCanBeTakenAgain) {
  const auto cut = process();
  cut->join("g", {"cut", ""});
  auto first = cut->lock(name("first"), 0ms);
  auto second = cut->lock(name("second"), 0ms);
  for (const std::string& id : connections()) execute(server_, "KILL " + id);
  EXPECT_FALSE(first->still_held());
  EXPECT_FALSE(second->still_held());
  EXPECT_FALSE(cut->lock(name("first"), 0ms)) << "its holder has not noticed yet";
  first.reset();
  first = cut->lock(name("first"), 0ms);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->still_held());
  EXPECT_FALSE(second->still_held());
  cut->beat();
  EXPECT_EQ(ids(*cut), std::vector<std::string>{"cut"});
  const auto other = process();
  EXPECT_TRUE(other->lock(name("second"), 0ms));
  second.reset();
  EXPECT_TRUE(first->still_held()) << "giving back a lost lock takes none from others";
}

TEST_F(MysqlCoordinatorTest, ManyLocksNeedFewConnections) {
  const auto busy = process();
  std::vector<std::unique_ptr<HeldLock>> locks;
  for (int i = 0; i < 100; ++i) {
    locks.push_back(busy->lock(name(std::to_string(i)), 0ms));
    ASSERT_TRUE(locks.back());
  }
  EXPECT_LE(connections().size(), 2U);
  for (const auto& lock : locks) EXPECT_TRUE(lock->still_held());
}

/// A port that takes connections and says nothing, as a server behind a cut network.
class SilentPort {
 public:
  SilentPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(socket_, 16);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~SilentPort() { ::close(socket_); }
  int port = 0;

 private:
  const int socket_;
};

TEST(LockSession, WhoWaitsForAServerThatIsSilentWaitsOnceNotInTurns) {
  const SilentPort silent;
  MysqlOptions options;
  options.url =
      sql::DatabaseUrl::parse("mysql://u:p@127.0.0.1:" + std::to_string(silent.port) + "/d");
  options.connect_timeout = 1s;
  options.read_timeout = 1s;
  LockSession session(std::make_shared<LockConnections>(options));
  const auto begin = steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&session, i] { EXPECT_THROW(session.take("'" + std::to_string(i) + "'", 0ms), Error); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(steady_clock::now() - begin, 5s);
}

}  // namespace
}  // namespace gnocchi::mysql
