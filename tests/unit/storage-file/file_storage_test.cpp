#include "file_storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "metric_paths.h"
#include "support.h"
#include "write_guard.h"

namespace gnocchi::file::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const MetricId kMetric(*Uuid::parse("5f1c0bd2-1c3e-4a5b-8c7d-9e0f1a2b3c4d"));
const char kDirectory[] =
    "5f/1c/0b/d2/1c/3e/4a/5b/8c/7d/9e/0f/1a/2b/3c/4d/5f1c0bd2-1c3e-4a5b-8c7d-9e0f1a2b3c4d";

SplitKey split(std::string method, std::int64_t start_s = 1420128000, Timespan granularity = 60s) {
  return {Timestamp(std::chrono::seconds(start_s)), granularity, std::move(method)};
}

MetricWrites writes_of(const MetricId& metric) {
  MetricWrites writes;
  writes.metric = metric;
  return writes;
}

/// As a pass that has read the raw series as they are now.
WriteReport write_over(FileStorage& storage, WriteSet& set) {
  for (MetricWrites& writes : set.metrics) {
    const ObjectRef raw{writes.metric, std::nullopt};
    const auto stored = storage.read(std::span(&raw, 1));
    writes.expected_version = stored.at(0) ? stored[0]->version : 0;
  }
  return storage.write(set);
}

class FileStorageTest : public ::testing::TestWithParam<const char*> {
 protected:
  FileStorageTest() : lent(directory.path / "store", GetParam()), storage(lent.context) {
    storage.start();
    storage.upgrade();
  }
  ~FileStorageTest() override { storage.stop(); }

  WriteVerdict write(MetricWrites writes) {
    WriteSet set;
    set.metrics.push_back(std::move(writes));
    return write_over(storage, set).verdicts.at(0);
  }
  std::optional<std::string> get(const MetricId& metric, std::optional<SplitKey> key) {
    const ObjectRef ref{metric, std::move(key)};
    auto objects = storage.read(std::span(&ref, 1));
    return objects.at(0) ? std::optional(objects[0]->data) : std::nullopt;
  }
  std::vector<SplitKey> list(const MetricId& metric) {
    return storage.list_splits(std::span(&metric, 1), {}).at(0);
  }
  fs::path file(const std::string& name) const {
    return directory.path / "store" / kDirectory / name;
  }

  TemporaryDirectory directory;
  Lent lent;
  FileStorage storage;
};

INSTANTIATE_TEST_SUITE_P(Sync, FileStorageTest, ::testing::Values("commit", "off"),
                         [](const auto& sync) { return std::string(sync.param); });

TEST_P(FileStorageTest, UnknownMetricIsAbsent) {
  EXPECT_EQ(get(kMetric, std::nullopt), std::nullopt);
  EXPECT_EQ(get(kMetric, split("mean")), std::nullopt);
  EXPECT_TRUE(list(kMetric).empty());
  storage.remove_metrics(std::span(&kMetric, 1));
}

TEST_P(FileStorageTest, ObjectsStandWherePythonPutsThem) {
  MetricWrites writes = writes_of(kMetric);
  writes.methods = {"mean", "std", "rate:mean"};
  writes.splits = {{split("mean"), std::nullopt, "cA"},
                   {split("95pct", 0, 100ms), std::nullopt, "cB"},
                   {split("rate:mean", 1420128000, 86400s), std::nullopt, "cC"}};
  writes.raw = "raw";
  EXPECT_EQ(write(writes), WriteVerdict::done);
  EXPECT_EQ(read_file(file("none_v3")), "raw");
  EXPECT_EQ(read_file(file("agg_mean/1420128000.0_60.0_v3")), "cA");
  EXPECT_EQ(read_file(file("agg_95pct/0.0_0.1_v3")), "cB");
  EXPECT_EQ(read_file(file("agg_rate:mean/1420128000.0_86400.0_v3")), "cC");
  EXPECT_TRUE(fs::is_directory(file("agg_std")));
  EXPECT_EQ(read_file(directory.path / "store/tmp/gnocchi-storage-config"), "{\"subdir_len\": 2}");
}

