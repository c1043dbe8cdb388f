// Series: what patches, whole writes and removals leave, in memory, in tables, after a reopening.
#include <map>
#include <random>
#include <thread>

#include "database.h"
#include "support.h"

namespace gnocchi::rocks::test {
namespace {

/// Everything out of memory into tables, and those into one another.
void compact(const std::filesystem::path& path) {
  Lent lent(path);
  Database database(DatabaseOptions::from(lent.options), false);
  for (std::size_t i = 0; i < kFamilies; ++i) {
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(database.db()
                    .CompactRange(all, database.family(static_cast<Family>(i)), nullptr, nullptr)
                    .ok());
  }
}

TEST(RocksSeries, PatchesOfManyPassesAreOneSplitWhereverTheyLie) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  const SplitKey key = key_of("mean");
  std::mt19937_64 random(7);
  std::string expected;
  std::uint64_t version = 0;
  for (int round = 0; round < 4; ++round) {
    {
      Both both(directory.path);
      for (int i = 0; i < 50; ++i) {
        MetricWrites writes = writes_of(metric, version, "raw " + std::to_string(i));
        const std::uint64_t offset = random() % 2000 + 1;
        const std::string data(9, static_cast<char>('a' + i % 26));
        writes.splits.push_back({key, offset, data});
        if (expected.size() < offset + 9) expected.resize(offset + 9, '\0');
        expected.replace(offset, 9, data);
        ASSERT_EQ(write_one(both.storage, std::move(writes)), WriteVerdict::done);
        version = read_one(both.storage, {metric, std::nullopt})->version;
      }
      ASSERT_EQ(read_one(both.storage, {metric, key})->data, expected);
    }
    if (round % 2 == 1) compact(directory.path);
    Both both(directory.path);
    ASSERT_EQ(read_one(both.storage, {metric, key})->data, expected);
    ASSERT_EQ(read_one(both.storage, {metric, std::nullopt})->version, version);
    ASSERT_EQ(both.storage.list_splits(std::span(&metric, 1), {}).at(0),
              std::vector<SplitKey>{key});
  }
}

/// The newest patches are in the metric's record, older ones in the splits.
TEST(RocksSeries, ManySplitsOfAMetricKeepTheirPatchesApart) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  std::mt19937_64 random(11);
  std::map<SplitKey, std::string> expected;
  std::uint64_t version = 0;
  for (int round = 0; round < 3; ++round) {
    {
      Both both(directory.path);
      for (int pass = 0; pass < 60; ++pass) {
        MetricWrites writes = writes_of(metric, version, "raw");
        for (const char* method : {"count", "mean", "95pct"}) {
          for (const std::int64_t granularity : {1, 60}) {
            // Mostly the newest split, sometimes an older one, even one that is not remembered.
            const std::int64_t start = (pass / 10 - (random() % 8 == 0 ? 2 : 0)) * 3600;
            const SplitKey key = key_of(method, start, granularity);
            const std::uint64_t offset = 1 + random() % 50;
            const std::string data(1 + random() % 90, static_cast<char>('a' + pass % 26));
            std::string& split = expected[key];
            if (split.size() < offset + data.size()) split.resize(offset + data.size(), '\0');
            split.replace(offset, data.size(), data);
            writes.splits.push_back({key, offset, data});
          }
        }
        ASSERT_EQ(write_one(both.storage, std::move(writes)), WriteVerdict::done);
        version = read_one(both.storage, {metric, std::nullopt})->version;
      }
    }
    if (round == 1) compact(directory.path);
    Both both(directory.path);
    std::vector<ObjectRef> refs;
    for (const auto& [key, split] : expected) refs.push_back({metric, key});
    refs.push_back({metric, std::nullopt});
    refs.push_back({MetricId(Uuid::random()), key_of("mean")});
    const auto objects = both.storage.read(refs);
    std::size_t i = 0;
    for (const auto& [key, split] : expected) ASSERT_EQ(objects.at(i++)->data, split);
    EXPECT_EQ(objects.at(i)->version, version);
    EXPECT_FALSE(objects.at(i + 1));
    EXPECT_EQ(both.storage.list_splits(std::span(&metric, 1), {}).at(0).size(), expected.size());
  }
}

