#include "ceph_incoming.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "flight.h"
#include "support.h"

namespace gnocchi::ceph::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::size_t kAll = std::size_t{1} << 40;

class CephIncomingTest : public ClusterCase {
 protected:
  void SetUp() override {
    ClusterCase::SetUp();
    if (IsSkipped()) return;
    Running<CephIncoming> incoming;
    incoming->upgrade(16);
    drain_all(*incoming);
  }

  static SackNumber sack(CephIncoming& incoming, const MetricId& metric) {
    return sack_of(metric, incoming.sack_count());
  }
  static void append(CephIncoming& incoming, const MetricId& metric, std::size_t count) {
    std::vector<Bundle> bundles;
    for (std::size_t i = 0; i < count; ++i) bundles.push_back({metric, std::to_string(i)});
    incoming.append(bundles);
  }
  static std::size_t drain(CephIncoming& incoming, SackNumber number, std::size_t bytes = kAll) {
    std::size_t bundles = 0;
    for (bool more = true; more;) {
      const SackBatch batch = incoming.read_sack(number, bytes);
      bundles += batch.bundles.size();
      more = batch.more;
      incoming.acknowledge(batch);
    }
    return bundles;
  }
  static void drain_all(CephIncoming& incoming) {
    for (std::uint32_t i = 0; i < incoming.sack_count(); ++i) drain(incoming, SackNumber{i});
  }
  /// Puts keys into a sack as another program might.
  static void put(const std::string& object, std::initializer_list<std::string> keys) {
    const Lent lent;
    Cluster cluster(ClusterOptions::from(lent.options));
    cluster.connect();
    OperationCounts counts;
    Flight flight(cluster, counts);
    for (const std::string& key : keys) {
      const char* key_data = key.data();
      const std::size_t size = key.size();
      const WriteOp op = write_op();
      rados_write_op_omap_set2(op.get(), &key_data, &key_data, &size, &size, 1);
      flight.write(Operation::write, object, op,
                   [](int result, std::uint64_t) { ASSERT_EQ(result, 0); });
    }
    flight.land();
  }
};

TEST_F(CephIncomingTest, AppendingCostsOneOperationPerSackAndANotification) {
  Running<CephIncoming> incoming;
  std::vector<Bundle> bundles;
  std::set<std::uint32_t> sacks;  // as many as the pool has, unless one metric in 2,000 is of none
  for (int i = 0; i < 2000; ++i) {
    const MetricId metric = fresh_metric();
    bundles.push_back({metric, "measures"});
    sacks.insert(sack(*incoming, metric).value);
  }
  incoming->append(bundles);
  EXPECT_EQ(incoming.count("write"), sacks.size());
  EXPECT_LE(incoming.count("notify"), 1U);
  const std::uint64_t lists = incoming.count("list");
  incoming->append(bundles);
  EXPECT_EQ(incoming.count("write"), 2 * sacks.size());
  EXPECT_EQ(incoming.count("list"), lists) << "sacks are counted rarely";
  drain_all(*incoming);
}

TEST_F(CephIncomingTest, ASackAtItsHighWaterMarkTakesNothingUntilItIsDrained) {
  Running<CephIncoming> incoming(Lent("ceph_sack_high_water", "100"));
  const MetricId full = fresh_metric();
  const SackNumber full_sack = sack(*incoming, full);
  MetricId other = fresh_metric();
  while (sack(*incoming, other) == full_sack) other = fresh_metric();
  append(*incoming, full, 100);

  const std::vector<Bundle> both = {{other, "other"}, {full, "full"}};
  expect_error(Error::Code::unavailable, "ceph_sack_high_water", [&] { incoming->append(both); });
  expect_error(Error::Code::unavailable, "gnocchi-metricd", [&] { append(*incoming, full, 1); });
  EXPECT_TRUE(incoming->read_pending(std::span(&other, 1), 1 << 24).value().at(0).empty())
      << "a request that is refused leaves nothing";
  append(*incoming, other, 1);

  EXPECT_EQ(drain(*incoming, full_sack), 100U);
  const auto end = steady_clock::now() + 30s;
  for (bool taken = false; !taken;) {
    ASSERT_LT(steady_clock::now(), end) << "it is never noticed that there is room";
    try {
      append(*incoming, full, 1);
      taken = true;
    } catch (const Error&) {
      std::this_thread::sleep_for(50ms);
    }
  }
  drain_all(*incoming);
}

TEST_F(CephIncomingTest, WhatOtherProcessesAddCountsToo) {
  Running<CephIncoming> here(Lent("ceph_sack_high_water", "80"));
  Running<CephIncoming> there(Lent("ceph_sack_high_water", "80"));
  const MetricId metric = fresh_metric();
  append(*here, metric, 1);
  append(*there, metric, 90);
  EXPECT_NO_THROW(append(*here, metric, 9)) << "not counted again yet";
  expect_error(Error::Code::unavailable, "80 bundles", [&] { append(*here, metric, 1); });
  drain_all(*here);
}

TEST_F(CephIncomingTest, ManyPagesAreReadAndExactlyTheyAreRemoved) {
  Running<CephIncoming> incoming;
  const MetricId metric = fresh_metric();
  const SackNumber number = sack(*incoming, metric);
  for (int i = 0; i < 5; ++i) append(*incoming, metric, 1000);
  const SackBatch batch = incoming->read_sack(number, kAll);
  ASSERT_EQ(batch.bundles.size(), 5000U);
  for (std::size_t i = 0; i < batch.bundles.size(); ++i) {
    ASSERT_EQ(batch.bundles[i].data, std::to_string(i % 1000)) << "not in order of arrival";
  }
  append(*incoming, metric, 3);
  incoming->acknowledge(batch);
  EXPECT_EQ(incoming->read_pending(std::span(&metric, 1), 1 << 24).value().at(0),
            (std::vector<Bytes>{"0", "1", "2"}));
  for (int i = 0; i < 3; ++i) append(*incoming, metric, 700);
  EXPECT_EQ(incoming->report(true).bundles, 2103U);
  EXPECT_EQ(incoming->read_pending(std::span(&metric, 1), 1 << 24).value().at(0).size(), 2103U);
  EXPECT_EQ(drain(*incoming, number, 100), 2103U) << "in many small batches";
}

