#include "file_incoming.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include "support.h"

namespace gnocchi::file::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::uint32_t kSacks = 8;
constexpr std::size_t kMuch = 64U << 20;

MetricId metric_in_sack(std::uint32_t sack) {
  while (true) {
    const MetricId metric(Uuid::random());
    if (sack_of(metric, kSacks).value == sack) return metric;
  }
}

std::vector<SackNumber> all_sacks() {
  std::vector<SackNumber> sacks;
  for (std::uint32_t i = 0; i < kSacks; ++i) sacks.push_back(SackNumber{i});
  return sacks;
}

std::vector<std::string> data_of(const SackBatch& batch) {
  std::vector<std::string> data;
  for (const Bundle& bundle : batch.bundles) data.push_back(bundle.data);
  return data;
}

/// One instance, as a process would have it.
struct Instance {
  explicit Instance(const fs::path& path, const char* sync = "off")
      : lent(path, sync), incoming(std::make_unique<FileIncoming>(lent.context)) {
    incoming->start();
    incoming->upgrade(kSacks);
  }
  ~Instance() { stop(); }
  void stop() {
    if (incoming) incoming->stop();
    incoming.reset();
  }
  void append(const MetricId& metric, std::string data) {
    const Bundle bundle{metric, std::move(data)};
    incoming->append(std::span(&bundle, 1));
  }
  std::vector<std::string> read(std::uint32_t sack) {
    return data_of(incoming->read_sack(SackNumber{sack}, kMuch));
  }
  void finish(std::uint32_t sack) {
    incoming->acknowledge(incoming->read_sack(SackNumber{sack}, kMuch));
  }

  Lent lent;
  std::unique_ptr<FileIncoming> incoming;
};

class FileIncomingTest : public ::testing::TestWithParam<const char*> {
 protected:
  FileIncomingTest() : here(directory.path, GetParam()) {}

  std::vector<fs::path> segments() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(directory.path / "incoming-log")) {
      if (entry.path().extension() == ".log") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  TemporaryDirectory directory;
  Instance here;
};

INSTANTIATE_TEST_SUITE_P(Sync, FileIncomingTest, ::testing::Values("commit", "off"),
                         [](const auto& sync) { return std::string(sync.param); });

TEST_P(FileIncomingTest, TheNumberOfSacksStaysWhileOthersUseTheStore) {
  const MetricId metric = metric_in_sack(1);
  {
    Instance other(directory.path, GetParam());
    expect_error(Error::Code::unavailable, "other programs still work with it",
                 [&] { here.incoming->change_sack_count(3); });
    expect_error(Error::Code::unavailable, "other programs still work with it",
                 [&] { other.incoming->change_sack_count(3); });
    other.append(metric, "pending");
  }
  expect_error(Error::Code::unavailable, "measures wait to be processed",
               [&] { here.incoming->change_sack_count(3); });
  EXPECT_EQ(here.read(1), std::vector<std::string>{"pending"});
  here.finish(1);
  here.incoming->change_sack_count(3);
  EXPECT_EQ(here.incoming->sack_count(), 3U);
  EXPECT_FALSE(fs::exists(directory.path / "incoming8-0"));
  EXPECT_TRUE(fs::exists(directory.path / "incoming3-2"));
  Instance other(directory.path, GetParam());
  EXPECT_EQ(other.incoming->sack_count(), 3U);
  here.append(metric, "new");
  EXPECT_EQ(other.read(sack_of(metric, 3).value), std::vector<std::string>{"new"});
}

TEST_P(FileIncomingTest, WhatIsAppendedIsReadUntilAcknowledged) {
  const MetricId a = metric_in_sack(3);
  const MetricId b = metric_in_sack(3);
  const MetricId c = metric_in_sack(5);
  const std::vector<Bundle> bundles = {{a, "a1"}, {c, "c1"}, {b, ""}, {a, "a2"}};
  here.incoming->append(bundles);
  here.append(a, "a3");
  EXPECT_EQ(here.read(3), (std::vector<std::string>{"a1", "", "a2", "a3"}));
  SackBatch batch = here.incoming->read_sack(SackNumber{3}, kMuch);
  EXPECT_EQ(batch.bundles.size(), 4U);
  EXPECT_EQ(batch.bundles[1].metric, b);
  EXPECT_FALSE(batch.more);
  here.append(a, "a4");
  here.incoming->acknowledge(batch);
  EXPECT_EQ(here.read(3), std::vector<std::string>{"a4"});
  here.incoming->acknowledge(batch);
  EXPECT_EQ(here.read(3), std::vector<std::string>{"a4"});
  EXPECT_EQ(here.read(5), std::vector<std::string>{"c1"});
  EXPECT_EQ(here.incoming->read_sack(SackNumber{0}, kMuch).receipt, nullptr);
}

