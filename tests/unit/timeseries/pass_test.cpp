#include "core/timeseries/pass.h"

#include <gtest/gtest.h>

#include "core/timeseries/raw_codec.h"
#include "gnocchi/error.h"
#include "metric_objects.h"

namespace gnocchi::timeseries {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'699'999'200 * kSecond;  // a border of splits of 1 s

Measure at(std::int64_t s, double value) {
  return {Timestamp{Timespan{kStart + s * kSecond}}, value};
}

std::vector<Measure> each_second(std::int64_t from, std::int64_t to) {
  std::vector<Measure> measures;
  for (std::int64_t s = from; s < to; ++s) measures.push_back(at(s, static_cast<double>(s)));
  return measures;
}

AggregationPlan plan_of(std::vector<ArchivePolicyItem> definition,
                        std::vector<std::string> methods = {"mean"},
                        std::uint32_t back_window = 0) {
  return AggregationPlan({"p", back_window, std::move(definition), std::move(methods)});
}

class Store : public MetricObjects {
 public:
  explicit Store(bool partial_writes) : partial_writes_(partial_writes) {}

  MetricWrites add(const AggregationPlan& plan, const std::vector<Measure>& measures) {
    MetricPass pass(plan, MetricId{}, partial_writes_);
    pass.start(raw, measures);
    listed = pass.wants_split_list();
    if (listed) {
      const SplitFilter filter = pass.wanted_splits();
      std::vector<SplitKey> wanted = keys();
      std::erase_if(wanted, [&filter](const SplitKey& key) { return !filter.admits(key); });
      pass.take_split_list(wanted);
    }
    MetricWrites writes = pass.finish(read(pass.reads()));
    apply(writes);
    return writes;
  }

  bool listed = false;

