// Coordinator: one holder per lock, and members who see each other.
#include <algorithm>
#include <atomic>

#include "tests/driver-kit/kit.h"

namespace gnocchi::kit {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class Coordinator : public Case<CoordinatorDriver> {
 protected:
  std::unique_ptr<HeldLock> take(std::string_view name, std::chrono::milliseconds wait = 0ms) {
    auto lock = driver().lock(name, wait);
    note("lock " + std::string(name) + (lock ? ": taken" : ": somebody else's"));
    return lock;
  }

  std::vector<std::string> ids(CoordinatorDriver& of, std::string_view group) {
    std::vector<std::string> all;
    for (const Member& member : of.members(group)) all.push_back(member.id);
    return all;
  }
};

TEST_F(Coordinator, ALockHasOneHolder) {
  const std::string name = fresh_name("lock-");
  auto lock = take(name);
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->still_held());
  EXPECT_FALSE(take(name)) << "another holder in this process is somebody else, too";
  EXPECT_FALSE(take(name, 20ms));
  lock.reset();
  EXPECT_TRUE(take(name)) << "the lock was given back";
}

TEST_F(Coordinator, LocksOfOtherNamesAreFree) {
  const auto first = take(fresh_name("lock-"));
  const auto second = take(fresh_name("lock-"));
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
}

TEST_F(Coordinator, LongAndOddNamesAreNamesOfTheirOwn) {
  std::string longest = fresh_name("gnocchi-");
  longest.resize(63, 'x');
  const auto first = take(longest + "a");
  const auto second = take(longest + "b");
  const auto third = take(fresh_name("with space, /slash and 'quote'-").substr(0, 64));
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_TRUE(third);
  EXPECT_FALSE(take(longest + "a"));
}

TEST_F(Coordinator, AnotherInstanceIsKeptOutToo) {
  if (!target().keeps) GTEST_SKIP() << "--volatile: each instance has a memory of its own";
  const std::string name = fresh_name("lock-");
  const auto other = another();
  auto lock = other->lock(name, 0ms);
  ASSERT_TRUE(lock);
  EXPECT_FALSE(take(name));
  lock.reset();
  EXPECT_TRUE(take(name));
  other->stop();
}

TEST_F(Coordinator, WaitingForALockEndsWhenTheTimeIsUp) {
  const std::string name = fresh_name("lock-");
  const auto lock = take(name);
  const auto before = steady_clock::now();
  EXPECT_FALSE(take(name, 60ms));
  const auto waited = steady_clock::now() - before;
  EXPECT_GE(waited, 50ms) << "it did not wait";
  EXPECT_LT(waited, 20s) << "it waited far too long";
}

TEST_F(Coordinator, WhoWaitsGetsTheLockWhenItIsGivenBack) {
  const std::string name = fresh_name("lock-");
  auto lock = take(name);
  ASSERT_TRUE(lock);
  std::atomic<bool> trying = false;
  const auto before = steady_clock::now();
  in_threads(2, [&](std::size_t i) {
    if (i == 0) {
      trying = true;
      trying.notify_one();
      EXPECT_TRUE(driver().lock(name, 60s));
      return;
    }
    trying.wait(false);
    lock.reset();
  });
  EXPECT_LT(steady_clock::now() - before, 50s);
}

TEST_F(Coordinator, EightThreadsAreNeverInsideTogether) {
  const std::string name = fresh_name("lock-");
  std::atomic<int> inside = 0;
  int plain_counter = 0;  // unprotected but for the lock
  constexpr int kRounds = 5;
  in_threads(8, [&](std::size_t) {
    for (int round = 0; round != kRounds; ++round) {
      const auto lock = driver().lock(name, 60s);
      if (!lock) {
        ADD_FAILURE() << "no lock within a minute";
        return;
      }
      EXPECT_EQ(++inside, 1);
      ++plain_counter;
      --inside;
    }
  });
  EXPECT_EQ(plain_counter, 8 * kRounds);
}

TEST_F(Coordinator, BeatKeepsALockInHand) {
  const std::string name = fresh_name("lock-");
  const auto lock = take(name);
  ASSERT_TRUE(lock);
  for (int i = 0; i != 10; ++i) driver().beat();
  EXPECT_TRUE(lock->still_held());
  EXPECT_FALSE(take(name));
}

TEST_F(Coordinator, AStoppedInstanceHoldsNoLock) {
  if (!target().keeps) GTEST_SKIP() << "--volatile: each instance has a memory of its own";
  const std::string name = fresh_name("lock-");
  {
    const auto other = another();
    auto lock = other->lock(name, 0ms);
    ASSERT_TRUE(lock);
    lock.reset();
    other->stop();
  }
  EXPECT_TRUE(take(name, 10s));
}

TEST_F(Coordinator, AnUnknownGroupHasNoMembers) {
  EXPECT_TRUE(driver().members(fresh_name("group-")).empty());
  driver().leave(fresh_name("group-"), "nobody");
}

TEST_F(Coordinator, MembersAreSeenWithTheirCapabilities) {
  const std::string group = fresh_name("group-");
  const std::string id = fresh_name("host.1.");
  driver().join(group, {id, R"({"metrics": 1, "note": "it's"})"});
  auto members = driver().members(group);
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0].id, id);
  EXPECT_EQ(members[0].capabilities, R"({"metrics": 1, "note": "it's"})");
  driver().join(group, {id, std::string(5000, 'c')});
  driver().beat();
  members = driver().members(group);
  ASSERT_EQ(members.size(), 1U) << "joining again is publishing anew";
  EXPECT_EQ(members[0].capabilities, std::string(5000, 'c'));
  driver().leave(group, id);
  EXPECT_TRUE(driver().members(group).empty());
}

TEST_F(Coordinator, MembersAreSortedAndGroupsAreApart) {
  const std::string group = fresh_name("group-");
  const std::string other_group = fresh_name("group-");
  for (const char* id : {"c", "a", "b"}) driver().join(group, {id, ""});
  driver().join(other_group, {"z", ""});
  EXPECT_EQ(ids(driver(), group), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(ids(driver(), other_group), std::vector<std::string>{"z"});
  driver().leave(group, "b");
  driver().leave(group, "b");
  EXPECT_EQ(ids(driver(), group), (std::vector<std::string>{"a", "c"}));
}

TEST_F(Coordinator, InstancesSeeEachOtherUntilTheyStop) {
  if (!target().keeps) GTEST_SKIP() << "--volatile: each instance has a memory of its own";
  const std::string group = fresh_name("group-");
  driver().join(group, {"first", "1"});
  auto other = another();
  other->join(group, {"second", "2"});
  const std::vector<std::string> both = {"first", "second"};
  EXPECT_EQ(ids(driver(), group), both);
  EXPECT_EQ(ids(*other, group), both);
  other->stop();
  other.reset();
  EXPECT_EQ(ids(driver(), group), std::vector<std::string>{"first"});
}

}  // namespace
}  // namespace gnocchi::kit