TEST(RocksSeries, WhatReplacesOrRemovesASplitTakesItsPatchesAlong) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  Both both(directory.path);
  auto next = [&, version = std::uint64_t{0}](auto change) mutable {
    MetricWrites writes = writes_of(metric, version, "raw");
    change(writes);
    ASSERT_EQ(write_one(both.storage, std::move(writes)), WriteVerdict::done);
    version = read_one(both.storage, {metric, std::nullopt})->version;
  };
  const std::string cell("\1cell", 5);
  next([&](MetricWrites& writes) {
    for (const char* method : {"max", "mean", "min"}) {
      writes.splits.push_back({key_of(method), 0, cell});
    }
  });
  next([&](MetricWrites& writes) {
    writes.removals.push_back(key_of("max"));
    writes.splits.push_back({key_of("mean"), std::nullopt, "compressed"});
    writes.splits.push_back({key_of("min"), std::nullopt, std::string("\1padded", 7)});
  });
  EXPECT_FALSE(read_one(both.storage, {metric, key_of("max")}));
  EXPECT_EQ(read_one(both.storage, {metric, key_of("mean")})->data, "compressed");
  EXPECT_EQ(read_one(both.storage, {metric, key_of("min")})->data, std::string("\1padded", 7));
  next([&](MetricWrites& writes) {
    writes.splits.push_back({key_of("max"), 5, cell});
    writes.splits.push_back({key_of("min"), 7, cell});
  });
  EXPECT_EQ(read_one(both.storage, {metric, key_of("max")})->data, std::string(5, '\0') + cell);
  EXPECT_EQ(read_one(both.storage, {metric, key_of("min")})->data,
            std::string("\1padded", 7) + cell);
  both.storage.remove_metrics(std::span(&metric, 1));
  EXPECT_FALSE(read_one(both.storage, {metric, key_of("min")}));
}

/// Long enough to be written as a split, not as a patch of nothing.
TEST(RocksSeries, WhatBeginsASplitIsPatchedLikeAnyOther) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  Both both(directory.path);
  const std::string cells(900, '\1');
  const std::uint64_t offsets[] = {0, 900, 5000};
  MetricWrites writes = writes_of(metric, 0, "raw");
  for (const std::uint64_t offset : offsets) {
    const auto start = static_cast<std::int64_t>(offset) * 3600;
    writes.splits.push_back({key_of("mean", start), offset, cells});
  }
  ASSERT_EQ(write_one(both.storage, std::move(writes)), WriteVerdict::done);
  MetricWrites more =
      writes_of(metric, read_one(both.storage, {metric, std::nullopt})->version, "raw");
  for (const std::uint64_t offset : offsets) {
    const SplitKey key = key_of("mean", static_cast<std::int64_t>(offset) * 3600);
    EXPECT_EQ(read_one(both.storage, {metric, key})->data, std::string(offset, '\0') + cells);
    more.splits.push_back({key, offset + 450, cells});
  }
  ASSERT_EQ(write_one(both.storage, std::move(more)), WriteVerdict::done);
  for (const std::uint64_t offset : offsets) {
    const SplitKey key = key_of("mean", static_cast<std::int64_t>(offset) * 3600);
    EXPECT_EQ(read_one(both.storage, {metric, key})->data,
              std::string(offset, '\0') + std::string(1350, '\1'));
  }
}

TEST(RocksSeries, ASplitIsReadAsItWasAtOneMoment) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  Both both(directory.path);
  // Each pass writes two cells, one of them anew: whoever mixes moments sees an old or no cell.
  std::jthread writer([&](const std::stop_token& stop) {
    std::uint64_t version = 0;
    for (std::uint64_t pass = 0; !stop.stop_requested(); ++pass) {
      MetricWrites writes = writes_of(metric, version, "raw");
      const std::string number = std::to_string(1'000'000'000 + pass);
      writes.splits.push_back({key_of("mean"), 1, number});
      writes.splits.push_back({key_of("max"), 11 + pass % 100 * 10, number});
      writes.splits.push_back({key_of("min"), 1, number});
      EXPECT_EQ(write_one(both.storage, std::move(writes)), WriteVerdict::done);
      version = read_one(both.storage, {metric, std::nullopt})->version;
    }
  });
  std::uint64_t newest = 0;
  const std::vector<ObjectRef> refs = {
      {metric, key_of("max")}, {metric, key_of("mean")}, {metric, key_of("min")}};
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (std::chrono::steady_clock::now() < until) {
    const auto objects = both.storage.read(refs);
    if (!objects[0]) continue;
    const std::string number = objects[1]->data.substr(1);
    ASSERT_EQ(objects[2]->data.substr(1), number);
    const std::uint64_t pass = std::stoull(number) - 1'000'000'000;
    ASSERT_GE(pass, newest);
    newest = pass;
    ASSERT_EQ(objects[0]->data.substr(11 + pass % 100 * 10, 10), number);
  }
  EXPECT_GT(newest, 0U);
}