TEST_P(FileStorageTest, ReadsAnswerInTheOrderAsked) {
  const MetricId other(Uuid::random());
  MetricWrites writes = writes_of(kMetric);
  writes.splits = {{split("mean"), std::nullopt, "c1"}, {split("max"), std::nullopt, "c2"}};
  writes.raw = "r1";
  static_cast<void>(write(writes));
  writes = writes_of(other);
  writes.raw = "";
  static_cast<void>(write(writes));
  const std::vector<ObjectRef> refs = {{kMetric, split("max")},  {kMetric, split("min")},
                                       {other, std::nullopt},    {kMetric, std::nullopt},
                                       {kMetric, split("mean")}, {other, split("mean")}};
  const auto objects = storage.read(refs);
  ASSERT_EQ(objects.size(), refs.size());
  EXPECT_EQ(objects[0]->data, "c2");
  EXPECT_FALSE(objects[1]);
  EXPECT_EQ(objects[2]->data, "");
  EXPECT_EQ(objects[3]->data, "r1");
  EXPECT_EQ(objects[4]->data, "c1");
  EXPECT_FALSE(objects[5]);
}

TEST_P(FileStorageTest, ListsPassOverWhatNamesNoSplitWhateverTheFilter) {
  MetricWrites writes = writes_of(kMetric);
  for (const char* method : {"mean", "max"}) {
    writes.splits.push_back({split(method), std::nullopt, "c"});
    writes.splits.push_back({split(method, 1420128000, 1s), std::nullopt, "c"});
  }
  writes.raw = "raw";
  ASSERT_EQ(write(writes), WriteVerdict::done);
  for (const char* name : {"1420128000_60.0_v3", "x_60.0_v3", "_60.0_v3", "1420128000.0_60.0_v2"}) {
    std::ofstream(file("agg_mean") / name) << "c";
  }
  fs::create_directory(file("agg_"));
  fs::create_directory(file("other"));
  const auto listed = [this](const SplitFilter& filter) {
    return storage.list_splits(std::span(&kMetric, 1), filter).at(0);
  };
  const std::vector all{split("max", 1420128000, 1s), split("max"), split("mean", 1420128000, 1s),
                        split("mean")};
  EXPECT_EQ(listed({}), all);
  EXPECT_EQ(listed({.methods = {"mean", "min", "max"}, .granularities = {}}), all);
  EXPECT_EQ(listed({.methods = {"mean"}, .granularities = {60s}}), std::vector{split("mean")});
  EXPECT_EQ(listed({.methods = {"max", "mean"}, .granularities = {60s}}),
            (std::vector{split("max"), split("mean")}));
  EXPECT_EQ(listed({.methods = {}, .granularities = {1s, 2s}}), (std::vector{all[0], all[2]}));
  EXPECT_TRUE(listed({.methods = {"min"}, .granularities = {}}).empty());
  EXPECT_TRUE(listed({.methods = {}, .granularities = {6s}}).empty());
}

