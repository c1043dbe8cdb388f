#include "core/metricd/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace gnocchi::metricd {
namespace {

constexpr std::uint32_t kSacks = 128;

TEST(Ring, AloneOwnsEverything) { EXPECT_EQ(owned_sacks({"a"}, "a", kSacks, 1).size(), kSacks); }

TEST(Ring, WhoIsNotAMemberOwnsEverything) {
  EXPECT_EQ(owned_sacks({"a", "b"}, "c", kSacks, 1).size(), kSacks);
}

TEST(Ring, EverySackHasExactlyAsManyOwnersAsReplicas) {
  const std::vector<std::string> members{"a", "b", "c", "d", "e"};
  std::map<std::uint32_t, int> owners;
  for (const auto& member : members) {
    for (const SackNumber sack : owned_sacks(members, member, kSacks, 3)) ++owners[sack.value];
  }
  ASSERT_EQ(owners.size(), kSacks);
  for (const auto& [sack, count] : owners) EXPECT_EQ(count, 3) << "sack " << sack;
}

TEST(Ring, SharesAreFair) {
  const std::vector<std::string> members{"host.1.aaaa", "host.2.bbbb", "host.3.cccc",
                                         "host.4.dddd"};
  for (const auto& member : members) {
    const auto own = owned_sacks(members, member, 1024, 1);
    EXPECT_GT(own.size(), 1024u / 4 * 3 / 4) << member;
    EXPECT_LT(own.size(), 1024u / 4 * 5 / 4) << member;
  }
}

TEST(Ring, ADeathMovesOnlyTheDeadMembersSacks) {
  const auto before = owned_sacks({"a", "b", "c"}, "a", kSacks, 1);
  const auto after = owned_sacks({"a", "b"}, "a", kSacks, 1);
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  EXPECT_LT(before.size(), after.size());
}

}  // namespace
}  // namespace gnocchi::metricd