 private:
  bool partial_writes_;
};

TEST(MetricPass, NoMeasuresChangeNothing) {
  const AggregationPlan plan = plan_of({{1s, {}, {}}});
  for (const auto& raw : {std::optional<BytesView>{}, std::optional<BytesView>{""}}) {
    MetricPass pass(plan, MetricId{}, false);
    pass.start(raw, {});
    EXPECT_FALSE(pass.wants_split_list());
    pass.take_split_list({});
    EXPECT_TRUE(pass.reads().empty());
    const MetricWrites writes = pass.finish({});
    EXPECT_FALSE(writes.raw);
    EXPECT_TRUE(writes.splits.empty() && writes.removals.empty());
  }
}

TEST(MetricPass, EmptyRawObjectIsANewMetric) {
  Store store(false);
  store.raw = "";
  store.add(plan_of({{1s, {}, {}}}), {at(0, 1)});
  EXPECT_EQ(decode_raw(*store.raw), (Series{{kStart}, {1}}));
  EXPECT_EQ(store.series("mean", 1s), (Series{{kStart}, {1}}));
}

TEST(MetricPass, MeasuresOlderThanTheBackWindowAreDropped) {
  const AggregationPlan plan = plan_of({{60s, {}, {}}});
  Store store(false);
  store.add(plan, {at(600, 1)});
  const auto before = store.splits;
  store.add(plan, {at(0, 5), at(599, 5)});
  EXPECT_EQ(store.splits, before);
  store.add(plan, {at(599, 5), at(601, 3)});
  EXPECT_EQ(store.series("mean", 60s), (Series{{kStart + 600 * kSecond}, {2}}));
}

TEST(MetricPass, NewestArrivalOfEqualTimesCounts) {
  const AggregationPlan plan = plan_of({{60s, {}, {}}}, {"sum"});
  Store store(false);
  store.add(plan, {at(1, 5), at(1, 3), at(2, 1)});
  EXPECT_EQ(store.series("sum", 60s).values, std::vector<double>{4});
  store.add(plan, {at(2, 10)});
  EXPECT_EQ(store.series("sum", 60s).values, std::vector<double>{13});
}

TEST(MetricPass, TimeOfSubSecondPrecisionJustBeforeABorderIsNotLost) {
  Store store(false);
  const Measure last_ns{Timestamp{Timespan{kStart + 60 * kSecond - 1}}, 7};
  store.add(plan_of({{60s, {}, {}}}), {last_ns});
  EXPECT_EQ(store.series("mean", 60s).values, std::vector<double>{7});
}

TEST(MetricPass, OpenSplitsArePatchedAndClosedOnesRewritten) {
  const AggregationPlan plan = plan_of({{1s, {}, {}}, {60s, {}, {}}});
  Store store(true);
  store.add(plan, each_second(0, 100));
  MetricWrites writes = store.add(plan, {at(3590, 1)});
  ASSERT_EQ(writes.splits.size(), 2U);
  EXPECT_EQ(writes.splits[0].offset, 3590U * 9);
  EXPECT_FALSE(store.listed);

  writes = store.add(plan, {at(3700, 1)});
  EXPECT_TRUE(store.listed);
  std::size_t compressed = 0;
  for (const auto& [key, data] : store.splits) compressed += data[0] == 'c' ? 1 : 0;
  EXPECT_EQ(compressed, 1U);
  EXPECT_EQ(store.series("mean", 1s).size(), 102U);
}

TEST(MetricPass, WholeWritesAreAlwaysCompressed) {
  const AggregationPlan plan = plan_of({{1s, {}, {}}});
  Store store(false);
  store.add(plan, each_second(0, 100));
  MetricPass pass(plan, MetricId{}, false);
  pass.start(store.raw, std::vector{at(100, 1)});
  EXPECT_EQ(pass.reads().size(), 1U);
  const MetricWrites writes = pass.finish(store.read(pass.reads()));
  ASSERT_EQ(writes.splits.size(), 1U);
  EXPECT_FALSE(writes.splits[0].offset);
  EXPECT_EQ(writes.splits[0].data[0], 'c');
}

TEST(MetricPass, SplitsOlderThanTheTimespanAreRemoved) {
  const AggregationPlan plan = plan_of({{1s, 100, 100s}});
  for (const bool partial_writes : {false, true}) {
    Store store(partial_writes);
    store.add(plan, each_second(0, 10));
    const MetricWrites writes = store.add(plan, each_second(8000, 8200));
    EXPECT_EQ(writes.removals.size(), 1U);
    EXPECT_EQ(store.splits.size(), 1U);
    EXPECT_EQ(store.series("mean", 1s).size(), 100U);
  }
}

TEST(MetricPass, StoredSplitsOfOtherMethodsAndGranularitiesStay) {
  const AggregationPlan plan = plan_of({{1s, 100, 100s}});
  Store store(false);
  store.add(plan, {at(0, 1)});
  const SplitKey other_method{Timestamp{Timespan{0}}, 1s, "sum"};
  const SplitKey other_granularity{Timestamp{Timespan{0}}, 2s, "mean"};
  store.splits[other_method] = store.splits[other_granularity] = "c";
  store.add(plan, {at(8000, 1)});
  EXPECT_TRUE(store.splits.contains(other_method));
  EXPECT_TRUE(store.splits.contains(other_granularity));
}

TEST(MetricPass, PatchThatMeetsACompressedSplitIsWrittenWholeAndPadded) {
  const AggregationPlan plan = plan_of({{1s, {}, {}}});
  Store files(false);
  files.add(plan, each_second(0, 10));

  Store store(true);
  store.raw = files.raw;
  store.splits = files.splits;
  MetricPass pass(plan, MetricId{}, true);
  pass.start(store.raw, std::vector{at(20, 1)});
  EXPECT_TRUE(pass.reads().empty());
  EXPECT_TRUE(pass.finish({}).splits.at(0).offset);
  pass.rewrite_whole();
  ASSERT_EQ(pass.reads().size(), 1U);
  const MetricWrites writes = pass.finish(store.read(pass.reads()));
  ASSERT_EQ(writes.splits.size(), 1U);
  EXPECT_FALSE(writes.splits[0].offset);
  EXPECT_EQ(writes.splits[0].data[0], 1);
  EXPECT_EQ(writes.splits[0].data.size(), 21U * 9);
  store.apply(writes);
  EXPECT_EQ(store.series("mean", 1s).size(), 11U);
}

TEST(MetricPass, DamagedObjectsAreNamedAndCanBeSetAside) {
  const AggregationPlan plan = plan_of({{1s, {}, {}}});
  MetricPass pass(plan, MetricId{}, false);
  try {
    pass.start("damaged", std::vector{at(0, 1)});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::corrupt_data);
    EXPECT_TRUE(std::string(error.what())
                    .starts_with("gnocchi_00000000-0000-0000-0000-000000000000_none_v3: "))
        << error.what();
  }
  pass.start(std::nullopt, std::vector{at(0, 1)});
  const std::vector<std::optional<StoredObject>> damaged{StoredObject{"damaged", 0}};
  try {
    pass.finish(damaged);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::corrupt_data);
    EXPECT_NE(std::string(error.what()).find("_1699999200.0_mean_1.0_v3: split: first byte"),
              std::string::npos)
        << error.what();
  }
  const std::vector<std::optional<StoredObject>> absent(1);
  EXPECT_EQ(pass.finish(absent).splits.size(), 1U);
}

