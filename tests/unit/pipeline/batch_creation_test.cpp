#include "core/pipeline/batch_creation.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/index/resource_id.h"
#include "tests/unit/api/resource_api.h"

namespace gnocchi::pipeline {
namespace {

/// Allows everything and leaves out what cannot be stored, as a daemon does.
class Notes : public BatchAuthor {
 public:
  using BatchAuthor::may_create;
  void may_post(std::span<const index::MetricCache::MetricPtr> metrics) override {
    posted += metrics.size();
  }
  void unknown_resources(const NamedBatch&, std::span<const std::size_t> resources) override {
    unknown += resources.size();
  }
  void refused(const Refused& reason) override { reasons.emplace_back(reason.what()); }

  std::size_t posted = 0, unknown = 0;
  std::vector<std::string> reasons;
};

/// Over a real index, with the policy "low" for metrics named "disk.*".
class BatchCreationTest : public api::ResourceApi {
 protected:
  static ResourceMeasures resource(const std::string& name, const std::vector<std::string>& metrics,
                                   const std::string& policy = {}) {
    ResourceMeasures made{name, index::resource_id(name, "me"), {}};
    for (const std::string& metric : metrics) {
      NamedMeasures body{metric, {}, {}, {{Timestamp(std::chrono::seconds(1)), 2}}};
      if (!policy.empty()) body.archive_policy_name = policy;
      made.metrics.push_back(body);
    }
    return made;
  }

  std::vector<MetricMeasures> run(std::vector<ResourceMeasures> bodies,
                                  const MissingResources* missing) {
    NamedBatch batch(std::move(bodies));
    BatchCreation(watched_indexer_, metrics_, archive_policies_, notes_, "me").run(batch, missing);
    EXPECT_TRUE(batch.missing().empty());
    return batch.take_measures();
  }

  static MissingResources hosts(std::vector<std::string> names) {
    MissingResources missing;
    missing.type = "hosts";
    missing.type_attributes = {{"host", {AttributeType::string, true, 0, 255, {}, {}}}};
    for (std::string& name : names) missing.attributes.push_back({{"host", std::move(name)}});
    return missing;
  }

  Notes notes_;
};

TEST_F(BatchCreationTest, TypeResourcesAndMetricsComeToBe) {
  const auto missing = hosts({"h1", "h2"});
  const std::vector bodies{resource("a", {"disk.x", "disk.y"}), resource("b", {"disk.x"})};
  EXPECT_EQ(run(bodies, &missing).size(), 3U);
  EXPECT_EQ(notes_.posted, 3U);
  const auto b = indexer_.resources().get("hosts", index::resource_id("b", "me"), true);
  ASSERT_TRUE(b);
  EXPECT_EQ(b->attributes.at("host"), Value("h2"));
  EXPECT_EQ(b->original_resource_id, "b");
  EXPECT_EQ(b->creator, "me");
  ASSERT_EQ(b->metrics.size(), 1U);
  EXPECT_EQ(b->metrics[0].archive_policy_name, "low");
  // All of it is there now: the same metrics are found.
  EXPECT_EQ(run({resource("b", {"disk.x", "disk.z"})}, &missing).size(), 2U);
  EXPECT_EQ(indexer_.resources().get("hosts", b->id, true)->metrics.size(), 2U);
}

TEST_F(BatchCreationTest, WhatCannotBeStoredIsLeftOut) {
  const auto missing = hosts({"h", std::string(300, 'x')});
  const auto stored = run({resource("a", {"disk.x", "ruleless", std::string(256, 'n'), "\xff"}),
                           resource("b", {"disk.x"})},
                          &missing);
  EXPECT_EQ(stored.size(), 1U);
  EXPECT_EQ(notes_.reasons.size(), 4U);
  EXPECT_FALSE(indexer_.resources().get("hosts", index::resource_id("b", "me"), false));
}

TEST_F(BatchCreationTest, ResourcesOfAnotherTypeAreNotWrittenTo) {
  make("a", {}, user("me"));
  const auto missing = hosts({"h"});
  EXPECT_TRUE(run({resource("a", {"disk.x"})}, &missing).empty());
  ASSERT_EQ(notes_.reasons.size(), 1U);
  EXPECT_NE(notes_.reasons[0].find("already exists"), std::string::npos);
  // "generic" is any type.
  const MissingResources generic;
  EXPECT_EQ(run({resource("a", {"disk.x"})}, &generic).size(), 1U);
}

TEST_F(BatchCreationTest, WithoutADescriptionResourcesMustExist) {
  EXPECT_TRUE(run({resource("a", {"disk.x"})}, nullptr).empty());
  EXPECT_EQ(notes_.unknown, 1U);
  EXPECT_FALSE(indexer_.resources().get("generic", index::resource_id("a", "me"), false));
}

TEST_F(BatchCreationTest, AMissingTypeRefusesUnlessItIsDescribed) {
  auto missing = hosts({"h"});
  missing.type_attributes.reset();
  try {
    run({resource("a", {"disk.x"})}, &missing);
    FAIL() << "not refused";
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.subject(), Refused::Subject::resource_type);
    EXPECT_STREQ(refused.what(), "Resource type hosts does not exist");
  }
}

TEST_F(BatchCreationTest, UnknownPoliciesAreRefusedByName) {
  const MissingResources generic;
  EXPECT_TRUE(run({resource("a", {"x", "y"}, "nosuch")}, &generic).empty());
  EXPECT_EQ(notes_.reasons, std::vector<std::string>(2, "Archive policy nosuch does not exist"));
  EXPECT_EQ(run({resource("a", {"x", "y"}, "low")}, &generic).size(), 2U);
}

TEST_F(BatchCreationTest, ManyAtOnceMakeEachThingOnce) {
  const auto missing = hosts({"h1", "h2"});
  const MissingResources* described = &missing;
  // The type first: while it is being made, others are told to come back.
  run({resource("z", {"disk.x"}), resource("y", {"disk.x"})}, described);
  std::atomic<std::size_t> stored{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Notes notes;
      NamedBatch batch({resource("a", {"disk.x", "disk.y"}), resource("b", {"disk.x"})});
      BatchCreation(watched_indexer_, metrics_, archive_policies_, notes, "me")
          .run(batch, described);
      stored += batch.take_measures().size();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stored, 12U);
  MetricQuery all;
  EXPECT_EQ(indexer_.metrics().list(all).size(), 5U);
}

}  // namespace
}  // namespace gnocchi::pipeline
