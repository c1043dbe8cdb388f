#include "core/timeseries/removal.h"

#include <gtest/gtest.h>

#include <random>

#include "core/timeseries/pass.h"
#include "core/timeseries/raw_codec.h"
#include "core/timeseries/split_codec.h"
#include "gnocchi/error.h"
#include "metric_objects.h"

namespace gnocchi::timeseries {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'699'999'200 * kSecond;  // a border of splits of 1 s and of hours

Measure at(std::int64_t s, double value) {
  return {Timestamp{Timespan{kStart + s * kSecond}}, value};
}

TimeRange between(std::int64_t from_s, std::int64_t to_s) {
  return {kStart + from_s * kSecond, kStart + to_s * kSecond};
}

AggregationPlan plan_of(std::vector<ArchivePolicyItem> definition, std::uint32_t back_window,
                        std::vector<std::string> methods = {"mean"}) {
  return AggregationPlan({"p", back_window, std::move(definition), std::move(methods)});
}

struct Store : MetricObjects {
  explicit Store(bool partial_writes_in) : partial_writes(partial_writes_in) {}

  void add(const AggregationPlan& plan, const std::vector<Measure>& measures) {
    MetricPass pass(plan, MetricId{}, partial_writes);
    pass.start(raw, measures);
    if (pass.wants_split_list()) pass.take_split_list(keys());
    MetricWrites writes = pass.finish(read(pass.reads()));
    for (const SplitWrite& write : writes.splits) {
      const auto found = splits.find(write.key);
      if (!write.offset || found == splits.end() || found->second[0] != 'c') continue;
      pass.rewrite_whole();
      writes = pass.finish(read(pass.reads()));
      break;
    }
    apply(writes);
  }

  MetricWrites remove(const AggregationPlan& plan, const TimeRange& range) {
    MeasureRemoval removal(plan, MetricId{}, range, partial_writes);
    removal.start(raw);
    removal.take_split_list(keys());
    reads = removal.reads().size();
    const MetricWrites writes = removal.finish(read(removal.reads()));
    apply(writes);
    return writes;
  }

