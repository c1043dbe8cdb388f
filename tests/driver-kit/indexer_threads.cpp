// Indexer: many at once.
#include <atomic>
#include <set>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

constexpr std::size_t kThreads = 8;

class IndexerThreads : public IndexerCase {
 protected:
  /// All threads make the same row: one succeeds, the others are told that it is there.
  void expect_one_success(Subject subject, const std::function<void(std::size_t)>& make) {
    std::atomic<int> made{0}, refused{0};
    in_threads(kThreads, [&](std::size_t i) {
      const Verdict verdict = refusal([&] { make(i); });
      if (!verdict) {
        ++made;
      } else if (*verdict == std::pair(Reason::already_exists, subject)) {
        ++refused;
      }
    });
    EXPECT_EQ(made, 1);
    EXPECT_EQ(refused, static_cast<int>(kThreads) - 1);
  }
};

TEST_F(IndexerThreads, TheSamePolicyIsMadeOnce) {
  const ArchivePolicy wanted = policy_named(fresh_name("policy-"));
  expect_one_success(Subject::archive_policy, [&](std::size_t) { policies().create(wanted); });
}

TEST_F(IndexerThreads, TheSameTypeIsMadeOnce) {
  ResourceType type;
  type.name = fresh_name("type-");
  type.attributes["s"] = {AttributeType::string, false, 0, 100, {}, {}};
  expect_one_success(Subject::resource_type, [&](std::size_t) { types().create(type); });
  EXPECT_EQ(types().get(type.name)->state, ResourceTypeState::active);
}

TEST_F(IndexerThreads, TheSameResourceIsMadeOnce) {
  const std::string type = make_type();
  NewResource wanted = new_resource(type);
  wanted.attributes = {{"s", "x"}};
  expect_one_success(Subject::resource, [&](std::size_t) {
    NewResource mine = wanted;
    mine.metrics = {creating("a"), creating("b")};
    resources().create(mine);
  });
  EXPECT_EQ(resources().get(type, wanted.id, true)->metrics.size(), 2U);
}

TEST_F(IndexerThreads, TheSameNamedMetricIsMadeOnce) {
  const NewResource resource = new_resource();
  resources().create(resource);
  expect_one_success(Subject::named_metric,
                     [&](std::size_t) { metrics().create(named_metric(resource.id, "cpu")); });
}

TEST_F(IndexerThreads, OverlappingBatchesMakeEachNameOnce) {
  const NewResource resource = new_resource();
  resources().create(resource);
  constexpr std::size_t kNames = 60;
  std::vector<std::atomic<int>> made(kNames);
  in_threads(kThreads, [&](std::size_t i) {
    std::vector<NewMetric> batch;
    for (std::size_t n = 0; n < kNames; ++n) {  // each thread in another order
      batch.push_back(named_metric(resource.id, std::to_string((n * 7 + i * 13) % kNames)));
    }
    const auto outcome = metrics().create(batch);
    for (std::size_t n = 0; n < kNames; ++n) {
      ASSERT_TRUE(outcome[n] == MetricCreation::created ||
                  outcome[n] == MetricCreation::name_taken);
      if (outcome[n] == MetricCreation::created) ++made[std::stoul(*batch[n].name)];
    }
  });
  for (const auto& times : made) EXPECT_EQ(times, 1);
  EXPECT_EQ(resources().get("generic", resource.id, true)->metrics.size(), kNames);
}

TEST_F(IndexerThreads, UpdatesOfOneResourceKeepEveryRevision) {
  const std::string type = make_type();
  NewResource wanted = new_resource(type);
  wanted.attributes = {{"s", "start"}};
  resources().create(wanted);
  constexpr int kEach = 5;
  in_threads(kThreads, [&](std::size_t i) {
    for (int n = 0; n < kEach; ++n) {
      ResourceChange change;
      change.attributes = {{"s", std::to_string(i) + "." + std::to_string(n)}};
      resources().update(type, wanted.id, change);
    }
  });
  ResourceQuery query;
  query.type = type;
  query.history = true;
  std::set<Value> values;
  for (const Resource& row : resources().list(query)) values.insert(row.attributes.at("s"));
  EXPECT_EQ(values.size(), kThreads * kEach + 1) << "each change is seen once, the start too";
}

TEST_F(IndexerThreads, ATypeIsNotTornFromUnderItsResources) {
  const std::string type = make_type();
  std::vector<ResourceId> made(kThreads);
  std::atomic<bool> removed{false};
  in_threads(kThreads, [&](std::size_t i) {
    if (i == 0) {
      removed = !refusal([&] { types().remove(type); });
      return;
    }
    NewResource wanted = new_resource(type);
    wanted.attributes = {{"s", "x"}};
    if (!refusal([&] { resources().create(wanted); })) made[i] = wanted.id;
  });
  for (const ResourceId& id : made) {
    if (id == ResourceId{}) continue;
    EXPECT_FALSE(removed) << "a type with resources was removed";
    EXPECT_TRUE(resources().get(type, id, false));
  }
  EXPECT_EQ(types().get(type).has_value(), !removed);
}

TEST_F(IndexerThreads, AllThatIsMadeIsThere) {
  std::vector<std::vector<MetricId>> made(kThreads);
  in_threads(kThreads, [&](std::size_t i) {
    for (int n = 0; n < 40; ++n) {
      NewResource resource = new_resource();
      resource.metrics = {creating("a")};
      made[i].push_back(resources().create(resource).metrics.at(0).id);
      if (n % 4 == 0) {
        resources().remove(resource.id);
        made[i].pop_back();
      }
    }
  });
  for (const auto& ids : made) EXPECT_EQ(metrics().get(ids, true).size(), ids.size());
}

}  // namespace
}  // namespace gnocchi::kit