TEST_P(FileStorageTest, OverwritingByShorterLeavesNothingOfTheOld) {
  MetricWrites writes = writes_of(kMetric);
  writes.raw = std::string(100'000, 'x');
  static_cast<void>(write(writes));
  EXPECT_EQ(get(kMetric, std::nullopt), writes.raw);
  writes.raw = "short";
  static_cast<void>(write(writes));
  EXPECT_EQ(get(kMetric, std::nullopt), "short");
}

TEST_P(FileStorageTest, PatchesGoIntoPaddedSplitsAndLeaveZerosBefore) {
  MetricWrites writes = writes_of(kMetric);
  writes.splits = {{split("mean"), 18, std::string("\1abcdefgh", 9)}};
  EXPECT_EQ(write(writes), WriteVerdict::done);
  EXPECT_EQ(get(kMetric, split("mean")), std::string(18, '\0') + "\1abcdefgh");
  writes.splits = {{split("mean"), 0, std::string("\1ABCDEFGH", 9)}};
  EXPECT_EQ(write(writes), WriteVerdict::done);
  writes.splits = {{split("mean"), 36, std::string("\1ijklmnop", 9)}};
  EXPECT_EQ(write(writes), WriteVerdict::done);
  EXPECT_EQ(get(kMetric, split("mean")), "\1ABCDEFGH" + std::string(9, '\0') + "\1abcdefgh" +
                                             std::string(9, '\0') + "\1ijklmnop");
}

TEST_P(FileStorageTest, PatchOfACompressedSplitWritesNothingOfTheMetric) {
  MetricWrites writes = writes_of(kMetric);
  writes.splits = {{split("mean"), std::nullopt, "compressed"}};
  writes.raw = "old";
  static_cast<void>(write(writes));
  const MetricId other(Uuid::random());
  WriteSet set;
  set.metrics = {writes_of(kMetric), writes_of(other)};
  set.metrics[0].splits = {{split("max"), std::nullopt, "cmax"},
                           {split("min"), 0, std::string("\1ABCDEFGH", 9)},
                           {split("mean"), 0, std::string("\1ABCDEFGH", 9)}};
  set.metrics[0].raw = "new";
  set.metrics[1].raw = "other";
  const auto report = write_over(storage, set);
  EXPECT_EQ(report.verdicts, (std::vector{WriteVerdict::not_padded, WriteVerdict::done}));
  EXPECT_EQ(get(kMetric, std::nullopt), "old");
  EXPECT_EQ(list(kMetric), std::vector{split("mean")});
  EXPECT_EQ(get(kMetric, split("mean")), "compressed");
  EXPECT_EQ(get(other, std::nullopt), "other");
}

TEST_P(FileStorageTest, WhoKnowsWhatItHasWrittenNeedsNoRead) {
  WriteSet set;
  set.metrics.push_back(writes_of(kMetric));
  MetricWrites& writes = set.metrics.front();
  // Also into a file of before that is longer, or as long.
  for (const char* raw :
       {"short", "a longer one", "longest of all", "short", "as long", "so long"}) {
    writes.raw = raw;
    const WriteReport report = storage.write(set);
    ASSERT_EQ(report.verdicts.at(0), WriteVerdict::done) << raw;
    const ObjectRef ref{kMetric, std::nullopt};
    EXPECT_EQ(report.versions.at(0), storage.read(std::span(&ref, 1)).at(0)->version) << raw;
    EXPECT_NE(report.versions.at(0), writes.expected_version);
    writes.expected_version = report.versions.at(0);
  }
  writes.raw.reset();
  EXPECT_EQ(storage.write(set).versions.at(0), writes.expected_version);
}

TEST_P(FileStorageTest, ASeriesThatPythonReplacedMeanwhileIsNotWrittenOver) {
  MetricWrites writes = writes_of(kMetric);
  writes.raw = "old";
  static_cast<void>(write(writes));
  const ObjectRef raw{kMetric, std::nullopt};
  writes.expected_version = storage.read(std::span(&raw, 1)).at(0)->version;
  write_file(file("aside"), "new");  // as long as the old one
  fs::rename(file("aside"), file("none_v3"));
  writes.raw = "ours";
  writes.splits = {{split("mean"), std::nullopt, "cA"}};
  WriteSet set;
  set.metrics.push_back(writes);
  EXPECT_EQ(storage.write(set).verdicts.at(0), WriteVerdict::stale);
  EXPECT_EQ(get(kMetric, std::nullopt), "new");
  EXPECT_TRUE(list(kMetric).empty());
  EXPECT_EQ(write(writes), WriteVerdict::done);
}

TEST_P(FileStorageTest, WhoWritesASackIsWaitedForAndOthersAreNot) {
  const Descriptor base =
      open_at(AT_FDCWD, (directory.path / "store").string(), O_RDONLY | O_DIRECTORY);
  const WriteGuard writer(base.get(), {2, 3}, 0ms);
  { const WriteGuard other(base.get(), {1, 4}, 0ms); }
  expect_error(Error::Code::timed_out, "sack 3", [&] {
    const WriteGuard successor(base.get(), {1, 3}, 20ms);
  });
  { const WriteGuard again(base.get(), {1}, 0ms); }  // the one that gave up keeps nothing
}

TEST_P(FileStorageTest, AWriteWaitsForTheOneBefore) {
  const Descriptor base =
      open_at(AT_FDCWD, (directory.path / "store").string(), O_RDONLY | O_DIRECTORY);
  const std::uint32_t sack = sack_of(kMetric, 128).value;
  std::atomic<bool> released = false;
  std::thread writer;
  {
    const WriteGuard before(base.get(), {sack}, 0ms);
    writer = std::thread([&] {
      MetricWrites writes = writes_of(kMetric);
      writes.raw = "r";
      EXPECT_EQ(write(writes), WriteVerdict::done);
      EXPECT_TRUE(released);
    });
    std::this_thread::sleep_for(50ms);
    released = true;
  }
  writer.join();
}

TEST_P(FileStorageTest, AnEmptySplitFileIsAsGoodAsNone) {
  write_file(file("agg_mean/1420128000.0_60.0_v3"), "");
  MetricWrites writes = writes_of(kMetric);
  writes.splits = {{split("mean"), 9, std::string("\1abcdefgh", 9)}};
  EXPECT_EQ(write(writes), WriteVerdict::done);
  EXPECT_EQ(get(kMetric, split("mean")), std::string(9, '\0') + "\1abcdefgh");
}

TEST_P(FileStorageTest, ListsSplitsSortedAndNothingElse) {
  MetricWrites writes = writes_of(kMetric);
  writes.splits = {{split("mean", 1420344000), std::nullopt, "c"},
                   {split("mean", 1420128000), std::nullopt, "c"},
                   {split("mean", 0, 10us), std::nullopt, "c"},
                   {split("max", 1420128000, 300s), std::nullopt, "c"}};
  writes.raw = "r";
  static_cast<void>(write(writes));
  write_file(file("agg_mean/1420128000.0_60.0_v2"), "c");
  write_file(file("agg_mean/1420128000_60_v3"), "another spelling");
  write_file(file("agg_mean/foo"), "c");
  write_file(file("agg_mean/x_y_v3"), "c");
  write_file(file("other/1420128000.0_60.0_v3"), "c");
  EXPECT_EQ(list(kMetric), (std::vector{split("max", 1420128000, 300s), split("mean", 0, 10us),
                                        split("mean"), split("mean", 1420344000)}));
}

TEST_P(FileStorageTest, RemovalsOfAPassAndOfAMetric) {
  MetricWrites writes = writes_of(kMetric);
  writes.splits = {{split("mean"), std::nullopt, "c"}, {split("max"), std::nullopt, "c"}};
  writes.raw = "r";
  static_cast<void>(write(writes));
  writes = writes_of(kMetric);
  writes.removals = {split("mean"), split("min")};
  EXPECT_EQ(write(writes), WriteVerdict::done);
  EXPECT_EQ(list(kMetric), std::vector{split("max")});
  EXPECT_EQ(get(kMetric, std::nullopt), "r");
  storage.remove_metrics(std::span(&kMetric, 1));
  EXPECT_EQ(get(kMetric, std::nullopt), std::nullopt);
  EXPECT_FALSE(fs::exists(directory.path / "store/5f"));
  EXPECT_EQ(files_below(directory.path / "store"),
            (std::vector<std::string>{"tmp/gnocchi-storage-config", WriteGuard::kPath}));
}

TEST_P(FileStorageTest, StateSurvivesTheInstanceAndTwoWorkSideBySide) {
  MetricWrites writes = writes_of(kMetric);
  writes.raw = "r";
  static_cast<void>(write(writes));
  FileStorage second(lent.context);
  second.start();
  second.upgrade();
  const ObjectRef ref{kMetric, std::nullopt};
  EXPECT_EQ(second.read(std::span(&ref, 1))[0]->data, "r");
  storage.stop();
  WriteSet set;
  set.metrics.push_back(writes);
  set.metrics[0].raw = "r2";
  EXPECT_EQ(write_over(second, set).verdicts[0], WriteVerdict::done);
  EXPECT_EQ(second.read(std::span(&ref, 1))[0]->data, "r2");
  second.stop();
}

TEST_P(FileStorageTest, LeftoversOfAKilledProcessAreSweptUp) {
  const fs::path left = directory.path / "store/tmp/scratch-of-a-dead-process";
  write_file(left / "0", "half an object");
  write_file(left / "1/agg_mean/2", "removed metric");
  EXPECT_EQ(get(kMetric, std::nullopt), std::nullopt);
  EXPECT_FALSE(fs::exists(left));
  FileStorage second(lent.context);
  second.start();
  const ObjectRef ref{kMetric, std::nullopt};
  static_cast<void>(second.read(std::span(&ref, 1)));
  MetricWrites writes = writes_of(kMetric);
  writes.raw = "the first one's scratch was left alone";
  EXPECT_EQ(write(writes), WriteVerdict::done);
  second.stop();
}

TEST_P(FileStorageTest, WithoutLayoutItIsUnavailableNotEmpty) {
  fs::remove_all(directory.path / "store/tmp");
  expect_error(Error::Code::unavailable, "gnocchi-upgrade",
               [&] { static_cast<void>(get(kMetric, std::nullopt)); });
}

TEST_P(FileStorageTest, UnreadableIsAnErrorWithPathAndReason) {
  write_file(file("agg_mean"), "a file where a directory should be");
  expect_error(Error::Code::unavailable, "agg_mean/1420128000.0_60.0_v3: Not a directory",
               [&] { static_cast<void>(get(kMetric, split("mean"))); });
}

TEST_P(FileStorageTest, EightThreadsOnOneMetricSeeWholeObjects) {
  std::atomic<bool> stop{false};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        MetricWrites writes = writes_of(kMetric);
        writes.raw = std::string(1000 + 5000 * t, static_cast<char>('a' + t));
        writes.splits = {{split("mean"), 0, std::string(9000, static_cast<char>(i % 2))}};
        while (write(writes) == WriteVerdict::stale) {
        }
      }
      stop = true;
    });
    threads.emplace_back([&] {
      while (!stop) {
        const auto raw = get(kMetric, std::nullopt);
        if (raw) {
          EXPECT_EQ(raw->find_first_not_of(raw->front()), std::string::npos);
        }
        const auto padded = get(kMetric, split("mean"));
        if (padded) {
          EXPECT_EQ(padded->size(), 9000U);
          EXPECT_EQ(padded->find_first_not_of(padded->front()), std::string::npos);
        }
      }
    });
  }
}

