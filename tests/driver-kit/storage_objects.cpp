// Storage: objects are kept byte for byte, listed in order, and removed.
#include <algorithm>

#include "tests/driver-kit/storage_case.h"

namespace gnocchi::kit {
namespace {

using namespace std::chrono_literals;

/// Around the sizes at which file systems, databases and networks change their ways.
constexpr std::size_t kSizes[] = {0, 1, 2, 4095, 8191, 8192, 8193, 65536, 5U << 20U};

TEST_F(Storage, UnknownMetricIsAbsentEverywhere) {
  const MetricId metric = fresh_metric();
  EXPECT_EQ(raw(metric), std::nullopt);
  EXPECT_EQ(split(metric, key(3600)), std::nullopt);
  EXPECT_TRUE(splits(metric).empty());
}

TEST_F(Storage, CallsAboutNothingDoNothing) {
  EXPECT_TRUE(driver().read({}).empty());
  EXPECT_TRUE(driver().list_splits({}, {}).empty());
  EXPECT_TRUE(driver().write(WriteSet{}).verdicts.empty());
  driver().remove_metrics({});
  const MetricId metric = fresh_metric();
  MetricWrites nothing;
  nothing.metric = metric;
  write(nothing);
  EXPECT_EQ(raw(metric), std::nullopt);
  EXPECT_TRUE(splits(metric).empty());
}

TEST_F(Storage, RawSeriesAreReadBackByteForByte) {
  auto random = random_engine();
  for (const std::size_t size : kSizes) {
    const MetricId metric = fresh_metric();
    const Bytes data = random_bytes(random, size);
    write_raw(metric, data);
    ASSERT_TRUE(raw(metric) == data) << size << " bytes";
    remove(metric);
  }
}

TEST_F(Storage, SplitsAreReadBackByteForByte) {
  auto random = random_engine();
  const MetricId metric = fresh_metric();
  std::int64_t start_s = 0;
  for (const std::size_t size : kSizes) {
    const SplitKey at = key(start_s += 3600);
    const Bytes data = random_bytes(random, size);
    write_split(metric, at, data);
    ASSERT_TRUE(split(metric, at) == data) << size << " bytes";
  }
  EXPECT_EQ(splits(metric).size(), std::size(kSizes));
  EXPECT_EQ(raw(metric), std::nullopt) << "splits alone make no raw series";
  remove(metric);
}

TEST_F(Storage, ObjectsAreReplacedByShorterAndByLongerOnes) {
  const MetricId metric = fresh_metric();
  for (const std::string data : {"a long first version", "short", "", "longer again"}) {
    write_raw(metric, data);
    EXPECT_EQ(raw(metric), data);
    write_split(metric, key(3600), data);
    EXPECT_EQ(split(metric, key(3600)), data);
  }
  EXPECT_EQ(splits(metric).size(), 1U);
  remove(metric);
}

TEST_F(Storage, ReadsAnswerInTheOrderAskedWithGapsAndRepetitions) {
  const MetricId first = fresh_metric();
  const MetricId second = fresh_metric();
  write_raw(first, "first raw");
  write_raw(second, "second raw");
  write_split(first, key(3600), "first split");
  const std::vector<ObjectRef> refs = {
      {second, std::nullopt}, {first, key(7200)}, {first, key(3600)},     {fresh_metric(), {}},
      {first, std::nullopt},  {first, key(3600)}, {second, std::nullopt},
  };
  const auto read = driver().read(refs);
  ASSERT_EQ(read.size(), refs.size());
  const std::vector<std::optional<Bytes>> expected = {"second raw", std::nullopt, "first split",
                                                      std::nullopt, "first raw",  "first split",
                                                      "second raw"};
  for (std::size_t i = 0; i != read.size(); ++i) {
    ASSERT_EQ(read[i].has_value(), expected[i].has_value()) << "entry " << i;
    if (read[i]) {
      EXPECT_EQ(read[i]->data, *expected[i]) << "entry " << i;
    }
  }
  remove(first);
  remove(second);
}

TEST_F(Storage, SplitsAreListedSortedByMethodGranularityAndStart) {
  const MetricId metric = fresh_metric();
  // Numeric order differs from that of names: 36000.0 sorts before 7200.0 as text.
  std::vector<SplitKey> keys = {
      key(36000, 1s, "mean"),       key(7200, 1s, "mean"),   key(0, 60s, "mean"),
      key(0, 300s, "mean"),         key(7200, 1s, "95pct"),  key(7200, 1s, "rate:mean"),
      key(1420128000, 1s, "count"), key(7200, 1s, "median"), key(7200, 1s, "rate:95pct"),
  };
  MetricWrites writes;
  writes.metric = metric;
  writes.raw = "raw";
  for (const SplitKey& each : keys) writes.splits.push_back({each, std::nullopt, "x"});
  write(writes);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(splits(metric), keys);

  const std::vector<MetricId> asked = {fresh_metric(), metric, fresh_metric(), metric};
  const auto lists = driver().list_splits(asked, {});
  ASSERT_EQ(lists.size(), 4U);
  EXPECT_TRUE(lists[0].empty());
  EXPECT_EQ(lists[1], keys);
  EXPECT_TRUE(lists[2].empty());
  EXPECT_EQ(lists[3], keys);
  remove(metric);
}

TEST_F(Storage, OnlySplitsThatTheFilterAdmitsAreListed) {
  const MetricId metric = fresh_metric();
  const MetricId other = fresh_metric();
  WriteSet set;
  for (const MetricId& each : {metric, other}) {
    MetricWrites writes;
    writes.metric = each;
    writes.raw = "raw";
    for (const char* method : {"mean", "max", "rate:mean", "95pct"}) {
      for (const std::int64_t start : {0, 3600, 7200}) {
        writes.splits.push_back({key(start, 1s, method), std::nullopt, "x"});
        writes.splits.push_back({key(60 * start, 60s, method), std::nullopt, "x"});
      }
    }
    set.metrics.push_back(std::move(writes));
  }
  ASSERT_EQ(driver().write(set).verdicts, std::vector<WriteVerdict>(2, WriteVerdict::done));
  const std::vector<SplitKey> all = splits(metric);
  ASSERT_EQ(all.size(), 24U);

  const auto at = [](std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); };
  const std::vector<SplitFilter> filters = {
      {.methods = {"mean"}},
      {.methods = {"rate:mean", "95pct"}},
      {.methods = {"mea"}},
      {.granularities = {60s}},
      {.granularities = {1s, 60s}, .first = at(3600)},
      {.granularities = {2s}},
      {.first = at(3600), .last = at(7200)},
      {.methods = {"max"}, .granularities = {1s}, .last = at(0)},
      {.methods = {"max", "95pct"},
       .granularities = {60s, 1s},
       .first = at(1),
       .last = at(216'000)},
      {.first = at(1'000'000)},
  };
  const std::vector<MetricId> asked = {other, fresh_metric(), metric};
  for (const SplitFilter& filter : filters) {
    std::vector<SplitKey> expected;
    for (const SplitKey& each : all) {
      if (filter.admits(each)) expected.push_back(each);
    }
    const auto lists = driver().list_splits(asked, filter);
    ASSERT_EQ(lists.size(), 3U);
    EXPECT_EQ(lists[0], expected);
    EXPECT_TRUE(lists[1].empty());
    EXPECT_EQ(lists[2], expected);
  }
  driver().remove_metrics(asked);
}

TEST_F(Storage, GranularitiesBelowASecondAreKeptApart) {
  const MetricId metric = fresh_metric();
  const Timestamp start(1420128000s);
  std::vector<SplitKey> keys;
  for (const Timespan granularity : {Timespan(1ms), Timespan(10ms), Timespan(100ms),
                                     Timespan(500ms), Timespan(1s), Timespan(1500ms)}) {
    keys.push_back({start, granularity, "mean"});
    keys.push_back({start + 3600 * granularity, granularity, "mean"});
  }
  for (const SplitKey& each : keys) write_split(metric, each, object_name({metric, each}));
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(splits(metric), keys);
  for (const SplitKey& each : keys) EXPECT_EQ(split(metric, each), object_name({metric, each}));
  remove(metric);
}

TEST_F(Storage, OneCallWritesManyObjectsOfManyMetrics) {
  constexpr std::size_t kMetrics = 100;
  std::vector<MetricId> metrics;
  std::vector<ObjectRef> refs;
  WriteSet set;
  for (std::size_t i = 0; i != kMetrics; ++i) {
    metrics.push_back(fresh_metric());
    MetricWrites writes;
    writes.metric = metrics.back();
    writes.splits = {{key(0, 60s), std::nullopt, "a" + std::to_string(i)},
                     {key(0, 300s, "max"), std::nullopt, "b" + std::to_string(i)}};
    writes.raw = "r" + std::to_string(i);
    set.metrics.push_back(std::move(writes));
    refs.push_back({metrics.back(), key(0, 60s)});
    refs.push_back({metrics.back(), key(0, 300s, "max")});
    refs.push_back({metrics.back(), std::nullopt});
  }
  note("write 100 metrics with two splits and a raw series each");
  const WriteReport report = driver().write(set);
  ASSERT_EQ(report.verdicts, std::vector<WriteVerdict>(kMetrics, WriteVerdict::done));
  const auto read = driver().read(refs);
  ASSERT_EQ(read.size(), refs.size());
  constexpr std::string_view kPrefixes = "abr";
  for (std::size_t i = 0; i != read.size(); ++i) {
    ASSERT_TRUE(read[i]) << i;
    EXPECT_EQ(read[i]->data, kPrefixes[i % 3] + std::to_string(i / 3));
  }
  driver().remove_metrics(metrics);
  for (const auto& list : driver().list_splits(metrics, {})) EXPECT_TRUE(list.empty());
  for (const auto& object : driver().read(refs)) EXPECT_FALSE(object);
}

TEST_F(Storage, RemovalsTakeAwayWhatTheyNameAndNothingElse) {
  const MetricId metric = fresh_metric();
  for (const std::int64_t start : {0, 3600, 7200}) write_split(metric, key(start), "x");
  write_split(metric, key(3600, 1s, "max"), "x");
  write_raw(metric, "raw");

  MetricWrites writes;
  writes.metric = metric;
  writes.removals = {key(3600), key(36000)};  // the second is not there
  write(writes);
  EXPECT_EQ(splits(metric), (std::vector<SplitKey>{key(3600, 1s, "max"), key(0), key(7200)}));
  EXPECT_EQ(split(metric, key(3600)), std::nullopt);
  EXPECT_EQ(raw(metric), "raw");
  remove(metric);
}

TEST_F(Storage, OneSetRemovesAndWritesSplitsOfAMetric) {
  const MetricId metric = fresh_metric();
  write_split(metric, key(0), "old");
  MetricWrites writes;
  writes.metric = metric;
  writes.removals = {key(0)};
  writes.splits = {{key(3600), std::nullopt, "new"}};
  writes.raw = "raw";
  write(writes);
  EXPECT_EQ(splits(metric), std::vector<SplitKey>{key(3600)});
  EXPECT_EQ(split(metric, key(3600)), "new");
  remove(metric);
}

TEST_F(Storage, RemovingAMetricRemovesAllOfIt) {
  const MetricId metric = fresh_metric();
  const MetricId other = fresh_metric();
  for (const MetricId& each : {metric, other}) {
    write_raw(each, "raw");
    write_split(each, key(0), "split");
    write_split(each, key(0, 60s, "max"), "split");
  }
  remove(metric);
  EXPECT_EQ(raw(metric), std::nullopt);
  EXPECT_EQ(split(metric, key(0)), std::nullopt);
  EXPECT_TRUE(splits(metric).empty());
  EXPECT_EQ(raw(other), "raw") << "another metric lost its raw series";
  EXPECT_EQ(splits(other).size(), 2U) << "another metric lost its splits";
  remove(other);
}

TEST_F(Storage, RemovingTheAbsentIsHarmless) {
  const MetricId metric = fresh_metric();
  remove(metric);
  write_raw(metric, "raw");
  remove(metric);
  remove(metric);
  EXPECT_EQ(raw(metric), std::nullopt);
}

TEST_F(Storage, ARemovedMetricCanBeWrittenAgain) {
  const MetricId metric = fresh_metric();
  write_raw(metric, "first life");
  write_split(metric, key(0), "first life");
  remove(metric);
  write_raw(metric, "second life");
  EXPECT_EQ(raw(metric), "second life");
  EXPECT_TRUE(splits(metric).empty());
  remove(metric);
}

TEST_F(Storage, UpgradeTwiceKeepsWhatIsStored) {
  const MetricId metric = fresh_metric();
  write_raw(metric, "raw");
  driver().upgrade();
  driver().upgrade();
  EXPECT_EQ(raw(metric), "raw");
  remove(metric);
}

TEST_F(Storage, WhatIsStoredSurvivesARestart) {
  if (!target().keeps) GTEST_SKIP() << "--volatile: the driver keeps nothing over a restart";
  const MetricId metric = fresh_metric();
  write_raw(metric, "raw");
  write_split(metric, key(3600), "split");
  const std::uint64_t version = version_of(metric);
  restart();
  EXPECT_EQ(raw(metric), "raw");
  EXPECT_EQ(version_of(metric), version);
  EXPECT_EQ(splits(metric), std::vector<SplitKey>{key(3600)});
  EXPECT_EQ(split(metric, key(3600)), "split");
  remove(metric);
}

TEST_F(Storage, TwoInstancesSeeEachOthersWrites) {
  if (!target().keeps) GTEST_SKIP() << "--volatile: each instance has a memory of its own";
  const MetricId metric = fresh_metric();
  const auto other = another();
  write_raw(metric, "raw");
  const ObjectRef ref{metric, std::nullopt};
  const auto read = other->read(std::span(&ref, 1));
  ASSERT_TRUE(read.size() == 1 && read[0]);
  EXPECT_EQ(read[0]->data, "raw");
  other->remove_metrics(std::span(&metric, 1));
  EXPECT_EQ(raw(metric), std::nullopt);
  other->stop();
}

}  // namespace
}  // namespace gnocchi::kit