TEST(MetricPass, UnevenGranularitiesKeepEveryPoint) {
  for (const Timespan step : {Timespan{60s} / 7, Timespan{250ms}, Timespan{1ms}, Timespan{7}}) {
    for (const bool partial_writes : {false, true}) {
      const AggregationPlan plan = plan_of({{step, {}, {}}}, {"sum"}, 3);
      Store store(partial_writes);
      std::int64_t n = kStart / step.count();
      for (int pass = 0; pass < 10; ++pass) {
        std::vector<Measure> measures;
        for (int i = 0; i < 1000; ++i) {
          measures.push_back({Timestamp{step * n++ + step / 2}, 1.0});
        }
        store.add(plan, measures);
      }
      const Series sums = store.series("sum", step);
      ASSERT_EQ(sums.size(), 10'000U) << step.count();
      EXPECT_EQ(sums.values, std::vector<double>(10'000, 1.0));
      EXPECT_EQ(sums.times.back(), step.count() * (n - 1));
      EXPECT_GT(store.splits.size(), 2U);
    }
  }
}

TEST(MetricPass, ArchivesLongerThanAllTimeWork) {
  const AggregationPlan plan =
      plan_of({{std::chrono::hours{24 * 365}, {}, Timespan::max()}, {1s, {}, Timespan::max()}},
              {"mean", "rate:mean"}, 4'000'000'000);
  for (const bool partial_writes : {false, true}) {
    Store store(partial_writes);
    store.add(plan, {at(0, 1)});
    store.add(plan, {at(10'000, 2)});
    store.add(plan, {{Timestamp::max(), 3}});
    EXPECT_EQ(decode_raw(*store.raw).size(), 3U);
    EXPECT_EQ(store.series("mean", 1s).size(), 3U);
  }
}

TEST(MetricPass, PolicyWithoutMethodsKeepsTheRawSeries) {
  Store store(false);
  store.add(plan_of({{1s, {}, {}}}, {}), {at(0, 1)});
  EXPECT_TRUE(store.splits.empty());
  EXPECT_EQ(decode_raw(*store.raw).size(), 1U);
}

TEST(MetricPass, WrongNumberOfObjectsIsABug) {
  const AggregationPlan plan = plan_of({{1s, {}, {}}});
  MetricPass pass(plan, MetricId{}, false);
  pass.start(std::nullopt, std::vector{at(0, 1)});
  EXPECT_THROW(pass.finish({}), Error);
}

TEST(MetricPass, RateReachesOneBlockBack) {
  const AggregationPlan plan = plan_of({{60s, {}, {}}}, {"rate:sum"});
  Store store(false);
  store.add(plan, {at(0, 1), at(59, 3)});
  store.add(plan, {at(61, 10)});
  store.add(plan, {at(125, 20)});
  EXPECT_EQ(store.series("rate:sum", 60s).values, (std::vector<double>{2, 7, 10}));
}

}  // namespace
}  // namespace gnocchi::timeseries