TEST_P(FileIncomingTest, AcknowledgementsInEitherOrder) {
  const MetricId a = metric_in_sack(1);
  for (const bool first_first : {true, false}) {
    here.append(a, "1");
    const SackBatch first = here.incoming->read_sack(SackNumber{1}, kMuch);
    here.append(a, "2");
    const SackBatch second = here.incoming->read_sack(SackNumber{1}, kMuch);
    here.append(a, "3");
    here.incoming->acknowledge(first_first ? first : second);
    here.incoming->acknowledge(first_first ? second : first);
    EXPECT_EQ(here.read(1), std::vector<std::string>{"3"});
    here.finish(1);
    EXPECT_TRUE(here.read(1).empty());
  }
}

TEST_P(FileIncomingTest, ALimitCutsABatchAndTheRestFollows) {
  const MetricId a = metric_in_sack(2);
  std::vector<std::string> sent;
  for (int i = 0; i < 50; ++i) {
    sent.push_back(std::to_string(i) + std::string(1000, 'x'));
    here.append(a, sent.back());
  }
  std::vector<std::string> got;
  int batches = 0;
  for (bool more = true; more; ++batches) {
    const SackBatch batch = here.incoming->read_sack(SackNumber{2}, 8000);
    for (auto& data : data_of(batch)) got.push_back(data);
    here.incoming->acknowledge(batch);
    more = batch.more;
  }
  EXPECT_EQ(got, sent);
  EXPECT_GE(batches, 7);
  here.append(a, std::string(100'000, 'y'));
  EXPECT_EQ(here.incoming->read_sack(SackNumber{2}, 10).bundles.size(), 1U);
}

TEST_P(FileIncomingTest, PendingOfMetricsAndCounts) {
  const MetricId a = metric_in_sack(1);
  const MetricId b = metric_in_sack(1);
  const MetricId c = metric_in_sack(2);
  here.append(a, "a1");
  here.append(b, "b1");
  here.append(a, "a2");
  const std::vector<MetricId> asked = {c, a, b, a};
  const auto pending = here.incoming->read_pending(asked, kMuch).value();
  EXPECT_EQ(pending[0], std::vector<Bytes>{});
  EXPECT_EQ(pending[1], (std::vector<Bytes>{"a1", "a2"}));
  EXPECT_EQ(pending[2], std::vector<Bytes>{"b1"});
  EXPECT_EQ(pending[3], pending[1]);
  const IncomingReport report = here.incoming->report(true);
  EXPECT_EQ(report.metrics, 2U);
  EXPECT_EQ(report.bundles, 3U);
  EXPECT_EQ(report.details.size(), 2U);
  EXPECT_TRUE(here.incoming->report(false).details.empty());
  EXPECT_EQ(here.incoming->with_pending(all_sacks()), std::vector{SackNumber{1}});
  here.finish(1);
  EXPECT_TRUE(here.incoming->with_pending(all_sacks()).empty());
  EXPECT_EQ(here.incoming->report(true).bundles, 0U);
}

TEST_P(FileIncomingTest, InstancesSeeEachOthersAppendsAndAcknowledgements) {
  Instance other(directory.path, GetParam());
  const MetricId a = metric_in_sack(1);
  here.append(a, "1");
  other.append(a, "2");
  here.append(a, "3");
  EXPECT_EQ(other.read(1), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(here.read(1), (std::vector<std::string>{"1", "2", "3"}));
  other.finish(1);
  EXPECT_TRUE(here.read(1).empty());
  EXPECT_TRUE(here.incoming->with_pending(all_sacks()).empty());
  here.append(a, "4");
  EXPECT_EQ(other.incoming->with_pending(all_sacks()), std::vector{SackNumber{1}});
  here.stop();
  EXPECT_EQ(other.read(1), std::vector<std::string>{"4"});
}

TEST_P(FileIncomingTest, ConsumedSegmentsOfEndedProcessesAreRemoved) {
  const MetricId a = metric_in_sack(1);
  const MetricId b = metric_in_sack(2);
  {
    Instance other(directory.path, GetParam());
    other.append(a, "1");
    other.append(b, "2");
  }
  EXPECT_EQ(here.read(1), std::vector<std::string>{"1"});
  here.finish(1);
  Instance third(directory.path, GetParam());
  EXPECT_TRUE(third.read(1).empty());
  EXPECT_EQ(segments().size(), 1U);
  third.finish(2);
  EXPECT_TRUE(third.read(2).empty());
  EXPECT_TRUE(segments().empty());
  EXPECT_TRUE(here.read(2).empty());
  EXPECT_TRUE(fs::is_empty(directory.path / "incoming-log/ack"));
  EXPECT_TRUE(here.lent.log.warnings().empty());
}

TEST_P(FileIncomingTest, SegmentsRotateAndNothingIsLost) {
  const MetricId a = metric_in_sack(1);
  const std::string block(4U << 20, 'x');
  for (int i = 0; i < 20; ++i) here.append(a, std::to_string(i) + block);
  EXPECT_EQ(segments().size(), 3U);
  int next = 0;
  for (bool more = true; more;) {
    const SackBatch batch = here.incoming->read_sack(SackNumber{1}, 10U << 20);
    for (const Bundle& bundle : batch.bundles) {
      EXPECT_EQ(bundle.data.substr(0, 3), (std::to_string(next++) + block).substr(0, 3));
    }
    here.incoming->acknowledge(batch);
    more = batch.more;
  }
  EXPECT_EQ(next, 20);
  EXPECT_TRUE(here.read(1).empty());
  EXPECT_EQ(segments().size(), 1U);
}

TEST_P(FileIncomingTest, ManyThreadsAppendAndAllArrivesOnce) {
  constexpr int kThreads = 16;
  constexpr int kEach = 50;
  std::vector<MetricId> metrics;
  for (int t = 0; t < kThreads; ++t) metrics.push_back(metric_in_sack(t % kSacks));
  std::map<MetricId, std::vector<std::string>> got;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) here.append(metrics[t], std::to_string(i));
      });
    }
    for (int round = 0; round < 200; ++round) {
      const SackBatch batch = here.incoming->read_sack(SackNumber{round % kSacks}, 500);
      for (const Bundle& bundle : batch.bundles) got[bundle.metric].push_back(bundle.data);
      here.incoming->acknowledge(batch);
    }
  }
  for (std::uint32_t sack = 0; sack < kSacks; ++sack) {
    const SackBatch batch = here.incoming->read_sack(SackNumber{sack}, kMuch);
    for (const Bundle& bundle : batch.bundles) got[bundle.metric].push_back(bundle.data);
    here.incoming->acknowledge(batch);
  }
  std::vector<std::string> all;
  for (int i = 0; i < kEach; ++i) all.push_back(std::to_string(i));
  for (const MetricId& metric : metrics) EXPECT_EQ(got[metric], all);
}

