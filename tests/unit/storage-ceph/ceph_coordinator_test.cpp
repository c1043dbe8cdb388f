#include "ceph_coordinator.h"

#include <thread>

#include "support.h"

namespace gnocchi::ceph::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class CephCoordinatorTest : public ClusterCase {
 protected:
  static Lent short_lease() { return Lent("ceph_lease", "1"); }
  static std::string fresh(const std::string& what) { return what + Uuid::random().to_string(); }
  static std::vector<std::string> ids(CephCoordinator& coordinator, const std::string& group) {
    std::vector<std::string> found;
    for (const Member& member : coordinator.members(group)) found.push_back(member.id);
    return found;
  }
};

TEST_F(CephCoordinatorTest, WhoStandsStillLosesItsLockAndKnowsIt) {
  Running<CephCoordinator> sleeper(short_lease());
  Running<CephCoordinator> other(short_lease());
  const std::string name = fresh("lock-");
  const auto lock = sleeper->lock(name, 0ms);
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->still_held());
  EXPECT_FALSE(other->lock(name, 0ms));
  // No beat comes.
  const auto taken = other->lock(name, 30s);
  ASSERT_TRUE(taken);
  EXPECT_FALSE(lock->still_held());
  sleeper->beat();
  EXPECT_FALSE(lock->still_held()) << "a beat that comes too late brings nothing back";
  EXPECT_TRUE(taken->still_held());
}

TEST_F(CephCoordinatorTest, BeatsKeepALockBeyondItsLease) {
  Running<CephCoordinator> holder(short_lease());
  Running<CephCoordinator> other(short_lease());
  const std::string name = fresh("lock-");
  const auto lock = holder->lock(name, 0ms);
  ASSERT_TRUE(lock);
  const auto end = steady_clock::now() + 2500ms;
  while (steady_clock::now() < end) {
    holder->beat();
    EXPECT_FALSE(other->lock(name, 0ms));
    EXPECT_TRUE(lock->still_held());
    std::this_thread::sleep_for(100ms);
  }
}

TEST_F(CephCoordinatorTest, GivingBackALostLockDoesNotTakeItFromItsHolder) {
  Running<CephCoordinator> sleeper(short_lease());
  Running<CephCoordinator> other;
  const std::string name = fresh("lock-");
  auto lock = sleeper->lock(name, 0ms);
  const auto taken = other->lock(name, 30s);
  ASSERT_TRUE(taken);
  lock.reset();
  EXPECT_FALSE(sleeper->lock(name, 0ms));
  EXPECT_TRUE(taken->still_held());
}

TEST_F(CephCoordinatorTest, RenewalsAreRare) {
  Running<CephCoordinator> holder(Lent("ceph_lease", "60"));
  const auto lock = holder->lock(fresh("lock-"), 0ms);
  holder->join(fresh("group-"), {"me", "{}"});
  const std::uint64_t before = holder.count_all();
  for (int i = 0; i < 100; ++i) holder->beat();
  EXPECT_EQ(holder.count_all(), before);
}

TEST_F(CephCoordinatorTest, AMemberThatDiesVanishesWithWhatItHasPublished) {
  Running<CephCoordinator> here;
  const std::string group = fresh("group-");
  here->join(group, {"alive", "a"});
  Running<CephCoordinator> dying(short_lease());
  dying->join(group, {"dying", "d"});
  EXPECT_EQ(ids(*here, group), (std::vector<std::string>{"alive", "dying"}));
  const auto end = steady_clock::now() + 30s;
  while (ids(*here, group).size() > 1) {
    ASSERT_LT(steady_clock::now(), end) << "it lives on";
    std::this_thread::sleep_for(50ms);
  }
  // It was only asleep.
  dying->join(group, {"dying", "d"});
  const auto members = here->members(group);
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[1].capabilities, "d");
}

TEST_F(CephCoordinatorTest, ManyMembersAreListed) {
  Running<CephCoordinator> here;
  const std::string group = fresh("group-");
  constexpr std::size_t kMembers = 120;  // their ids and addresses fill more than one buffer
  for (std::size_t i = 0; i < kMembers; ++i) {
    here->join(group, {"host." + std::to_string(i) + std::string(40, 'x'), ""});
  }
  EXPECT_EQ(here->members(group).size(), kMembers);
}

TEST_F(CephCoordinatorTest, ALockMayOutliveItsCoordinator) {
  const std::string name = fresh("lock-");
  std::unique_ptr<HeldLock> lock;
  {
    Running<CephCoordinator> gone;
    lock = gone->lock(name, 0ms);
    ASSERT_TRUE(lock);
  }
  EXPECT_FALSE(lock->still_held());
  lock.reset();
  Running<CephCoordinator> other;
  EXPECT_TRUE(other->lock(name, 0ms)) << "stop() has given it back";
}

}  // namespace
}  // namespace gnocchi::ceph::test
