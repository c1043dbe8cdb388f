#include "core/service/upgrade.h"

#include <gmock/gmock.h>

#include <map>

#include "core/config/settings.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_log.h"
#include "tests/support/memory_storage.h"

namespace gnocchi::service {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

[[noreturn]] void not_asked_for() { throw Error(Error::Code::internal, "not asked for"); }
[[noreturn]] void taken() {
  throw Refused(Refused::Reason::already_exists, Refused::Subject::none, "already exists");
}

class Policies final : public ArchivePolicyIndex {
 public:
  std::vector<ArchivePolicy> list() override { return policies; }
  void create(const ArchivePolicy& policy) override {
    if (racing) taken();
    policies.push_back(policy);
  }
  std::vector<ArchivePolicyRule> list_rules() override { return rules; }
  void create_rule(const ArchivePolicyRule& rule) override {
    if (racing) taken();
    rules.push_back(rule);
  }
  std::optional<ArchivePolicy> get(std::string_view) override { not_asked_for(); }
  void update(const ArchivePolicy&) override { not_asked_for(); }
  void remove(std::string_view) override { not_asked_for(); }
  std::optional<ArchivePolicyRule> get_rule(std::string_view) override { not_asked_for(); }
  ArchivePolicyRule rename_rule(std::string_view, std::string_view) override { not_asked_for(); }
  void remove_rule(std::string_view) override { not_asked_for(); }

  std::vector<ArchivePolicy> policies;
  std::vector<ArchivePolicyRule> rules;
  bool racing = false;  ///< somebody else is always faster
};

class Types final : public ResourceTypeIndex {
 public:
  std::vector<ResourceType> list() override { return types; }
  ResourceType create(const ResourceType& type) override {
    if (racing) taken();
    types.push_back(type);
    return type;
  }
  std::optional<ResourceType> get(std::string_view) override { not_asked_for(); }
  ResourceType update(std::string_view, std::span<const NewAttribute>,
                      const std::map<std::string, AttributeSpec>&,
                      std::span<const std::string>) override {
    not_asked_for();
  }
  void remove(std::string_view) override { not_asked_for(); }

  std::vector<ResourceType> types;
  bool racing = false;
};

class Index final : public IndexerDriver {
 public:
  void start() override {}
  void stop() noexcept override {}
  void upgrade() override { ++upgrades; }
  ArchivePolicyIndex& archive_policies() override { return policies; }
  ResourceTypeIndex& resource_types() override { return types; }
  ResourceIndex& resources() override { not_asked_for(); }
  MetricIndex& metrics() override { not_asked_for(); }

  Policies policies;
  Types types;
  int upgrades = 0;
};

class Incoming final : public support::MemoryIncoming {
 public:
  void upgrade(std::uint32_t count) override { sacks_asked_for = count; }
  std::uint32_t sacks_asked_for = 0;
};

class Storage final : public support::MemoryStorage {
 public:
  void upgrade() override { ++upgrades; }
  int upgrades = 0;
};

class Upgrade : public testing::Test {
 protected:
  Upgrade() {
    drivers_.indexer = std::make_unique<Index>();
    drivers_.storage = std::make_unique<Storage>();
    drivers_.incoming = std::make_unique<Incoming>();
  }
  Index& index() { return static_cast<Index&>(*drivers_.indexer); }
  Incoming& incoming() { return static_cast<Incoming&>(*drivers_.incoming); }
  Storage& storage() { return static_cast<Storage&>(*drivers_.storage); }
  void run() { upgrade(drivers_, plan_, log_); }
  std::vector<std::string> policy_names() {
    std::vector<std::string> names;
    for (const ArchivePolicy& policy : index().policies.policies) names.push_back(policy.name);
    return names;
  }

  Drivers drivers_;
  UpgradePlan plan_ = usual_upgrade(*config::settings_from_text("[indexer]\nurl = sqlite:////x\n"));
  support::MemoryLog log_;
};

TEST_F(Upgrade, CreatesEverythingTheDefaultPoliciesAndTheRule) {
  run();
  EXPECT_EQ(index().upgrades, 1);
  EXPECT_EQ(storage().upgrades, 1);
  EXPECT_EQ(incoming().sacks_asked_for, 128U);
  EXPECT_THAT(policy_names(), ElementsAre("bool", "low", "medium", "high"));
  EXPECT_THAT(index().policies.rules, ElementsAre(ArchivePolicyRule{"default", "*", "low"}));
  EXPECT_THAT(index().types.types, IsEmpty());
}

TEST_F(Upgrade, TwiceIsLikeOnce) {
  plan_.legacy_resource_types = true;
  run();
  run();
  EXPECT_EQ(policy_names().size(), 4U);
  EXPECT_EQ(index().policies.rules.size(), 1U);
  EXPECT_EQ(index().types.types.size(), 14U);
}

TEST_F(Upgrade, OnePolicyOrRuleThereMeansNoDefaults) {
  index().policies.policies.push_back({"mine", 0, {}, {}});
  run();
  EXPECT_THAT(policy_names(), ElementsAre("mine"));
  index().policies.policies.clear();
  index().policies.rules.push_back({"mine", "*", "gone"});
  run();
  EXPECT_THAT(policy_names(), IsEmpty());
}

TEST_F(Upgrade, WhatIsSkippedIsNotTouched) {
  plan_.index = plan_.storage = plan_.incoming = plan_.archive_policies = false;
  drivers_.storage.reset();
  drivers_.incoming.reset();
  run();
  EXPECT_EQ(index().upgrades, 0);
  EXPECT_THAT(policy_names(), IsEmpty());
}

TEST_F(Upgrade, SettingAsksForTheLegacyTypes) {
  plan_ = usual_upgrade(*config::settings_from_text(
      "[indexer]\nurl = sqlite:////x\n[DEFAULT]\ncreate_legacy_resource_types = True\n"));
  run();
  EXPECT_EQ(index().types.types.size(), 14U);
}

TEST_F(Upgrade, AnotherHostBeingFasterIsNoFailure) {
  plan_.legacy_resource_types = true;
  index().policies.racing = index().types.racing = true;
  EXPECT_NO_THROW(run());
}

TEST_F(Upgrade, PoliciesTakeTheConfiguredMethods) {
  plan_ = usual_upgrade(*config::settings_from_text(
      "[indexer]\nurl = sqlite:////x\n[archive_policy]\ndefault_aggregation_methods = max, "
      "95pct\n"));
  run();
  EXPECT_THAT(index().policies.policies.at(1).aggregation_methods, ElementsAre("95pct", "max"));
}

}  // namespace
}  // namespace gnocchi::service
