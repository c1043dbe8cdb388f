#include "core/metricd/janitor.h"

#include <gtest/gtest.h>

#include "core/pipeline/ingest.h"
#include "core/timeseries/raw_codec.h"
#include "gnocchi/error.h"
#include "tests/support/memory_coordinator.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_log.h"
#include "tests/support/memory_storage.h"
#include "tests/support/sqlite_index.h"

namespace gnocchi::metricd {
namespace {

using namespace std::chrono_literals;

Settings settings_of_tests() {
  Settings settings;
  settings.cleanup_batch_size = 100;
  settings.inactive_after = 1h;
  settings.resource_cleanup_after = 24h;
  return settings;
}

Timestamp now() { return std::chrono::system_clock::now(); }

class JanitorTest : public testing::Test {
 protected:
  JanitorTest() { index_.archive_policies().create(policy_); }

  Janitor janitor() {
    return {settings_, storage_, incoming_, index_.driver(), coordinator_, processor_, log_};
  }

  MetricId make_metric(std::optional<ResourceId> resource = std::nullopt,
                       const std::string& name = "cpu") {
    NewMetric metric;
    metric.id = MetricId(Uuid::random());
    metric.archive_policy_name = "p";
    if (resource) metric.name = name;
    metric.resource_id = resource;
    return index_.metrics().create(metric).id;
  }

  ResourceId make_resource(std::optional<Timestamp> ended_at = std::nullopt,
                           std::optional<Timestamp> started_at = Timestamp{}) {
    NewResource resource;
    resource.id = ResourceId(Uuid::random());
    resource.type = "generic";
    resource.original_resource_id = resource.id.to_string();
    resource.started_at = started_at;
    resource.ended_at = ended_at;
    return index_.resources().create(resource).id;
  }

  std::optional<Timestamp> ended_at(const ResourceId& id) {
    return index_.resources().get("generic", id, false)->ended_at;
  }

  void measure(const MetricId& metric, std::vector<Timestamp> times) {
    std::vector<Measure> measures;
    for (const Timestamp time : times) measures.push_back({time, 1});
    const std::vector<pipeline::MetricMeasures> all{{metric, measures}};
    pipeline::accept(incoming_, all);
    processor_.process_sack(sack_of(metric, incoming_.sack_count()), 0ms);
  }

  timeseries::Series raw_of(const MetricId& metric) {
    const std::vector<ObjectRef> refs{{metric, std::nullopt}};
    return timeseries::decode_raw(storage_.read(refs).at(0).value().data);
  }

  bool exists(const ResourceId& id) {
    return index_.resources().get("generic", id, false).has_value();
  }

