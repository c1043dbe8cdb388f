// Storage: patches of padded splits, versions, and many threads at once.
#include <atomic>
#include <thread>

#include "tests/driver-kit/storage_case.h"

namespace gnocchi::kit {
namespace {

using namespace std::chrono_literals;

class StoragePatch : public Storage {
 protected:
  void SetUp() override {
    Storage::SetUp();
    if (!IsSkipped() && !driver().traits().partial_writes) {
      GTEST_SKIP() << "the driver has not the trait partial_writes";
    }
  }

  static MetricWrites patch(const MetricId& metric, std::uint64_t offset, Bytes data) {
    MetricWrites writes;
    writes.metric = metric;
    writes.splits.push_back({key(3600), offset, std::move(data)});
    return writes;
  }
};

TEST_F(StoragePatch, PatchesWithinASplitReplaceThoseBytesOnly) {
  const MetricId metric = fresh_metric();
  write_split(metric, key(3600), padded("abcdefgh"));
  write(patch(metric, 3, "XY"));
  EXPECT_EQ(split(metric, key(3600)), padded("abXYefgh"));
  write(patch(metric, 0, Bytes(1, '\0')));
  EXPECT_EQ(split(metric, key(3600)), Bytes(1, '\0') + "abXYefgh");
  remove(metric);
}

TEST_F(StoragePatch, PatchesAtAndAcrossTheEndMakeASplitLonger) {
  const MetricId metric = fresh_metric();
  write_split(metric, key(3600), padded("ab"));
  write(patch(metric, 3, "cd"));
  EXPECT_EQ(split(metric, key(3600)), padded("abcd"));
  write(patch(metric, 4, "XYZ"));
  EXPECT_EQ(split(metric, key(3600)), padded("abcXYZ"));
  remove(metric);
}

TEST_F(StoragePatch, WhatLiesBetweenTheEndAndAPatchReadsAsZeros) {
  const MetricId metric = fresh_metric();
  write_split(metric, key(3600), padded("a"));
  write(patch(metric, 20000, "z"));
  EXPECT_EQ(split(metric, key(3600)), padded("a") + Bytes(19998, '\0') + "z");
  remove(metric);
}

TEST_F(StoragePatch, APatchOfAnAbsentSplitCreatesIt) {
  const MetricId metric = fresh_metric();
  write(patch(metric, 4, "data"));
  EXPECT_EQ(split(metric, key(3600)), Bytes(4, '\0') + "data");
  EXPECT_EQ(splits(metric), std::vector<SplitKey>{key(3600)});
  remove(metric);
}

TEST_F(StoragePatch, OneSetPatchesAndReplacesSplitsOfAMetric) {
  const MetricId metric = fresh_metric();
  write_split(metric, key(3600), padded("aaaaaaaa"));
  write_split(metric, key(0), compressed("ompressed"));
  MetricWrites writes = patch(metric, 5, "c");
  writes.splits.push_back({key(7200), 2, "d"});
  writes.splits.push_back({key(0), std::nullopt, padded("whole")});
  writes.raw = "raw";
  write(writes);
  EXPECT_EQ(split(metric, key(3600)), padded("aaaacaaa"));
  EXPECT_EQ(split(metric, key(7200)), Bytes(2, '\0') + "d");
  EXPECT_EQ(split(metric, key(0)), padded("whole"));
  EXPECT_EQ(raw(metric), "raw");
  remove(metric);
}

TEST_F(StoragePatch, APatchMustNotTouchACompressedSplit) {
  const MetricId metric = fresh_metric();
  const MetricId other = fresh_metric();
  write_split(metric, key(3600), compressed("ompressed"));
  write_split(metric, key(0), "stays");
  write_raw(metric, "raw");

  WriteSet set;
  set.metrics.push_back(patch(metric, 3, "XY"));
  set.metrics[0].expected_version = version_of(metric);
  set.metrics[0].removals = {key(0)};
  set.metrics[0].splits.push_back({key(7200), std::nullopt, "must not appear"});
  set.metrics[0].raw = "must not appear";
  set.metrics.push_back(patch(other, 0, padded("fine")));
  note("write a set whose first metric meets a compressed split");
  const WriteReport report = driver().write(set);
  EXPECT_EQ(report.verdicts,
            (std::vector<WriteVerdict>{WriteVerdict::not_padded, WriteVerdict::done}));
  EXPECT_EQ(split(metric, key(3600)), compressed("ompressed"));
  EXPECT_EQ(splits(metric), (std::vector<SplitKey>{key(0), key(3600)}));
  EXPECT_EQ(raw(metric), "raw");
  EXPECT_EQ(split(other, key(3600)), padded("fine"));
  remove(metric);
  remove(other);
}

TEST_F(StoragePatch, AReaderDuringAPatchMeetsTheOldBytesOrTheNew) {
  const MetricId metric = fresh_metric();
  constexpr std::size_t kSize = 9 * 3600;
  write_split(metric, key(3600), padded(Bytes(kSize, 'a')));
  std::atomic<bool> done = false;
  in_threads(3, [&](std::size_t i) {
    if (i == 0) {
      for (int round = 0; round != 40; ++round) {
        write(patch(metric, 1, Bytes(kSize, static_cast<char>('a' + round % 8))));
      }
      done = true;
      return;
    }
    do {
      const auto data = split(metric, key(3600));
      if (!data || data->size() != kSize + 1 ||
          data->find_first_not_of((*data)[1], 1) != Bytes::npos) {
        ADD_FAILURE() << "a reader met " << (data ? "a mixture of two patches" : "nothing");
        return;
      }
    } while (!done);
  });
  remove(metric);
}

class StorageVersion : public Storage {};

TEST_F(StorageVersion, VersionsAreZeroUnlessTheTraitSaysOtherwise) {
  const MetricId metric = fresh_metric();
  write_raw(metric, "raw");
  write_split(metric, key(0), "split");
  if (driver().traits().versioned) {
    EXPECT_NE(version_of(metric), 0U) << "0 means that there is no raw series";
  } else {
    EXPECT_EQ(version_of(metric), 0U);
    EXPECT_EQ(object(metric, key(0))->version, 0U);
  }
  remove(metric);
}

TEST_F(StorageVersion, AWriteTellsTheVersionThatAReadWouldTell) {
  const MetricId metric = fresh_metric();
  const MetricId without_raw = fresh_metric();
  std::uint64_t known = 0;
  for (const char* data : {"first", "second", "third"}) {
    WriteSet set;
    set.metrics.resize(2);
    set.metrics[0].metric = metric;
    set.metrics[0].expected_version = known;
    set.metrics[0].splits.push_back({key(0), std::nullopt, data});
    set.metrics[0].raw = data;
    set.metrics[1].metric = without_raw;
    set.metrics[1].splits.push_back({key(0), std::nullopt, data});
    const WriteReport report = driver().write(set);
    ASSERT_EQ(report.verdicts, std::vector<WriteVerdict>(2, WriteVerdict::done)) << data;
    ASSERT_EQ(report.versions.size(), 2U);
    EXPECT_EQ(report.versions[1], 0U);
    if (report.versions[0] != 0) EXPECT_EQ(report.versions[0], version_of(metric));
    known = version_of(metric);
  }
  remove(metric);
  remove(without_raw);
}

TEST_F(StorageVersion, AStaleMetricIsNotWrittenAndOthersAre) {
  if (!driver().traits().versioned) GTEST_SKIP() << "the driver has not the trait versioned";
  const MetricId metric = fresh_metric();
  const MetricId other = fresh_metric();
  write_raw(metric, "first");
  const std::uint64_t first = version_of(metric);
  write_raw(metric, "second");
  EXPECT_NE(version_of(metric), first);

  WriteSet set;
  set.metrics.resize(2);
  set.metrics[0].metric = metric;
  set.metrics[0].expected_version = first;
  set.metrics[0].splits.push_back({key(0), std::nullopt, "must not appear"});
  set.metrics[0].raw = "must not appear";
  set.metrics[1].metric = other;
  set.metrics[1].raw = "fine";
  note("write a set whose first metric is stale");
  EXPECT_EQ(driver().write(set).verdicts,
            (std::vector<WriteVerdict>{WriteVerdict::stale, WriteVerdict::done}));
  EXPECT_EQ(raw(metric), "second");
  EXPECT_TRUE(splits(metric).empty());
  EXPECT_EQ(raw(other), "fine");

  MetricWrites as_if_new;
  as_if_new.metric = metric;
  as_if_new.raw = "must not appear";
  EXPECT_EQ(verdict_as_it_is(as_if_new), WriteVerdict::stale);
  EXPECT_EQ(raw(metric), "second");
  remove(metric);
  remove(other);
}

TEST_F(StorageVersion, OfWritersThatReadTheSameVersionExactlyOneWins) {
  if (!driver().traits().versioned) GTEST_SKIP() << "the driver has not the trait versioned";
  const MetricId metric = fresh_metric();
  for (int round = 0; round != 20; ++round) {
    const std::uint64_t version = version_of(metric);
    std::atomic<int> winners = 0;
    in_threads(4, [&](std::size_t i) {
      WriteSet set;
      set.metrics.resize(1);
      set.metrics[0].metric = metric;
      set.metrics[0].expected_version = version;
      set.metrics[0].raw = "by " + std::to_string(i);
      if (driver().write(set).verdicts.at(0) == WriteVerdict::done) ++winners;
    });
    ASSERT_EQ(winners, 1) << "round " << round;
  }
  remove(metric);
}

class StorageThreads : public Storage {
 protected:
  static constexpr std::size_t kThreads = 8;
};

TEST_F(StorageThreads, EightThreadsOnManyMetricsDoNotDisturbEachOther) {
  in_threads(kThreads, [&](std::size_t i) {
    auto random = random_engine(i);
    for (int round = 0; round != 15; ++round) {
      const MetricId metric = fresh_metric();
      const Bytes data = random_bytes(random, 1 + random() % 10000);
      write_raw(metric, data);
      write_split(metric, key(0), data);
      EXPECT_TRUE(raw(metric) == data);
      EXPECT_TRUE(split(metric, key(0)) == data);
      EXPECT_EQ(splits(metric), std::vector<SplitKey>{key(0)});
      remove(metric);
      EXPECT_EQ(raw(metric), std::nullopt);
    }
  });
}

TEST_F(StorageThreads, EightThreadsWritingDifferentSplitsOfOneMetricLoseNone) {
  if (driver().traits().versioned) {
    GTEST_SKIP() << "the driver has the trait versioned: it refuses all but one writer";
  }
  const MetricId metric = fresh_metric();
  constexpr std::int64_t kRounds = 15;
  in_threads(kThreads, [&](std::size_t i) {
    for (std::int64_t round = 0; round != kRounds; ++round) {
      const SplitKey mine = key(3600 * (static_cast<std::int64_t>(i) * kRounds + round));
      write_split(metric, mine, object_name({metric, mine}));
    }
  });
  const std::vector<SplitKey> all = splits(metric);
  EXPECT_EQ(all.size(), kThreads * kRounds);
  for (const SplitKey& each : all) EXPECT_EQ(split(metric, each), object_name({metric, each}));
  remove(metric);
}

/// Objects that are one letter over and over, each of a length of its own: a mixture shows.
bool is_whole(const Bytes& data) {
  if (data.empty()) return false;
  const char letter = data[0];
  return data.find_first_not_of(letter) == Bytes::npos &&
         data.size() == 3000U + 2000U * static_cast<std::size_t>(letter - 'a');
}

TEST_F(StorageThreads, AReaderDuringAWriteMeetsTheOldBytesOrTheNew) {
  const MetricId metric = fresh_metric();
  const auto version = [](char letter) {
    return Bytes(3000U + 2000U * static_cast<std::size_t>(letter - 'a'), letter);
  };
  write_raw(metric, version('a'));
  write_split(metric, key(0), version('a'));
  std::atomic<bool> done = false;
  in_threads(5, [&](std::size_t i) {
    if (i == 0) {
      for (int round = 0; round != 60; ++round) {
        MetricWrites writes;
        writes.metric = metric;
        writes.raw = version(static_cast<char>('a' + round % 8));
        writes.splits.push_back({key(0), std::nullopt, *writes.raw});
        write(std::move(writes));
      }
      done = true;
      return;
    }
    do {
      const std::vector<ObjectRef> refs = {{metric, std::nullopt}, {metric, key(0)}};
      for (const auto& object : driver().read(refs)) {
        if (!object || !is_whole(object->data)) {
          ADD_FAILURE() << "a reader met " << (object ? "a mixture of two writes" : "nothing");
          return;
        }
      }
    } while (!done);
  });
  remove(metric);
}

TEST_F(StorageThreads, ListingDuringWritesMissesNothingThatWasThere) {
  const MetricId metric = fresh_metric();
  write_split(metric, key(0), "there");
  std::atomic<bool> done = false;
  in_threads(2, [&](std::size_t i) {
    if (i == 0) {
      for (std::int64_t round = 1; round != 60; ++round) {
        MetricWrites writes;
        writes.metric = metric;
        writes.splits.push_back({key(3600 * round), std::nullopt, "x"});
        if (round > 1) writes.removals.push_back(key(3600 * (round - 1)));
        write(std::move(writes));
      }
      done = true;
      return;
    }
    do {
      const auto listed = splits(metric);
      if (listed.empty() || listed.front() != key(0)) {
        ADD_FAILURE() << "a split that nobody touched is not listed";
        return;
      }
    } while (!done);
  });
  remove(metric);
}

}  // namespace
}  // namespace gnocchi::kit
