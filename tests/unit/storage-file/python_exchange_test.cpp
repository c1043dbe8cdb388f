// One store, two programs: Python Gnocchi's own file drivers and ours.
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "file_incoming.h"
#include "file_storage.h"
#include "support.h"

namespace gnocchi::file::test {
namespace {

using namespace std::chrono_literals;

const MetricId kOriginal(*Uuid::parse("11111111000040008000000000000001"));
const MetricId kCopy(*Uuid::parse("22222222000040008000000000000002"));
const MetricId kPadded(*Uuid::parse("33333333000040008000000000000003"));
constexpr int kNoPython = 77;

class PythonExchange : public ::testing::Test {
 protected:
  /// The script's exit status; what it printed goes to the test's output.
  int python(const std::string& step) {
    const std::string command = "/usr/bin/python3 " GNOCCHI_SOURCE_DIR
                                "/tests/unit/storage-file/python_exchange.py " +
                                step + ' ' + directory.path.string() + " 2>&1";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  TemporaryDirectory directory;
};

/// All that is stored of one metric, under another's id.
MetricWrites copy_of(FileStorage& storage, const MetricId& from, const MetricId& to) {
  MetricWrites writes;
  writes.metric = to;
  writes.methods = {"mean", "max", "std", "rate:mean", "count"};
  std::vector<ObjectRef> refs = {{from, std::nullopt}};
  const auto lists = storage.list_splits(std::span(&from, 1), {});
  for (const SplitKey& key : lists.at(0)) refs.push_back({from, key});
  const auto objects = storage.read(refs);
  writes.raw = objects.at(0).value().data;
  for (std::size_t i = 1; i < refs.size(); ++i) {
    writes.splits.push_back({*refs[i].split, std::nullopt, objects[i].value().data});
  }
  return writes;
}

TEST_F(PythonExchange, EachServesWhatTheOtherWroteAndGoesOn) {
  const int made = python("make");
  if (made == kNoPython || made == 127) GTEST_SKIP() << "Python Gnocchi is not installed";
  ASSERT_EQ(made, 0);

  Lent lent(directory.path);
  FileStorage storage(lent.context);
  FileIncoming incoming(lent.context);
  storage.upgrade();
  incoming.upgrade(128);
  EXPECT_EQ(incoming.sack_count(), 8U);

  WriteSet set;
  set.metrics.push_back(copy_of(storage, kOriginal, kCopy));
  EXPECT_EQ(set.metrics[0].splits.size(), 6U);
  // A padded split, as only a driver with partial writes makes it: points 2 and 4.
  MetricWrites& padded = set.metrics.emplace_back();
  padded.metric = kPadded;
  const SplitKey key{Timestamp(1769688000s), 60s, "mean"};
  padded.splits.push_back({key, 18, std::string("\1\0\0\0\0\0\0\xf4\x3f", 9)});
  EXPECT_EQ(storage.write(set).verdicts, (std::vector{WriteVerdict::done, WriteVerdict::done}));
  set.metrics.resize(1);
  set.metrics[0] = MetricWrites{};
  set.metrics[0].metric = kPadded;
  set.metrics[0].splits.push_back({key, 36, std::string("\1\0\0\0\0\0\0\x1c\xc0", 9)});
  EXPECT_EQ(storage.write(set).verdicts, std::vector{WriteVerdict::done});

  const SackNumber sack = sack_of(kCopy, 8);
  const SackBatch batch = incoming.read_sack(sack, 1U << 20);
  ASSERT_EQ(batch.bundles.size(), 1U);
  EXPECT_EQ(batch.bundles[0].metric, kCopy);
  EXPECT_EQ(batch.bundles[0].data.size(), 32U);
  incoming.acknowledge(batch);

  EXPECT_EQ(python("go_on"), 0);

  // And back again: what Python wrote into the copy is what it wrote into the original.
  const MetricWrites original = copy_of(storage, kOriginal, kPadded);
  const MetricWrites copy = copy_of(storage, kCopy, kPadded);
  EXPECT_EQ(original.raw, copy.raw);
  ASSERT_EQ(original.splits.size(), copy.splits.size());
  for (std::size_t i = 0; i < original.splits.size(); ++i) {
    EXPECT_EQ(original.splits[i].key, copy.splits[i].key);
    EXPECT_EQ(original.splits[i].data, copy.splits[i].data);
  }
  EXPECT_EQ(incoming.read_pending(std::span(&kOriginal, 1), 1 << 20).value().at(0).size(), 1U);
  storage.stop();
  incoming.stop();
}

TEST_F(PythonExchange, AStoreMadeHereIsOneForPython) {
  Lent lent(directory.path);
  FileStorage storage(lent.context);
  FileIncoming incoming(lent.context);
  storage.upgrade();
  incoming.upgrade(8);
  const int made = python("make");
  if (made == kNoPython || made == 127) GTEST_SKIP() << "Python Gnocchi is not installed";
  EXPECT_EQ(made, 0);
  EXPECT_EQ(storage.list_splits(std::span(&kOriginal, 1), {}).at(0).size(), 6U);
  EXPECT_EQ(incoming.report(false).bundles, 2U);
  storage.stop();
  incoming.stop();
}

}  // namespace
}  // namespace gnocchi::file::test
