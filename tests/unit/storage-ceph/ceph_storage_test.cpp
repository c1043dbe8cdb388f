#include "ceph_storage.h"

#include <algorithm>
#include <memory>
#include <tuple>

#include "set_writer.h"
#include "support.h"

namespace gnocchi::ceph::test {
namespace {

using namespace std::chrono_literals;

SplitKey key(std::int64_t start_s, std::string method = "mean") {
  return {Timestamp(std::chrono::seconds(start_s)), 1s, std::move(method)};
}

Bytes cell() { return std::string("\1\0\0\0\0\0\0\xf0\x3f", 9); }

/// A process, whose writes can be stopped between their rounds.
struct Worker {
  Worker() : cluster(ClusterOptions::from(Lent().options)) { cluster.connect(); }
  SetWriter writer(const WriteSet& set) { return {cluster, counts, versions, set}; }

  Cluster cluster;
  OperationCounts counts;
  SplitVersions versions{std::size_t{1} << 20};
};

class CephStorageTest : public ClusterCase {
 protected:
  static std::optional<StoredObject> read(CephStorage& storage, const MetricId& metric,
                                          std::optional<SplitKey> split = {}) {
    const ObjectRef ref{metric, std::move(split)};
    return storage.read(std::span(&ref, 1)).at(0);
  }
  static std::uint64_t version_of(CephStorage& storage, const MetricId& metric) {
    const auto raw = read(storage, metric);
    return raw ? raw->version : 0;
  }
  static WriteVerdict write(CephStorage& storage, MetricWrites writes) {
    WriteSet set;
    set.metrics.push_back(std::move(writes));
    return storage.write(set).verdicts.at(0);
  }
  /// The version that the raw series then has; 0 unless it was done.
  static std::uint64_t written(CephStorage& storage, MetricWrites writes) {
    WriteSet set;
    set.metrics.push_back(std::move(writes));
    const WriteReport report = storage.write(set);
    return report.verdicts.at(0) == WriteVerdict::done ? report.versions.at(0) : 0;
  }
  /// What a pass writes that meets the open splits of these methods only.
  static MetricWrites open_pass(const MetricId& metric, std::uint64_t version, std::uint64_t at,
                                std::initializer_list<const char*> methods) {
    MetricWrites writes;
    writes.metric = metric;
    writes.expected_version = version;
    for (const char* method : methods) writes.splits.push_back({key(0, method), at * 9, cell()});
    writes.raw = "raw " + std::to_string(at);
    return writes;
  }
  static void remove(CephStorage& storage, const MetricId& metric) {
    storage.remove_metrics(std::span(&metric, 1));
  }
};

TEST_F(CephStorageTest, AWorkerWhoseLockWasLostCannotCommitOverItsSuccessorsWork) {
  Running<CephStorage> sleeper;
  Running<CephStorage> successor;
  const MetricId metric = fresh_metric();
  ASSERT_EQ(write(*sleeper, open_pass(metric, 0, 0, {"mean"})), WriteVerdict::done);
  const std::uint64_t read_by_sleeper = version_of(*sleeper, metric);
  // The lease ends while the sleeper stands still.
  ASSERT_EQ(write(*successor, open_pass(metric, version_of(*successor, metric), 1, {"mean"})),
            WriteVerdict::done);
  const std::uint64_t committed = version_of(*successor, metric);

  MetricWrites whole;
  whole.metric = metric;
  whole.expected_version = read_by_sleeper;
  whole.removals = {key(0)};
  whole.splits = {{key(3600), std::nullopt, "late"}};
  whole.raw = "late";
  EXPECT_EQ(write(*sleeper, whole), WriteVerdict::stale);
  EXPECT_EQ(write(*sleeper, open_pass(metric, read_by_sleeper, 1, {"mean"})), WriteVerdict::stale);
  EXPECT_EQ(read(*successor, metric)->data, "raw 1");
  EXPECT_EQ(version_of(*successor, metric), committed);
  EXPECT_EQ(read(*successor, metric, key(0))->data, cell() + cell());
  EXPECT_FALSE(read(*successor, metric, key(3600)));
  EXPECT_EQ(successor->list_splits(std::span(&metric, 1), {}).at(0), std::vector{key(0)});
  remove(*successor, metric);
}

TEST_F(CephStorageTest, AMetricThatWasRemovedMeanwhileIsStale) {
  Running<CephStorage> storage;
  const MetricId metric = fresh_metric();
  ASSERT_EQ(write(*storage, open_pass(metric, 0, 0, {"mean"})), WriteVerdict::done);
  const std::uint64_t version = version_of(*storage, metric);
  remove(*storage, metric);
  EXPECT_EQ(write(*storage, open_pass(metric, version, 1, {"mean"})), WriteVerdict::stale);
  EXPECT_FALSE(read(*storage, metric));
  remove(*storage, metric);
}

TEST_F(CephStorageTest, AnOrdinaryPassCostsOneOperationPerObjectWritten) {
  Running<CephStorage> storage;
  const MetricId metric = fresh_metric();
  std::uint64_t version = 0;
  for (std::uint64_t pass = 0; pass < 5; ++pass) {
    const std::uint64_t writes = storage.count("write");
    const std::uint64_t all = storage.count_all();
    version = written(*storage, open_pass(metric, version, pass, {"mean", "max", "sum"}));
    ASSERT_NE(version, 0U);
    EXPECT_EQ(storage.count("write") - writes, 4U) << "three splits, and the raw with the list";
    EXPECT_EQ(storage.count_all() - all, 4U);
  }
  EXPECT_EQ(version, version_of(*storage, metric));
  remove(*storage, metric);
}

TEST_F(CephStorageTest, WhatAProcessHasNotWrittenItselfCostsALookAndAClaimOnce) {
  const MetricId metric = fresh_metric();
  Running<CephStorage> before;
  std::uint64_t version = written(*before, open_pass(metric, 0, 0, {"mean", "max"}));
  Running<CephStorage> storage;
  for (const std::uint64_t expected : {2U + 1 + 3, 3U, 3U}) {
    const std::uint64_t all = storage.count_all();
    version = written(*storage, open_pass(metric, version, 1, {"mean", "max"}));
    ASSERT_NE(version, 0U);
    EXPECT_EQ(storage.count_all() - all, expected);
  }
  const std::uint64_t all = storage.count_all();
  version = written(*storage, open_pass(metric, version, 1, {"mean", "max", "sum"}));
  EXPECT_EQ(storage.count_all() - all, 4U) << "a new split needs no look";
  remove(*storage, metric);
}

TEST_F(CephStorageTest, WithoutRoomForVersionsEverySplitIsLookedAt) {
  const MetricId metric = fresh_metric();
  Running<CephStorage> storage(Lent("ceph_split_versions_mib", "0"));
  std::uint64_t version = 0;
  for (const std::uint64_t expected : {2U, 4U, 4U}) {
    const std::uint64_t all = storage.count_all();
    version = written(*storage, open_pass(metric, version, 1, {"mean"}));
    ASSERT_NE(version, 0U);
    EXPECT_EQ(storage.count_all() - all, expected);
  }
  remove(*storage, metric);
}

TEST_F(CephStorageTest, ClosingAnOpenSplitCostsACheckAndNoLook) {
  Running<CephStorage> storage;
  const MetricId metric = fresh_metric();
  MetricWrites closing = open_pass(metric, 0, 0, {"mean"});
  closing.expected_version = written(*storage, closing);
  closing.splits = {{key(0), std::nullopt, "compressed"}, {key(3600), 0, cell()}};
  const std::uint64_t all = storage.count_all();
  const std::uint64_t version = written(*storage, closing);
  EXPECT_EQ(storage.count_all() - all, 4U) << "check, two splits, raw series";
  MetricWrites late = open_pass(metric, version, 0, {"mean"});
  EXPECT_EQ(write(*storage, late), WriteVerdict::not_padded);
  EXPECT_EQ(read(*storage, metric, key(0))->data, "compressed");
  remove(*storage, metric);
}

TEST_F(CephStorageTest, SplitsThatACrashedPassHasLeftAreTakenIn) {
  const MetricId metric = fresh_metric();
  Worker crashed;
  for (const int rounds : {3, 4, 5}) {  // before and after there is a raw series
    Running<CephStorage> storage;
    const std::uint64_t version = version_of(*storage, metric);
    {
      WriteSet set;
      set.metrics.push_back(open_pass(metric, version, 3, {"mean", "max"}));
      SetWriter writer = crashed.writer(set);
      for (int i = 0; i < rounds; ++i) writer.advance();
    }
    const std::uint64_t found = version_of(*storage, metric);
    ASSERT_NE(written(*storage, open_pass(metric, found, 1, {"mean", "max"})), 0U) << rounds;
    EXPECT_EQ(read(*storage, metric)->data, "raw 1");
    EXPECT_EQ(read(*storage, metric, key(0))->data.size(), 4U * 9) << rounds;
    EXPECT_EQ(storage->list_splits(std::span(&metric, 1), {}).at(0).size(), 2U);
  }
  Running<CephStorage> storage;
  remove(*storage, metric);
}

TEST_F(CephStorageTest, AMetricThatSomebodyElseHasClaimedButNeverWrittenIsWritten) {
  const MetricId metric = fresh_metric();
  Worker first;
  Worker second;
  for (Worker* worker : {&first, &second}) {
    WriteSet set;
    set.metrics.push_back(open_pass(metric, 0, 0, {"mean"}));
    SetWriter writer = worker->writer(set);
    for (int i = 0; i < 7; ++i) {  // the second one creates, looks and claims, but no more
      if (worker == &first && i == 3) break;
      writer.advance();
    }
  }
  Running<CephStorage> storage;
  EXPECT_FALSE(read(*storage, metric)) << "an object, but no raw series";
  EXPECT_NE(written(*storage, open_pass(metric, 0, 1, {"mean"})), 0U);
  EXPECT_EQ(read(*storage, metric)->data, "raw 1");
  EXPECT_EQ(storage->list_splits(std::span(&metric, 1), {}).at(0), std::vector{key(0)});
  remove(*storage, metric);
}

/// A pass that was stopped and comes back, and the pass of who has got its lock meanwhile and has
/// all of its measures in hand, and more: in whatever order their rounds come, what the second
/// one has written is what is there in the end.
class CephTakeoverTest : public CephStorageTest,
                         public ::testing::WithParamInterface<std::tuple<bool, bool>> {
 protected:
  static Bytes cells(char value) { return Bytes("\1\0\0\0\0\0\0\0", 8) + value; }
  static WriteSet pass(const MetricId& metric, std::uint64_t version, char value) {
    WriteSet set;
    MetricWrites& writes = set.metrics.emplace_back();
    writes.metric = metric;
    writes.expected_version = version;
    writes.splits = {{key(0), 0, cells(value)}, {key(0, "max"), 0, cells(value)}};
    writes.raw = std::string(1, value);
    return set;
  }
};

TEST_P(CephTakeoverTest, WhateverTheOrderTheSuccessorsWorkStays) {
  const auto [is_new, is_known] = GetParam();
  constexpr unsigned kSteps = 6;
  Worker sleeper;
  Worker successor;
  Running<CephStorage> storage;
  std::vector<MetricId> metrics;
  for (unsigned order = 0; order < (2U << kSteps); ++order) {
    const MetricId metric = metrics.emplace_back(fresh_metric());
    std::uint64_t version = 0;
    if (!is_new) {
      WriteSet set = pass(metric, 0, 'b');
      const WriteReport report = (is_known ? sleeper : successor).writer(set).write();
      version = report.versions[0];
    }
    const WriteSet old_set = pass(metric, version, 'o');
    SetWriter old_writer = sleeper.writer(old_set);
    std::unique_ptr<SetWriter> new_writer;
    WriteSet new_set;
    const auto begin = [&] {
      new_writer.reset();
      new_set = pass(metric, version_of(*storage, metric), 'n');
      new_writer.reset(new SetWriter(successor.writer(new_set)));
    };
    bool old_goes_on = true;
    bool new_goes_on = true;
    const auto step = [&](bool old) {
      if (old) {
        if (old_goes_on) old_goes_on = old_writer.advance();
        return;
      }
      if (!new_writer) begin();
      if (new_goes_on) new_goes_on = new_writer->advance();
      if (!new_goes_on && new_writer->report().verdicts[0] == WriteVerdict::stale) {
        begin();
        new_goes_on = true;
      }
    };
    for (unsigned i = 0; i < kSteps; ++i) step((order >> i & 1U) != 0);
    const bool old_first = (order >> kSteps) != 0;
    while (old_first && old_goes_on) step(true);
    do {
      step(false);
    } while (new_goes_on);
    while (old_goes_on) step(true);

    ASSERT_EQ(new_writer->report().verdicts[0], WriteVerdict::done);
    ASSERT_EQ(read(*storage, metric)->data, "n") << order;
    ASSERT_EQ(read(*storage, metric, key(0))->data, cells('n')) << order;
    ASSERT_EQ(read(*storage, metric, key(0, "max"))->data, cells('n')) << order;
  }
  storage->remove_metrics(metrics);
}

INSTANTIATE_TEST_SUITE_P(Known, CephTakeoverTest,
                         ::testing::Values(std::tuple{true, false}, std::tuple{false, false},
                                           std::tuple{false, true}));

TEST_F(CephStorageTest, AWorkerThatStoodStillChangesNothingWhateverItWasAbout) {
  const MetricId metric = fresh_metric();
  Worker sleeper;
  Worker successor;
  Running<CephStorage> storage;
  WriteSet set;
  set.metrics.push_back(open_pass(metric, 0, 0, {"mean", "max"}));
  std::uint64_t version = sleeper.writer(set).write().versions[0];
  for (int rounds = 0; rounds < 4; ++rounds) {
    for (const bool whole : {false, true}) {
      WriteSet late;
      late.metrics.push_back(open_pass(metric, version, 5, {"mean"}));
      if (whole) {
        late.metrics[0].splits = {{key(0), std::nullopt, "late"}};
        late.metrics[0].removals = {key(0, "max")};
      }
      SetWriter writer = sleeper.writer(late);
      // Up to the round that writes.
      for (int i = 0; i < std::min(rounds, whole ? 3 : 2); ++i) writer.advance();
      WriteSet own;
      own.metrics.push_back(open_pass(metric, version_of(*storage, metric), 1, {"mean", "max"}));
      const WriteReport report = successor.writer(own).write();
      ASSERT_EQ(report.verdicts[0], WriteVerdict::done);
      version = report.versions[0];
      EXPECT_EQ(writer.write().verdicts[0], WriteVerdict::stale);
      EXPECT_EQ(version_of(*storage, metric), version);
      for (const char* method : {"mean", "max"}) {
        EXPECT_EQ(read(*storage, metric, key(0, method))->data, cell() + cell()) << method;
      }
    }
  }
  remove(*storage, metric);
}

TEST_F(CephStorageTest, ObjectsLargerThanExpectedAreReadWhole) {
  Running<CephStorage> storage;
  const MetricId metric = fresh_metric();
  for (const std::size_t size :
       {std::size_t{262143}, std::size_t{262144}, std::size_t{262145}, std::size_t{3000000}}) {
    MetricWrites writes;
    writes.metric = metric;
    writes.expected_version = version_of(*storage, metric);
    writes.raw = Bytes(size, static_cast<char>('a' + size % 26));
    ASSERT_EQ(write(*storage, writes), WriteVerdict::done);
    const std::uint64_t before = storage.count("read");
    EXPECT_TRUE(read(*storage, metric)->data == *writes.raw) << size;
    EXPECT_EQ(storage.count("read") - before, size > 262144 ? 2U : 1U) << size;
  }
  remove(*storage, metric);
}

TEST_F(CephStorageTest, MoreSplitsThanAnOsdListsAtOnceAreListedAndRemoved) {
  Running<CephStorage> storage;
  const MetricId metric = fresh_metric();
  constexpr std::int64_t kSplits = 2500;
  MetricWrites writes;
  writes.metric = metric;
  writes.raw = "raw";
  for (std::int64_t i = 0; i < kSplits; ++i) {
    writes.splits.push_back({key(3600 * i), std::nullopt, "c"});
  }
  ASSERT_EQ(write(*storage, writes), WriteVerdict::done);
  EXPECT_EQ(storage->list_splits(std::span(&metric, 1), {}).at(0).size(), std::size_t{kSplits});
  remove(*storage, metric);
  EXPECT_TRUE(storage->list_splits(std::span(&metric, 1), {}).at(0).empty());
  EXPECT_FALSE(read(*storage, metric, key(0)));
  EXPECT_FALSE(read(*storage, metric, key(3600 * (kSplits - 1))));
}

TEST_F(CephStorageTest, AnEmptyRawSeriesIsThereAndAListOfSplitsAloneIsNone) {
  Running<CephStorage> storage;
  const MetricId metric = fresh_metric();
  MetricWrites split;
  split.metric = metric;
  split.splits = {{key(0), std::nullopt, "c"}};
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(write(*storage, split), WriteVerdict::done);
    EXPECT_FALSE(read(*storage, metric));
  }
  MetricWrites raw;
  raw.metric = metric;
  raw.raw = "";
  ASSERT_EQ(write(*storage, raw), WriteVerdict::done);
  ASSERT_TRUE(read(*storage, metric));
  EXPECT_EQ(read(*storage, metric)->data, "");
  EXPECT_EQ(write(*storage, raw), WriteVerdict::stale) << "there is one now";
  raw.expected_version = version_of(*storage, metric);
  raw.raw = "points";
  EXPECT_EQ(write(*storage, raw), WriteVerdict::done);
  EXPECT_EQ(storage->list_splits(std::span(&metric, 1), {}).at(0), std::vector{key(0)});
  remove(*storage, metric);
}

TEST_F(CephStorageTest, OneOperationAtATimeIsEnoughForAnything) {
  Running<CephStorage> storage(Lent("ceph_operations_in_flight", "1"));
  WriteSet set;
  std::vector<MetricId> metrics;
  std::vector<ObjectRef> refs;
  for (int i = 0; i < 20; ++i) {
    metrics.push_back(fresh_metric());
    set.metrics.push_back(open_pass(metrics.back(), 0, 3, {"mean", "max"}));
    set.metrics.back().splits.push_back({key(3600), std::nullopt, "c"});
    refs.push_back({metrics.back(), std::nullopt});
    refs.push_back({metrics.back(), key(3600)});
  }
  EXPECT_EQ(storage->write(set).verdicts,
            std::vector<WriteVerdict>(metrics.size(), WriteVerdict::done));
  for (const auto& object : storage->read(refs)) EXPECT_TRUE(object);
  for (const auto& list : storage->list_splits(metrics, {})) EXPECT_EQ(list.size(), 3U);
  storage->remove_metrics(metrics);
  for (const auto& object : storage->read(refs)) EXPECT_FALSE(object);
}

}  // namespace
}  // namespace gnocchi::ceph::test