TEST(FileStorage, StoredSubdirLengthWins) {
  TemporaryDirectory directory;
  Lent lent(directory.path);
  write_file(directory.path / "tmp/gnocchi-storage-config", "{\"subdir_len\": 4}");
  FileStorage storage(lent.context);
  storage.upgrade();
  WriteSet set;
  set.metrics.push_back(writes_of(kMetric));
  set.metrics[0].raw = "r";
  static_cast<void>(storage.write(set));
  EXPECT_TRUE(fs::exists(directory.path / "5f1c/0bd2/1c3e/4a5b/8c7d/9e0f/1a2b/3c4d" /
                         kMetric.to_string() / "none_v3"));
  EXPECT_EQ(lent.log.warnings().size(), 1U);
  storage.stop();
}

TEST(FileStorage, AStoreOfUndividedMetricsStaysSo) {
  TemporaryDirectory directory;
  Lent lent(directory.path);
  write_file(directory.path / kMetric.to_string() / "none_v3", "old");
  FileStorage storage(lent.context);
  storage.upgrade();
  EXPECT_EQ(read_file(directory.path / "tmp/gnocchi-storage-config"), "{\"subdir_len\": 0}");
  const ObjectRef ref{kMetric, std::nullopt};
  EXPECT_EQ(storage.read(std::span(&ref, 1))[0]->data, "old");
  storage.stop();
}