  ArchivePolicy policy_{"p", 5, {{60s, std::nullopt, std::nullopt}}, {"mean"}};
  Settings settings_ = settings_of_tests();
  support::SqliteIndex index_;
  support::MemoryStorage storage_{StorageTraits{true, true}};
  support::MemoryIncoming incoming_;
  support::MemoryCoordinator coordinator_;
  support::MemoryLog log_;
  pipeline::Processor processor_{storage_, incoming_, index_.driver(), coordinator_, log_, 1h};
};

TEST_F(JanitorTest, DeletedMetricsGoWithTheirData) {
  const MetricId dead = make_metric(), alive = make_metric();
  for (const MetricId& metric : {dead, alive}) measure(metric, {now()});
  index_.metrics().mark_deleted(dead);
  EXPECT_EQ(janitor().expunge_metrics(), 1U);
  for (const auto& [name, object] : storage_.objects()) {
    EXPECT_EQ(name.find(dead.to_string()), std::string::npos) << name;
  }
  EXPECT_FALSE(storage_.objects().empty());
  EXPECT_EQ(janitor().expunge_metrics(), 0U);
}

TEST_F(JanitorTest, ASmallerBackWindowCutsRawSeriesThatGetNoMeasures) {
  const MetricId metric = make_metric(), empty = make_metric();
  const Timestamp start{1'700'000'040s};
  measure(metric, {start, start + 60s, start + 120s, start + 180s});
  EXPECT_EQ(janitor().truncate_raw_series(), 0U) << "nothing has changed yet";
  policy_.back_window = 1;
  index_.archive_policies().update(policy_);
  const auto aggregates = storage_.objects().size();
  EXPECT_EQ(janitor().truncate_raw_series(), 2U);
  EXPECT_EQ(raw_of(metric).size(), 2U);
  EXPECT_EQ(storage_.objects().size(), aggregates) << "aggregates stay";
  EXPECT_EQ(janitor().truncate_raw_series(), 0U) << "it is done once";
  policy_.back_window = 9;
  index_.archive_policies().update(policy_);
  EXPECT_EQ(janitor().truncate_raw_series(), 0U) << "growing needs nothing";
  static_cast<void>(empty);
}

TEST_F(JanitorTest, ALockedSackIsLeftForTheNextRun) {
  const MetricId metric = make_metric();
  policy_.back_window = 1;
  index_.archive_policies().update(policy_);
  {
    const auto lock =
        coordinator_.lock(processor_.lock_name(sack_of(metric, incoming_.sack_count())), 0ms);
    EXPECT_EQ(janitor().truncate_raw_series(), 0U);
  }
  EXPECT_EQ(janitor().truncate_raw_series(), 1U);
}

TEST_F(JanitorTest, ResourcesWithoutMeasuresEndAndMeasuresLetThemGoOn) {
  const ResourceId silent = make_resource(), lively = make_resource(), bare = make_resource();
  const MetricId of_silent = make_metric(silent);
  make_metric(lively, "silent too");
  const MetricId of_lively = make_metric(lively);
  const Timestamp later = now() + 2h;
  EXPECT_EQ(janitor().end_inactive_resources(now()), 0U) << "the metrics have just been made";
  index_.metrics().touch(std::vector{of_lively}, later, {});
  EXPECT_EQ(janitor().end_inactive_resources(later), 1U);
  ASSERT_TRUE(ended_at(silent));
  EXPECT_EQ(*ended_at(silent), std::chrono::floor<std::chrono::microseconds>(later));
  EXPECT_FALSE(ended_at(lively) || ended_at(bare));
  EXPECT_EQ(janitor().end_inactive_resources(later), 0U);

  measure(of_silent, {later - 1s});
  EXPECT_TRUE(ended_at(silent)) << "a measure from before its end";
  measure(of_silent, {later + 1s});
  EXPECT_FALSE(ended_at(silent));
}

TEST_F(JanitorTest, NobodyIsEndedEarlyForTheIndexLagsBehind) {
  const ResourceId resource = make_resource();
  const MetricId metric = make_metric(resource);
  const Timestamp made = now();
  index_.metrics().touch(std::vector{metric}, made + 5min, pipeline::tracking_slack(1h));
  EXPECT_EQ(janitor().end_inactive_resources(made + 1h + 4min), 0U);
  EXPECT_EQ(janitor().end_inactive_resources(made + 1h + 7min), 1U);
}

TEST_F(JanitorTest, AResourceThatCannotEndKeepsNobodyElse) {
  const Timestamp later = now() + 2h;
  const ResourceId future = make_resource(std::nullopt, later + 24h), silent = make_resource();
  make_metric(future);
  make_metric(silent);
  EXPECT_EQ(janitor().end_inactive_resources(later), 1U);
  EXPECT_TRUE(ended_at(silent));
  EXPECT_FALSE(ended_at(future));
  EXPECT_EQ(log_.find("inactive resource not ended").size(), 1U);
}

TEST_F(JanitorTest, ResourcesEndedLongAgoAreRemovedWithTheirMetrics) {
  const Timestamp moment = now();
  const ResourceId old = make_resource(moment - 25h), fresh = make_resource(moment - 23h),
                   alive = make_resource();
  const MetricId metric = make_metric(old);
  settings_.resource_cleanup_dry_run = true;
  EXPECT_EQ(janitor().remove_expired_resources(moment), 1U);
  EXPECT_TRUE(exists(old));
  EXPECT_EQ(log_.find("dry run: would remove expired resource id=" + old.to_string()).size(), 1U);
  settings_.resource_cleanup_dry_run = false;
  EXPECT_EQ(janitor().remove_expired_resources(moment), 1U);
  EXPECT_FALSE(exists(old));
  EXPECT_TRUE(exists(fresh) && exists(alive));
  EXPECT_TRUE(index_.metrics().get(std::vector{metric}, false).empty());
  EXPECT_EQ(janitor().remove_expired_resources(moment), 0U);
}

TEST_F(JanitorTest, ARunDoesWhatIsAskedForAndNoMore) {
  const ResourceId old = make_resource(now() - 25h), silent = make_resource();
  const MetricId metric = make_metric(silent), dead = make_metric();
  index_.metrics().touch(std::vector{metric}, now() - 1s, {});
  index_.metrics().mark_deleted(dead);
  settings_.inactive_after = {};
  settings_.resource_cleanup_after = {};
  janitor().run();
  EXPECT_TRUE(exists(old));
  EXPECT_FALSE(ended_at(silent));
  settings_.resource_cleanup_after = 1h;
  janitor().run();
  EXPECT_FALSE(exists(old));
}

}  // namespace
}  // namespace gnocchi::metricd