TEST_P(FileIncomingTest, WaitEndsWithNewsOfAnyInstance) {
  const MetricId a = metric_in_sack(1);
  const MetricId b = metric_in_sack(2);
  const auto sacks = all_sacks();
  here.append(a, "1");
  EXPECT_EQ(here.incoming->wait(sacks, steady_clock::now() + 10s), std::vector{SackNumber{1}});
  EXPECT_TRUE(here.incoming->wait(sacks, steady_clock::now() + 1ms).empty());

  Instance other(directory.path, GetParam());
  const std::vector<SackNumber> ones = {SackNumber{1}};
  const std::vector<SackNumber> twos = {SackNumber{2}};
  std::vector<SackNumber> heard_one;
  std::vector<SackNumber> heard_two;
  std::jthread one([&] { heard_one = here.incoming->wait(ones, steady_clock::now() + 30s); });
  std::jthread two([&] { heard_two = here.incoming->wait(twos, steady_clock::now() + 30s); });
  other.append(b, "2");
  two.join();
  EXPECT_EQ(heard_two, twos);
  here.append(a, "3");
  one.join();
  EXPECT_EQ(heard_one, ones);
}

TEST_P(FileIncomingTest, WakeEndsAllWaits) {
  std::atomic<int> ended{0};
  const auto sacks = all_sacks();
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      EXPECT_TRUE(here.incoming->wait(sacks, steady_clock::now() + 30s).empty());
      ++ended;
    });
  }
  while (ended < 3) {
    here.incoming->wake();
    std::this_thread::yield();
  }
}

