#include "core/query/pending.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "tests/unit/query/pending_fixture.h"

namespace gnocchi::query {
namespace {

using std::chrono::seconds;
using timeseries::Series;

const Policy kPlain = policy_of(
    {{seconds(10), std::nullopt, std::nullopt}, {seconds(60), std::nullopt, std::nullopt}},
    {"count", "max", "mean", "sum"}, 1);

std::int64_t ns(std::int64_t offset_s) { return (kBase_s + offset_s) * 1'000'000'000; }

class PendingTest : public ::testing::Test {
 protected:
  AggregateRef ref(const std::string& method, Timespan granularity) {
    return {metric_, method, granularity, std::nullopt, f_.policy};
  }
  Series read(const std::string& method, const Range& range = {}) {
    const std::vector refs{ref(method, seconds(10))};
    return f_.reader.read(refs, range).series.at(0);
  }

  PendingFixture f_{kPlain};
  const MetricId metric_{Uuid::random()};
};

TEST_F(PendingTest, MeasuresAreSeenBeforeAnyPass) {
  f_.accept(metric_, {at(0, 1), at(5, 3), at(10, 7)});
  EXPECT_EQ(read("mean"), (Series{{ns(0), ns(10)}, {2, 7}}));
  EXPECT_TRUE(f_.storage.objects().empty()) << "a query has written";
}

TEST_F(PendingTest, WhatIsStoredAndWhatIsPendingAreOneSeries) {
  f_.accept(metric_, {at(0, 1), at(10, 3), at(20, 5)});
  f_.drain(metric_);
  f_.accept(metric_, {at(12, 9), at(30, 2)});
  EXPECT_EQ(read("sum"), (Series{{ns(0), ns(10), ns(20), ns(30)}, {1, 12, 5, 2}}));
  EXPECT_EQ(read("count"), (Series{{ns(0), ns(10), ns(20), ns(30)}, {1, 2, 1, 1}}));
}

TEST_F(PendingTest, OfEqualTimestampsTheLastAcceptedCounts) {
  f_.accept(metric_, {at(0, 1)});
  f_.drain(metric_);
  f_.accept(metric_, {at(0, 2)});
  f_.accept(metric_, {at(0, 3)});
  EXPECT_EQ(read("sum"), (Series{{ns(0)}, {3}}));
}

TEST_F(PendingTest, WhatIsOlderThanTheBackWindowStaysOut) {
  f_.accept(metric_, {at(600, 1)});
  f_.drain(metric_);
  f_.accept(metric_, {at(0, 2)});
  EXPECT_EQ(read("sum"), (Series{{ns(600)}, {1}}));
  f_.accept(metric_, {at(610, 4)});
  EXPECT_EQ(read("sum"), (Series{{ns(600), ns(610)}, {1, 4}}));
}

TEST_F(PendingTest, TheRangeIsCutOutOfPendingMeasuresToo) {
  f_.accept(metric_, {at(0, 1), at(10, 2), at(20, 3)});
  const Range range{at(10, 0).timestamp, at(20, 0).timestamp};
  EXPECT_EQ(read("sum", range), (Series{{ns(10)}, {2}}));
}

TEST_F(PendingTest, MoreThanTheLimitIsLeftOutAndSaid) {
  f_.accept(metric_, {at(0, 1)});
  f_.drain(metric_);
  f_.accept(metric_, {at(10, 1), at(20, 1)});
  const std::vector refs{ref("sum", seconds(10))};
  Reader narrow(f_.storage, &f_.incoming, 2 * pipeline::kMeasureBytes - 1, f_.log);
  const Reading reading = narrow.read(refs, {});
  EXPECT_TRUE(reading.pending_left_out);
  EXPECT_EQ(reading.series.at(0), (Series{{ns(0)}, {1}}));
  stats::Text text;
  narrow.describe(text);
  EXPECT_NE(text.text().find("gnocchi_queries_without_pending_total 1"), std::string::npos);

  Reader wide(f_.storage, &f_.incoming, 2 * pipeline::kMeasureBytes, f_.log);
  EXPECT_FALSE(wide.read(refs, {}).pending_left_out);
  EXPECT_EQ(wide.read(refs, {}).series.at(0).size(), 3U);
}

TEST_F(PendingTest, PointsOfPendingMeasuresCountForTheLimitOfPoints) {
  f_.accept(metric_, {at(0, 1), at(10, 1), at(20, 1)});
  const std::vector refs{ref("sum", seconds(10))};
  EXPECT_THROW(f_.reader.read(refs, {}, std::nullopt, 2), TooManyPoints);
  EXPECT_EQ(f_.reader.read(refs, {}, std::nullopt, 3).series.at(0).size(), 3U);
}

TEST_F(PendingTest, SwitchedOffOnlyWhatIsStoredIsSeen) {
  f_.accept(metric_, {at(0, 1)});
  const std::vector refs{ref("sum", seconds(10))};
  const Reading reading = f_.stored.read(refs, {});
  EXPECT_TRUE(reading.series.at(0).empty());
  EXPECT_FALSE(reading.pending_left_out);
}

TEST_F(PendingTest, DamageIsLeftOutAsAPassDoes) {
  f_.accept(metric_, {at(0, 1)});
  f_.drain(metric_);
  f_.storage.objects().at(object_name({metric_, std::nullopt})).data = "damaged";
  const std::vector<Bundle> damaged{{metric_, "15 bytes of it."}};
  f_.incoming.append(damaged);
  f_.accept(metric_, {at(60, 5)});
  EXPECT_EQ(read("sum"), (Series{{ns(0), ns(60)}, {1, 5}}));
  EXPECT_FALSE(f_.log.find("damaged raw series left out").empty());
}

TEST_F(PendingTest, OnlyMetricsOfPendingSacksAreAskedFor) {
  std::vector<MetricId> metrics;
  std::vector<AggregateRef> refs;
  for (int i = 0; i < 40; ++i) {
    metrics.emplace_back(Uuid::random());
    refs.push_back({metrics.back(), "sum", seconds(10), std::nullopt, f_.policy});
  }
  f_.accept(metrics[7], {at(0, 1)});
  f_.accept(metrics[8], {at(0, 2)});
  const auto series = f_.reader.read(refs, {}).series;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    EXPECT_EQ(series[i].size(), i == 7 || i == 8 ? 1U : 0U) << i;
  }
}

TEST_F(PendingTest, AShortRangeIsReadWithoutAListOfSplits) {
  // Splits of 36,000 s, of which one ends 4,000 s after the base.
  f_.accept(metric_, {at(0, 1), at(5000, 2)});
  f_.drain(metric_);
  std::vector<std::string> steps;
  f_.storage.before = [&](const std::string& step) { steps.push_back(step); };
  const auto range = [](std::int64_t start, std::int64_t stop) {
    return Range{at(start, 0).timestamp, at(stop, 0).timestamp};
  };
  const std::vector<std::string> found{"splits"}, looked_for{"list", "splits"};
  EXPECT_EQ(read("sum", range(0, 10)), (Series{{ns(0)}, {1}}));
  EXPECT_EQ(std::exchange(steps, {}), found);
  EXPECT_EQ(read("sum", range(0, 5001)), (Series{{ns(0), ns(5000)}, {1, 2}}));
  EXPECT_EQ(std::exchange(steps, {}), found);
  EXPECT_EQ(read("sum", range(0, 40'000)), (Series{{ns(0), ns(5000)}, {1, 2}}));
  EXPECT_EQ(std::exchange(steps, {}), looked_for) << "three splits";
  EXPECT_EQ(read("sum", range(5001, 10)), Series{});
  EXPECT_EQ(std::exchange(steps, {}), std::vector<std::string>{}) << "ends before it starts";
  EXPECT_EQ(read("sum", {at(10, 0).timestamp, std::nullopt}), (Series{{ns(5000)}, {2}}));
  EXPECT_EQ(std::exchange(steps, {}), looked_for) << "without an end";
  EXPECT_EQ(read("sum", {std::nullopt, at(10, 0).timestamp}), (Series{{ns(0)}, {1}}));
  EXPECT_EQ(std::exchange(steps, {}), looked_for) << "without a start";
}

TEST_F(PendingTest, RangesAtTheEndsOfTime) {
  f_.accept(metric_, {at(0, 1)});
  f_.drain(metric_);
  const Timestamp earliest = Timestamp::min(), latest = Timestamp::max();
  EXPECT_EQ(read("sum", {earliest, latest}).size(), 1U);
  EXPECT_TRUE(read("sum", {earliest, Timestamp{}}).empty());
  EXPECT_TRUE(read("sum", {latest, latest}).empty());
  EXPECT_TRUE(read("sum", {latest, earliest}).empty());
  EXPECT_EQ(read("sum", {Timestamp(seconds(-1)), at(1, 0).timestamp}).size(), 1U);
}

/// Random policies and measures: whatever is asked, the answer is the same before a pass and after.
class SameAnswers : public ::testing::TestWithParam<int> {
 protected:
  SameAnswers() : random_(static_cast<unsigned>(GetParam())) {}

  std::int64_t number(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }
  template <typename T>
  std::vector<T> some_of(std::vector<T> all) {
    std::shuffle(all.begin(), all.end(), random_);
    all.resize(static_cast<std::size_t>(number(1, static_cast<std::int64_t>(all.size()))));
    return all;
  }

  Policy policy() {
    // Few points, so that splits are left behind and removed.
    std::vector<ArchivePolicyItem> definition;
    for (const std::int64_t step : some_of<std::int64_t>({1, 5, 60, 3600})) {
      ArchivePolicyItem item{seconds(step), std::nullopt, std::nullopt};
      if (number(0, 2) > 0) {
        item.points = static_cast<std::uint64_t>(number(1, 9000));
        item.timespan = item.granularity * static_cast<std::int64_t>(*item.points);
      }
      definition.push_back(item);
    }
    return policy_of(std::move(definition),
                     some_of<std::string>({"mean", "sum", "last", "max", "min", "std", "median",
                                           "first", "count", "95pct", "rate:mean", "rate:last",
                                           "rate:std", "rate:count"}),
                     static_cast<std::uint32_t>(number(0, 2)));
  }

  /// Some near the last time, late and repeated ones among them, and one that is new.
  std::vector<Measure> measures() {
    std::vector<Measure> all;
    const std::int64_t reach = number(0, 3) == 0 ? 20'000 : 100;
    for (std::int64_t i = number(0, 30); i > 0; --i) {
      const std::int64_t time = std::max<std::int64_t>(newest_ - number(-reach, reach * 2), 0);
      all.push_back(at(time, static_cast<double>(number(-50, 50)) / 4));
    }
    for (const Measure& measure : all) {
      newest_ = std::max(newest_, measure.timestamp.time_since_epoch() / seconds(1) - kBase_s);
    }
    newest_ += number(1, 30);
    all.insert(all.begin() + number(0, static_cast<std::int64_t>(all.size())), at(newest_, 1));
    return all;
  }

  Range range() {
    Range range;
    if (number(0, 1) == 0) range.start = at(newest_ - number(0, 10'000), 0).timestamp;
    if (number(0, 1) == 0) range.stop = at(newest_ - number(-100, 10'000), 0).timestamp;
    return range;
  }

  std::optional<Sampling> sampling() {
    if (number(0, 3) > 0) return std::nullopt;
    return Timespan(seconds(number(1, 500)));
  }

  std::mt19937 random_;
  std::int64_t newest_ = 0;
};

TEST_P(SameAnswers, BeforeAndAfterAPass) {
  PendingFixture f(policy(), {number(0, 1) == 0, false});
  const MetricId metric(Uuid::random());
  std::size_t points = 0;
  for (int round = 0; round < 25; ++round) {
    for (std::int64_t i = number(1, 3); i > 0; --i) f.accept(metric, measures());
    const auto refs = some_of(f.all_refs(metric));
    const Range wanted = range();
    const auto by = sampling();
    const auto before = f.reader.read(refs, wanted, by).series;
    f.storage.lists_all = true;
    ASSERT_EQ(before, f.reader.read(refs, wanted, by).series) << "round " << round;
    f.storage.lists_all = false;
    const auto all_before = f.reader.read(f.all_refs(metric), {}).series;
    f.drain(metric);
    const auto after = f.stored.read(refs, wanted, by).series;
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < refs.size(); ++i) {
      ASSERT_EQ(before[i], after[i]) << "round " << round << " " << refs[i].method << " at "
                                     << refs[i].granularity / seconds(1) << " s";
      points += before[i].size();
    }
    ASSERT_EQ(all_before, f.stored.read(f.all_refs(metric), {}).series) << "round " << round;
    ASSERT_EQ(all_before, f.reader.read(f.all_refs(metric), {}).series) << "round " << round;
  }
  EXPECT_GT(points, 0U);
}

std::map<std::string, Bytes> bytes_of(SteppedStorage& storage) {
  std::map<std::string, Bytes> bytes;
  for (const auto& [name, object] : storage.objects()) bytes[name] = object.data;
  return bytes;
}

TEST_P(SameAnswers, WhateverListsOfSplitsLeaveOut) {
  const StorageTraits traits{number(0, 1) == 0, false};
  const std::array policies{policy(), policy()};
  const std::array metrics{MetricId(Uuid::random()), MetricId(Uuid::random())};
  SteppedStorage storage(traits), listing_all(traits);
  listing_all.lists_all = true;
  support::MemoryLog log;
  Reader reader(storage, nullptr, 0, log), reader_of_all(listing_all, nullptr, 0, log);
  for (int round = 0; round < 40; ++round) {
    if (number(0, 4) == 0) newest_ += number(0, 20'000'000);  // over borders of splits
    const std::array fresh{measures(), measures()};
    std::vector<pipeline::MetricWork> work;
    std::vector<AggregateRef> refs;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const auto plan = std::make_shared<const timeseries::AggregationPlan>(*policies[i]);
      work.push_back({metrics[i], plan, fresh[i]});
      for (const auto& item : policies[i]->definition) {
        for (const auto& method : policies[i]->aggregation_methods) {
          refs.push_back({metrics[i], method, item.granularity, item.timespan, policies[i]});
        }
      }
    }
    const auto ours = [] { return true; };
    pipeline::RawCache no_cache;
    pipeline::store_measures(storage, no_cache, log, work, ours);
    pipeline::store_measures(listing_all, no_cache, log, work, ours);
    ASSERT_EQ(bytes_of(storage), bytes_of(listing_all)) << "round " << round;
    auto asked = some_of(refs);
    const Range wanted = range();
    const auto by = sampling();
    ASSERT_EQ(reader.read(asked, wanted, by).series, reader_of_all.read(asked, wanted, by).series)
        << "round " << round;
    // For ever, so that what is too old does not depend on the range.
    for (AggregateRef& ref : asked) ref.timespan.reset();
    auto expected = reader_of_all.read(asked, {}).series;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto points = within(expected[i], wanted, asked[i].granularity);
      expected[i] = {{points.times.begin(), points.times.end()},
                     {points.values.begin(), points.values.end()}};
    }
    ASSERT_EQ(reader.read(asked, wanted).series, expected) << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Random, SameAnswers, ::testing::Range(0, 60));

}  // namespace
}  // namespace gnocchi::query