TEST(RocksSeries, ACompressedSplitIsNoticedBehindPatchesOfOthers) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  Both both(directory.path);
  MetricWrites writes = writes_of(metric, 0, "raw");
  for (const std::int64_t start : {0, 3600, 7200}) {
    writes.splits.push_back({key_of("mean", start), 0, std::string("\1one", 4)});
  }
  ASSERT_EQ(write_one(both.storage, std::move(writes)), WriteVerdict::done);
  std::uint64_t version = read_one(both.storage, {metric, std::nullopt})->version;
  for (const std::int64_t start : {7200, 0}) {  // remembered as open, and no longer remembered
    MetricWrites closing = writes_of(metric, version, "raw");
    closing.splits.push_back({key_of("mean", start), std::nullopt, "compressed"});
    ASSERT_EQ(write_one(both.storage, std::move(closing)), WriteVerdict::done);
    version = read_one(both.storage, {metric, std::nullopt})->version;
    MetricWrites late = writes_of(metric, version, "must not appear");
    late.splits.push_back({key_of("mean", start), 4, "late"});
    EXPECT_EQ(write_one(both.storage, std::move(late)), WriteVerdict::not_padded);
    EXPECT_EQ(read_one(both.storage, {metric, key_of("mean", start)})->data, "compressed");
    EXPECT_EQ(read_one(both.storage, {metric, std::nullopt})->data, "raw");
  }
  MetricWrites other = writes_of(metric, version, "new");
  other.splits.push_back({key_of("mean", 3600), 4, "two"});
  EXPECT_EQ(write_one(both.storage, std::move(other)), WriteVerdict::done);
  EXPECT_EQ(read_one(both.storage, {metric, key_of("mean", 3600)})->data,
            std::string("\1onetwo", 7));
}

TEST(RocksSeries, AMetricMadeAnewHasAVersionOfItsOwn) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  Both both(directory.path);
  ASSERT_EQ(write_one(both.storage, writes_of(metric, 0, "old")), WriteVerdict::done);
  const std::uint64_t old = read_one(both.storage, {metric, std::nullopt})->version;
  both.storage.remove_metrics(std::span(&metric, 1));
  EXPECT_FALSE(read_one(both.storage, {metric, std::nullopt}));
  ASSERT_EQ(write_one(both.storage, writes_of(metric, 0, "new")), WriteVerdict::done);
  EXPECT_EQ(write_one(both.storage, writes_of(metric, old, "stale")), WriteVerdict::stale);
  EXPECT_EQ(read_one(both.storage, {metric, std::nullopt})->data, "new");
}

TEST(RocksSeries, AMetricThatASetHoldsTwiceIsWrittenOnce) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  Both both(directory.path);
  WriteSet set;
  set.metrics = {writes_of(metric, 0, "first"), writes_of(metric, 0, "second")};
  EXPECT_EQ(both.storage.write(set).verdicts,
            (std::vector<WriteVerdict>{WriteVerdict::done, WriteVerdict::stale}));
  EXPECT_EQ(read_one(both.storage, {metric, std::nullopt})->data, "first");
}

TEST(RocksSeries, RemovalLeavesNothingInTheTables) {
  const TemporaryDirectory directory;
  std::vector<MetricId> metrics(700);  // more than are removed at once
  {
    Both both(directory.path);
    WriteSet set;
    for (MetricId& metric : metrics) {
      metric = MetricId(Uuid::random());
      set.metrics.push_back(writes_of(metric, 0, "raw"));
      set.metrics.back().splits.push_back({key_of("mean"), std::nullopt, "compressed"});
      set.metrics.back().splits.push_back({key_of("max"), 0, std::string("\1cell", 5)});
    }
    const WriteReport report = both.storage.write(set);
    ASSERT_EQ(report.verdicts, std::vector<WriteVerdict>(metrics.size(), WriteVerdict::done));
    both.storage.remove_metrics(metrics);
  }
  compact(directory.path);
  Lent lent(directory.path);
  Database database(DatabaseOptions::from(lent.options), false);
  for (const Family family : {Family::metrics, Family::splits, Family::names}) {
    const std::unique_ptr<rocksdb::Iterator> keys(
        database.db().NewIterator({}, database.family(family)));
    keys->SeekToFirst();
    EXPECT_FALSE(keys->Valid()) << "family " << static_cast<std::size_t>(family);
  }
}

}  // namespace
}  // namespace gnocchi::rocks::test