TEST_P(FileIncomingTest, PythonsFilesAreTakenAlong) {
  const MetricId a = metric_in_sack(4);
  const fs::path sack = directory.path / "incoming8-4";
  const fs::path metric = sack / a.to_string();
  EXPECT_TRUE(fs::is_directory(sack));
  write_file(metric / (Uuid::random().to_string() + "_20260131_10:00:00"), "p1");
  write_file(metric / (Uuid::random().to_string() + "_20260131_10:00:01"), "p2");
  fs::last_write_time(metric / fs::directory_iterator(metric)->path().filename(),
                      fs::file_time_type::clock::now());
  write_file(sack / "not-a-metric/file", "x");
  here.append(a, "log");
  EXPECT_EQ(here.incoming->with_pending(all_sacks()), std::vector{SackNumber{4}});
  EXPECT_EQ(here.incoming->report(true).bundles, 3U);
  EXPECT_EQ(here.incoming->report(true).metrics, 1U);
  EXPECT_EQ(here.incoming->read_pending(std::span(&a, 1), kMuch).value()[0].size(), 3U);
  EXPECT_FALSE(here.incoming->read_pending(std::span(&a, 1), 1)) << "Python's files do not count";

  SackBatch batch = here.incoming->read_sack(SackNumber{4}, 1);
  EXPECT_EQ(batch.bundles.size(), 1U);
  EXPECT_TRUE(batch.more);
  batch = here.incoming->read_sack(SackNumber{4}, kMuch);
  ASSERT_EQ(batch.bundles.size(), 3U);
  EXPECT_EQ(batch.bundles[2].data, "log");
  write_file(metric / (Uuid::random().to_string() + "_20260131_10:00:02"), "p3");
  here.incoming->acknowledge(batch);
  EXPECT_EQ(here.read(4), std::vector<std::string>{"p3"});
  here.finish(4);
  EXPECT_FALSE(fs::exists(metric));
  EXPECT_TRUE(here.incoming->with_pending(all_sacks()).empty());
}

TEST_P(FileIncomingTest, SackCountIsKept) {
  EXPECT_EQ(here.incoming->sack_count(), kSacks);
  EXPECT_EQ(read_file(directory.path / "tmp/gnocchi-config"), "{\"sacks\": 8}");
  here.incoming->upgrade(16);
  EXPECT_EQ(here.incoming->sack_count(), kSacks);
  EXPECT_FALSE(fs::exists(directory.path / "incoming16-0"));
}

TEST(FileIncoming, WithoutLayoutItAsksForUpgrade) {
  TemporaryDirectory directory;
  Lent lent(directory.path);
  FileIncoming incoming(lent.context);
  incoming.start();
  expect_error(Error::Code::invalid_config, "gnocchi-upgrade", [&] { incoming.sack_count(); });
  incoming.stop();
}

TEST(FileIncoming, FullDiskTakesNothingHalf) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no permission to mount a tmpfs";
  for (const char* sync : {"commit", "off"}) {
    Instance here(disk.path(), sync);
    const MetricId a = metric_in_sack(1);
    here.append(a, "1");
    disk.fill(8192);
    expect_error(Error::Code::unavailable, "No space left on device", [&] {
      for (int i = 0; i < 1000; ++i) here.append(a, std::string(30'000, 'x'));
    });
    std::vector<std::string> read = here.read(1);
    EXPECT_EQ(read.at(0), "1");
    for (std::size_t i = 1; i < read.size(); ++i) EXPECT_EQ(read[i], std::string(30'000, 'x'));
    here.finish(1);
    EXPECT_TRUE(here.read(1).empty());
    disk.empty();
    here.append(a, "2");
    EXPECT_EQ(here.read(1), std::vector<std::string>{"2"});
    here.stop();
    Instance next(disk.path(), sync);
    EXPECT_EQ(next.read(1), std::vector<std::string>{"2"});
    EXPECT_TRUE(next.lent.log.warnings().empty());
    next.finish(1);
  }
}

TEST(FileIncoming, FullDiskRefusesANewSegmentAndLeavesNoFile) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no permission to mount a tmpfs";
  Instance here(disk.path(), "commit");
  disk.fill(0);
  const MetricId a = metric_in_sack(1);
  expect_error(Error::Code::unavailable, "No space left on device", [&] { here.append(a, "1"); });
  EXPECT_EQ(files_below(disk.path() / "incoming-log"), std::vector<std::string>{});
  disk.empty();
  here.append(a, "2");
  EXPECT_EQ(here.read(1), std::vector<std::string>{"2"});
}

}  // namespace
}  // namespace gnocchi::file::test