TEST_F(CephIncomingTest, PythonsBundlesComeBySecondAndStrangeKeysAreDroppedAloud) {
  Running<CephIncoming> incoming;
  const MetricId metric = fresh_metric();
  const SackNumber number = sack(*incoming, metric);
  const std::string prefix = "measure_" + metric.to_string() + '_';
  const std::string late = prefix + "00000000-0000-4000-8000-000000000000_20260131_12:00:05";
  const std::string early = prefix + "ffffffff-0000-4000-8000-000000000000_20260131_12:00:04";
  put(sack_name(number, incoming->sack_count()), {late, early, "measure_nonsense"});
  append(*incoming, metric, 1);  // years later
  const std::vector<Bytes> expected = {early, late, "0"};
  EXPECT_EQ(incoming->read_pending(std::span(&metric, 1), 1 << 24).value().at(0), expected);
  const SackBatch batch = incoming->read_sack(number, kAll);
  std::vector<Bytes> found;
  for (const Bundle& bundle : batch.bundles) found.push_back(bundle.data);
  EXPECT_EQ(found, expected);
  ASSERT_EQ(incoming.log().warnings().size(), 1U);
  EXPECT_NE(incoming.log().warnings()[0].find("measure_nonsense"), std::string::npos);
  incoming->acknowledge(batch);
  EXPECT_TRUE(incoming->with_pending(std::span(&number, 1)).empty());
}

TEST_F(CephIncomingTest, NewsReachAnotherProcess) {
  Running<CephIncoming> listener;
  Running<CephIncoming> poster;
  const MetricId metric = fresh_metric();
  const SackNumber number = sack(*listener, metric);
  // The first wait begins to listen; when it does, all sacks are looked at once.
  const auto begin = steady_clock::now();
  EXPECT_TRUE(listener->wait(std::span(&number, 1), begin + 60s).empty());
  EXPECT_LT(steady_clock::now() - begin, 30s);

  std::atomic<bool> heard = false;
  std::jthread waiting([&] {
    const auto news = listener->wait(std::span(&number, 1), steady_clock::now() + 60s);
    EXPECT_EQ(news, std::vector{number});
    heard = true;
  });
  append(*poster, metric, 1);
  const auto told = steady_clock::now();
  waiting.join();
  EXPECT_TRUE(heard);
  EXPECT_LT(steady_clock::now() - told, 30s);

  MetricId other = fresh_metric();
  while (sack(*listener, other) == number) other = fresh_metric();
  append(*poster, other, 1);
  EXPECT_TRUE(listener->wait(std::span(&number, 1), steady_clock::now() + 300ms).empty())
      << "news of a sack that nobody asked for";
  drain_all(*poster);
}

TEST_F(CephIncomingTest, NewsWithinOneProcessNeedNoNotification) {
  Running<CephIncoming> incoming;
  const MetricId metric = fresh_metric();
  const SackNumber number = sack(*incoming, metric);
  append(*incoming, metric, 1);
  EXPECT_EQ(incoming->wait(std::span(&number, 1), steady_clock::now() + 60s), std::vector{number});
  drain_all(*incoming);
}

TEST_F(CephIncomingTest, WhereWatchingIsRefusedWaitingIsSleeping) {
  const std::string keyring =
      std::string(std::getenv("GNOCCHI_TEST_CEPH_DIR")) + "/client.reader.keyring";
  Lent lent("ceph_username", "reader");
  lent.set("ceph_keyring", keyring);
  Running<CephIncoming> reader(lent);
  const SackNumber number{0};
  const auto begin = steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    const auto until = steady_clock::now() + 300ms;
    EXPECT_TRUE(reader->wait(std::span(&number, 1), until).empty());
    EXPECT_GE(steady_clock::now(), until);
  }
  EXPECT_LT(steady_clock::now() - begin, 30s);
  ASSERT_EQ(reader.log().warnings().size(), 1U) << "said once";
  EXPECT_EQ(reader.count("watch"), 1U);
  const Bundle bundle{fresh_metric(), "x"};
  expect_error(Error::Code::invalid_config, "client.reader is not allowed",
               [&] { reader->append(std::span(&bundle, 1)); });
}

TEST_F(CephIncomingTest, APoolWithoutALayoutSaysWhatToRun) {
  Running<CephIncoming> incoming;
  const std::uint32_t sacks = incoming->sack_count();
  {
    const Lent lent;
    Cluster cluster(ClusterOptions::from(lent.options));
    cluster.connect();
    ASSERT_EQ(rados_remove(cluster.io(), "gnocchi-config"), 0);
  }
  {
    Running<CephIncoming> other;
    expect_error(Error::Code::invalid_config, "gnocchi-upgrade", [&] { other->sack_count(); });
    other->upgrade(sacks);
    EXPECT_EQ(other->sack_count(), sacks);
  }
  Running<CephIncoming> again;
  again->upgrade(sacks + 1);
  EXPECT_EQ(again->sack_count(), sacks);
}

}  // namespace
}  // namespace gnocchi::ceph::test