TEST(FileStorage, SubdirLengthThatDoesNotDivideTheId) {
  EXPECT_EQ(metric_directory(kMetric, 5),
            "5f1c0/bd21c/3e4a5/b8c7d/9e0f1/a2b3c/4d/" + kMetric.to_string());
  EXPECT_EQ(metric_directory(kMetric, 32),
            "5f1c0bd21c3e4a5b8c7d9e0f1a2b3c4d/" + kMetric.to_string());
}

TEST(FileStorage, DamagedSettingsAreReported) {
  TemporaryDirectory directory;
  Lent lent(directory.path);
  write_file(directory.path / "tmp/gnocchi-storage-config", "{\"subdir\": 4}");
  FileStorage storage(lent.context);
  expect_error(Error::Code::corrupt_data, "gnocchi-storage-config", [&] { storage.upgrade(); });
}

TEST(FileStorage, FullDiskLeavesNothingHalfWritten) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no permission to mount a tmpfs";
  for (const char* sync : {"commit", "off"}) {
    Lent lent(disk.path(), sync);
    FileStorage storage(lent.context);
    storage.upgrade();
    WriteSet set;
    set.metrics.push_back(writes_of(kMetric));
    set.metrics[0].raw = "old";
    set.metrics[0].splits = {{split("mean"), 0, std::string(9, '\1')}};
    EXPECT_EQ(write_over(storage, set).verdicts[0], WriteVerdict::done);
    const auto before = files_below(disk.path() / "5f");

    disk.fill(8192);
    set.metrics[0].raw = std::string(20'000, 'n');
    set.metrics[0].splits.clear();
    expect_error(Error::Code::unavailable, "No space left on device",
                 [&] { static_cast<void>(write_over(storage, set)); });
    set.metrics[0].raw = std::nullopt;
    set.metrics[0].splits = {{split("mean"), 0, std::string(32'400, '\1')}};
    expect_error(Error::Code::unavailable, "No space left on device",
                 [&] { static_cast<void>(write_over(storage, set)); });
    set.metrics[0].splits = {{split("max"), 0, std::string(32'400, '\1')}};
    expect_error(Error::Code::unavailable, "No space left on device",
                 [&] { static_cast<void>(write_over(storage, set)); });

    EXPECT_EQ(files_below(disk.path() / "5f"), before);
    const std::vector<ObjectRef> refs = {{kMetric, std::nullopt}, {kMetric, split("mean")}};
    const auto objects = storage.read(refs);
    EXPECT_EQ(objects[0]->data, "old");
    EXPECT_EQ(objects[1]->data, std::string(9, '\1'));
    for (const std::string& name : files_below(disk.path() / "tmp")) {
      EXPECT_TRUE(name == "gnocchi-storage-config" || name == "gnocchi-write-lock") << name;
    }
    disk.empty();
    set.metrics[0].raw = std::string(20'000, 'n');
    EXPECT_EQ(write_over(storage, set).verdicts[0], WriteVerdict::done);
    storage.remove_metrics(std::span(&kMetric, 1));
    storage.stop();
  }
}

}  // namespace
}  // namespace gnocchi::file::test