  bool partial_writes;
  std::size_t reads = 0;
};

std::vector<double> values_of(const Store& store, const std::string& method, Timespan granularity) {
  return store.series(method, granularity).values;
}

class MeasureRemovalTest : public ::testing::TestWithParam<bool> {};

TEST_P(MeasureRemovalTest, WhatRemainsIsWhatTheRestWouldHaveGiven) {
  // Everything is within the back window, so all of it can be made anew, to the bit.
  const AggregationPlan plan = plan_of({{1s, {}, {}}, {60s, {}, {}}, {3600s, {}, {}}}, 5,
                                       {"mean", "max", "count", "std", "rate:mean", "last"});
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const auto number = [&random](int below) {
      return std::uniform_int_distribution<int>(0, below - 1)(random);
    };
    std::vector<Measure> measures;
    for (int second = number(4000); second < 12'000; second += 1 + number(1 + number(900))) {
      measures.push_back(at(second, number(1000) / 8.0));
    }
    const int from = number(13'000) - 500;
    const TimeRange range = between(from, from + 1 + number(1 + number(8000)));
    std::vector<Measure> rest;
    for (const Measure& measure : measures) {
      if (!range.contains(measure.timestamp.time_since_epoch().count())) rest.push_back(measure);
    }
    Store store(GetParam()), expected(GetParam());
    store.add(plan, measures);
    store.remove(plan, range);
    expected.add(plan, rest);
    for (const std::string& method : plan.method_names()) {
      for (const Timespan granularity : {Timespan{1s}, Timespan{60s}, Timespan{3600s}}) {
        EXPECT_EQ(store.series(method, granularity), expected.series(method, granularity))
            << "seed " << seed << " " << method << " " << granularity.count();
      }
    }
    EXPECT_EQ(decode_raw(*store.raw), rest.empty() ? Series{} : decode_raw(*expected.raw));
    const auto again = store.splits;
    store.remove(plan, range);
    EXPECT_EQ(store.splits, again) << "seed " << seed;
  }
}

TEST_P(MeasureRemovalTest, BeforeTheBackWindowWholeGroupsGoAndPartsStay) {
  const AggregationPlan plan = plan_of({{60s, {}, {}}, {3600s, {}, {}}}, 0);
  Store store(GetParam());
  store.add(plan, {at(0, 1), at(60, 2), at(120, 3)});
  store.add(plan, {at(7200, 9)});  // the first hour's raw points are gone now
  store.remove(plan, between(30, 150));
  EXPECT_EQ(values_of(store, "mean", 60s), (std::vector<double>{1, 3, 9}));
  EXPECT_EQ(values_of(store, "mean", 3600s), (std::vector<double>{2, 9}));
  store.remove(plan, between(0, 3600));
  EXPECT_EQ(values_of(store, "mean", 60s), (std::vector<double>{9}));
  EXPECT_EQ(values_of(store, "mean", 3600s), (std::vector<double>{9}));
}

TEST_P(MeasureRemovalTest, AMetricFrozenByTheFutureTakesThePresentAgain) {
  const AggregationPlan plan = plan_of({{60s, {}, {}}}, 0);
  Store store(GetParam());
  store.add(plan, {at(0, 1)});
  store.add(plan, {at(1'000'000'000, 5)});
  store.add(plan, {at(60, 2)});
  EXPECT_EQ(values_of(store, "mean", 60s), (std::vector<double>{1, 5})) << "not frozen at all";
  store.remove(plan, {kStart + 3600 * kSecond, kLatest});
  EXPECT_EQ(values_of(store, "mean", 60s), (std::vector<double>{1}));
  EXPECT_EQ(*store.raw, "");
  store.add(plan, {at(60, 2), at(120, 3)});
  EXPECT_EQ(values_of(store, "mean", 60s), (std::vector<double>{1, 2, 3}));
}

TEST_P(MeasureRemovalTest, WithoutEndsEverythingGoesUnread) {
  const AggregationPlan plan = plan_of({{1s, {}, {}}, {60s, {}, {}}}, 2);
  Store store(GetParam());
  for (int s = 0; s < 10'000; s += 500) store.add(plan, {at(s, s)});
  const MetricWrites writes = store.remove(plan, {});
  EXPECT_TRUE(store.splits.empty());
  EXPECT_EQ(store.reads, 0U);
  EXPECT_TRUE(writes.splits.empty());
  EXPECT_EQ(*store.raw, "");
}

TEST_P(MeasureRemovalTest, OnlySplitsThatKeepPointsAreRead) {
  const AggregationPlan plan = plan_of({{1s, {}, {}}}, 0);
  Store store(GetParam());
  for (int s = 0; s < 18'000; s += 100) store.add(plan, {at(s, s)});  // five splits
  store.remove(plan, between(1800, 16'000));
  EXPECT_EQ(store.reads, 2U);
  EXPECT_EQ(store.splits.size(), 2U);
  EXPECT_EQ(store.series("mean", 1s).size(), 18U + 20U);
}

TEST_P(MeasureRemovalTest, OfSplitsOfOtherPoliciesWholeGroupsGo) {
  Store store(GetParam());
  store.add(plan_of({{60s, {}, {}}}, 0, {"sum"}), {at(0, 1), at(60, 2), at(120, 3)});
  store.remove(plan_of({{1s, {}, {}}}, 0), between(60, 150));
  EXPECT_EQ(values_of(store, "sum", 60s), (std::vector<double>{1, 3}));
}

TEST_P(MeasureRemovalTest, PointsBeyondTheTimespanDoNotComeBack) {
  const AggregationPlan plan = plan_of({{1s, 100, 100s}, {3600s, {}, {}}}, 1);
  Store store(GetParam());
  std::vector<Measure> measures;
  for (int s = 0; s < 1000; ++s) measures.push_back(at(s, s));
  store.add(plan, measures);
  store.remove(plan, between(300, 950));
  const Series seconds = store.series("mean", 1s);
  EXPECT_EQ(seconds.times.front(), kStart + 950 * kSecond);
  EXPECT_EQ(seconds.size(), 50U);
}

INSTANTIATE_TEST_SUITE_P(Forms, MeasureRemovalTest, ::testing::Bool(),
                         [](const auto& form) { return form.param ? "Patched" : "Whole"; });

TEST(MeasureRemoval, NothingStoredChangesNothing) {
  const AggregationPlan plan = plan_of({{60s, {}, {}}}, 0);
  for (const auto& raw : {std::optional<BytesView>{}, std::optional<BytesView>{""}}) {
    MeasureRemoval removal(plan, MetricId{}, {}, true);
    removal.start(raw);
    removal.take_split_list({});
    EXPECT_TRUE(removal.reads().empty());
    const MetricWrites writes = removal.finish({});
    EXPECT_EQ(writes.raw.has_value(), raw.has_value());
    EXPECT_TRUE(writes.splits.empty() && writes.removals.empty());
  }
}

TEST(MeasureRemoval, DamagedObjectsAreNamedAndCanBeSetAside) {
  const AggregationPlan plan = plan_of({{60s, {}, {}}}, 0);
  Store store(false);
  store.add(plan, {at(0, 1), at(60, 2)});
  MeasureRemoval removal(plan, MetricId{}, between(0, 60), false);
  EXPECT_THROW(removal.start("damaged"), Error);
  removal.start(store.raw);
  removal.take_split_list(store.keys());
  ASSERT_EQ(removal.reads().size(), 1U);
  const std::vector<std::optional<StoredObject>> damaged{StoredObject{"damaged", 0}};
  try {
    static_cast<void>(removal.finish(damaged));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::corrupt_data);
    EXPECT_NE(std::string(error.what()).find("_mean_60.0_v3"), std::string::npos) << error.what();
  }
  const std::vector<std::optional<StoredObject>> absent(1);
  EXPECT_EQ(removal.finish(absent).removals.size(), 1U);
}

}  // namespace
}  // namespace gnocchi::timeseries
