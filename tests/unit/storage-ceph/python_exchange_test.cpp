// One pool, two programs: Python Gnocchi's own ceph drivers and ours.
#include <sys/wait.h>

#include <cstdlib>

#include "ceph_incoming.h"
#include "ceph_storage.h"
#include "support.h"

namespace gnocchi::ceph::test {
namespace {

using namespace std::chrono_literals;

constexpr int kNoPython = 77;

class PythonExchange : public ClusterCase {
 protected:
  int python(const std::string& step) const {
    const std::string command = "/usr/bin/python3 " GNOCCHI_SOURCE_DIR
                                "/tests/unit/storage-ceph/python_exchange.py " +
                                step + ' ' + original.to_string() + ' ' + copy.to_string() + ' ' +
                                pending.to_string() + " 2>&1";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  const MetricId original = fresh_metric();
  const MetricId copy = fresh_metric();
  const MetricId pending = fresh_metric();
};

/// All that is stored of one metric, under another's id. Padded splits are written as patches, as a
/// pass writes them: from their first point on.
MetricWrites copy_of(CephStorage& storage, const MetricId& from, const MetricId& to) {
  MetricWrites writes;
  writes.metric = to;
  std::vector<ObjectRef> refs = {{from, std::nullopt}};
  const auto lists = storage.list_splits(std::span(&from, 1), {});
  for (const SplitKey& key : lists.at(0)) refs.push_back({from, key});
  const auto objects = storage.read(refs);
  writes.raw = objects.at(0).value().data;
  for (std::size_t i = 1; i < refs.size(); ++i) {
    Bytes data = objects[i].value().data;
    std::optional<std::uint64_t> offset;
    if (data.at(0) != 'c') {
      const std::size_t first = data.find_first_not_of('\0');
      offset = first / 9 * 9;
      data.erase(0, *offset);
    }
    writes.splits.push_back({*refs[i].split, offset, std::move(data)});
  }
  return writes;
}

Bytes measures(std::initializer_list<double> values) {
  Bytes bytes;
  std::int64_t time = 1769860800'000000000;  // 2026-01-31T12:00:00
  for (const double value : values) {
    bytes.append(reinterpret_cast<const char*>(&time), sizeof(time));
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    time += 1'000'000'000;
  }
  return bytes;
}

TEST_F(PythonExchange, EachServesWhatTheOtherWroteAndGoesOn) {
  const int made = python("make");
  if (made == kNoPython || made == 127) {
    GTEST_SKIP() << "python3-gnocchi or python3-rados is not installed";
  }
  ASSERT_EQ(made, 0);

  Running<CephStorage> storage;
  Running<CephIncoming> incoming;
  WriteSet set;
  set.metrics.push_back(copy_of(*storage, original, copy));
  EXPECT_EQ(storage->write(set).verdicts, std::vector{WriteVerdict::done});
  // Python's own may be committed over, too, at the version that it is at.
  set.metrics[0] = copy_of(*storage, original, original);
  set.metrics[0].splits.clear();
  EXPECT_EQ(storage->write(set).verdicts, std::vector{WriteVerdict::stale});
  const ObjectRef raw{original, std::nullopt};
  set.metrics[0].expected_version = storage->read(std::span(&raw, 1)).at(0).value().version;
  EXPECT_EQ(storage->write(set).verdicts, std::vector{WriteVerdict::done});

  const SackNumber sack = sack_of(pending, incoming->sack_count());
  EXPECT_EQ(incoming->read_pending(std::span(&pending, 1), 1 << 24).value().at(0),
            std::vector{measures({43.0, 44.0})});
  const SackBatch batch = incoming->read_sack(sack, 1U << 20U);
  incoming->acknowledge(batch);
  EXPECT_TRUE(incoming->read_pending(std::span(&pending, 1), 1 << 24).value().at(0).empty());
  const Bundle bundle{pending, measures({45.0, 46.0})};
  incoming->append(std::span(&bundle, 1));

  EXPECT_EQ(python("go_on"), 0);

  const MetricWrites now = copy_of(*storage, original, pending);
  const MetricWrites also = copy_of(*storage, copy, pending);
  EXPECT_EQ(now.raw, also.raw);
  ASSERT_EQ(now.splits.size(), also.splits.size());
  for (std::size_t i = 0; i < now.splits.size(); ++i) {
    EXPECT_EQ(now.splits[i].key, also.splits[i].key);
    EXPECT_EQ(now.splits[i].data, also.splits[i].data);
  }
  EXPECT_EQ(incoming->read_pending(std::span(&pending, 1), 1 << 24).value().at(0),
            std::vector{measures({47.0})});
  incoming->acknowledge(incoming->read_sack(sack, 1U << 20U));
  const std::vector<MetricId> both = {original, copy};
  storage->remove_metrics(both);
  EXPECT_FALSE(storage->read(std::span(&raw, 1)).at(0));
}

}  // namespace
}  // namespace gnocchi::ceph::test
