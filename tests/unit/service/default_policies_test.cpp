#include "core/index/default_policies.h"

#include <gmock/gmock.h>

#include <set>

#include "core/index/legacy_types.h"

namespace gnocchi::index {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const std::vector<std::string> kMethods{"mean", "min", "max", "sum", "std", "count"};

std::vector<std::pair<Timespan, std::uint64_t>> shape(const ArchivePolicy& policy) {
  std::vector<std::pair<Timespan, std::uint64_t>> all;
  for (const ArchivePolicyItem& item : policy.definition) {
    EXPECT_EQ(*item.timespan, item.granularity * static_cast<std::int64_t>(*item.points));
    all.emplace_back(item.granularity, *item.points);
  }
  return all;
}

using Item = std::pair<Timespan, std::uint64_t>;

TEST(DefaultPolicies, AreUpstreams) {
  const auto policies = default_archive_policies(DefaultPolicies::current, kMethods);
  ASSERT_EQ(policies.size(), 4U);
  EXPECT_EQ(policies[0].name, "bool");
  EXPECT_EQ(policies[0].back_window, 3600U);
  EXPECT_THAT(policies[0].aggregation_methods, ElementsAre("last"));
  EXPECT_THAT(shape(policies[0]), ElementsAre(Item(1s, 31536000)));
  EXPECT_EQ(policies[1].name, "low");
  EXPECT_EQ(policies[1].back_window, 0U);
  EXPECT_THAT(policies[1].aggregation_methods,
              ElementsAre("count", "max", "mean", "min", "std", "sum"));
  EXPECT_THAT(shape(policies[1]), ElementsAre(Item(5min, 8640)));
  EXPECT_EQ(policies[2].name, "medium");
  EXPECT_THAT(shape(policies[2]), ElementsAre(Item(1min, 10080), Item(1h, 8760)));
  EXPECT_EQ(policies[3].name, "high");
  EXPECT_THAT(shape(policies[3]), ElementsAre(Item(1s, 3600), Item(1min, 10080), Item(1h, 8760)));
}

TEST(DefaultPolicies, ThoseOf30AreCoarserToo) {
  const auto policies =
      default_archive_policies(DefaultPolicies::as_in_3_0, default_methods_of_3_0());
  ASSERT_EQ(policies.size(), 3U);
  EXPECT_THAT(shape(policies[0]), ElementsAre(Item(5min, 12), Item(1h, 24), Item(24h, 30)));
  EXPECT_THAT(shape(policies[1]), ElementsAre(Item(1min, 1440), Item(1h, 168), Item(24h, 365)));
  EXPECT_THAT(shape(policies[2]), ElementsAre(Item(1s, 3600), Item(1min, 10080), Item(1h, 8760)));
  EXPECT_THAT(policies[0].aggregation_methods,
              ElementsAre("95pct", "count", "max", "mean", "median", "min", "std", "sum"));
}

TEST(LegacyTypes, AreTheFourteenOfCeilometer) {
  std::set<std::string> names;
  for (const ResourceType& type : legacy_resource_types()) {
    names.insert(type.name);
    for (const auto& [name, attribute] : type.attributes) {
      if (attribute.type == AttributeType::string) {
        EXPECT_EQ(attribute.min_length, 0U) << name;
        EXPECT_EQ(attribute.max_length, 255U) << name;
      }
    }
  }
  EXPECT_THAT(
      names, ElementsAre("ceph_account", "host", "host_disk", "host_network_interface", "identity",
                         "image", "instance", "instance_disk", "instance_network_interface", "ipmi",
                         "network", "stack", "swift_account", "volume"));
}

TEST(LegacyTypes, InstanceHasItsAttributes) {
  for (const ResourceType& type : legacy_resource_types()) {
    if (type.name != "instance") continue;
    EXPECT_EQ(type.attributes.size(), 5U);
    EXPECT_TRUE(type.attributes.at("flavor_id").required);
    EXPECT_FALSE(type.attributes.at("server_group").required);
  }
}

}  // namespace
}  // namespace gnocchi::index
