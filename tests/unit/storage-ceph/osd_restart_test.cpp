// The OSD is killed and comes back while measures are accepted, read and stored.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "ceph_coordinator.h"
#include "ceph_incoming.h"
#include "ceph_storage.h"
#include "support.h"

namespace gnocchi::ceph::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class OsdRestart : public ClusterCase {
 protected:
  void SetUp() override {
    ClusterCase::SetUp();
    if (IsSkipped()) return;
    Running<CephIncoming> incoming;
    incoming->upgrade(16);
  }
  void TearDown() override {
    if (killed_) start();
  }

  static void service(const std::string& command) {
    const std::string line = GNOCCHI_SOURCE_DIR "/tests/services/ceph " + command + ' ' +
                             std::getenv("GNOCCHI_TEST_CEPH_DIR");
    ASSERT_EQ(std::system(line.c_str()), 0) << line;
  }
  void kill() {
    service("kill-osd");
    killed_ = true;
  }
  void start() {
    service("start-osd");
    killed_ = false;
  }

 private:
  bool killed_ = false;
};

/// Posts numbered bundles of one metric until told to stop; which were taken is known.
class Poster {
 public:
  Poster(CephIncoming& incoming, const MetricId& metric) : incoming_(incoming), metric_(metric) {}

  void post_until(const std::atomic<bool>& stop) {
    for (int number = 0; !stop; ++number) {
      const Bundle bundle{metric_, std::to_string(number)};
      try {
        incoming_.append(std::span(&bundle, 1));
        taken.insert(bundle.data);
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == Error::Code::timed_out ||
                    error.code() == Error::Code::unavailable)
            << error.what();
        ++failed;
      }
    }
  }

  std::set<Bytes> taken;
  int failed = 0;

 private:
  CephIncoming& incoming_;
  const MetricId metric_;
};

TEST_F(OsdRestart, CallsWaitAndNothingThatWasAcceptedIsLost) {
  Running<CephIncoming> incoming;
  Running<CephStorage> storage;
  const MetricId metric = fresh_metric();
  const SackNumber sack = sack_of(metric, incoming->sack_count());
  std::atomic<bool> stop = false;
  Poster poster(*incoming, metric);
  std::set<Bytes> seen;
  int passes = 0;
  const ObjectRef raw{metric, std::nullopt};
  // A metricd in short: what was read is stored before it is acknowledged.
  const auto drain = [&] {
    const SackBatch batch = incoming->read_sack(sack, 1U << 20U);
    WriteSet set;
    set.metrics.resize(1);
    set.metrics[0].metric = metric;
    const auto before = storage->read(std::span(&raw, 1)).at(0);
    set.metrics[0].expected_version = before ? before->version : 0;
    Bytes text = before ? before->data : "";
    for (const Bundle& bundle : batch.bundles) {
      if (bundle.metric == metric) text += bundle.data + ' ';
    }
    set.metrics[0].raw = text;
    if (storage->write(set).verdicts.at(0) != WriteVerdict::done) return;
    incoming->acknowledge(batch);
    ++passes;
  };
  std::jthread posting([&] { poster.post_until(stop); });
  std::jthread draining([&] {
    while (!stop) {
      try {
        drain();
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == Error::Code::timed_out ||
                    error.code() == Error::Code::unavailable)
            << error.what();
      }
    }
  });
  std::this_thread::sleep_for(500ms);
  for (int round = 0; round < 2; ++round) {
    kill();
    std::this_thread::sleep_for(1s);
    start();
    std::this_thread::sleep_for(2s);
  }
  stop = true;
  posting.join();
  draining.join();
  drain();

  std::string text = storage->read(std::span(&raw, 1)).at(0).value().data;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find(' ', begin)) != std::string::npos; begin = end + 1) {
    seen.insert(text.substr(begin, end - begin));
  }
  EXPECT_GT(passes, 1);
  EXPECT_GT(poster.taken.size(), 10U);
  EXPECT_TRUE(std::includes(seen.begin(), seen.end(), poster.taken.begin(), poster.taken.end()))
      << poster.taken.size() << " taken, " << seen.size() << " stored";
  EXPECT_EQ(poster.failed, 0) << "the restart took less than ceph_timeout";
  storage->remove_metrics(std::span(&metric, 1));
}

TEST_F(OsdRestart, CallsEndWhenTheirTimeIsOverAndWorkAgainAfterwards) {
  Lent lent("ceph_timeout", "2");
  Running<CephIncoming> incoming(lent);
  Running<CephStorage> storage(lent);
  const MetricId metric = fresh_metric();
  const Bundle bundle{metric, "measures"};
  const SackNumber sack = sack_of(metric, incoming->sack_count());
  incoming->append(std::span(&bundle, 1));
  kill();
  const auto begin = steady_clock::now();
  expect_error(Error::Code::timed_out, "ceph_timeout",
               [&] { incoming->append(std::span(&bundle, 1)); });
  expect_error(Error::Code::timed_out, "in pool gnocchi", [&] { incoming->read_sack(sack, 1000); });
  std::vector<ObjectRef> refs;
  for (int i = 0; i < 300; ++i) refs.push_back({fresh_metric(), std::nullopt});
  expect_error(Error::Code::timed_out, "timed out after 2 s", [&] { storage->read(refs); });
  EXPECT_LT(steady_clock::now() - begin, 40s);
  start();
  const auto end = steady_clock::now() + 60s;
  while (true) {
    ASSERT_LT(steady_clock::now(), end);
    try {
      incoming->append(std::span(&bundle, 1));
      break;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::timed_out) << error.what();
    }
  }
  EXPECT_GE(incoming->read_pending(std::span(&metric, 1), 1 << 24).value().at(0).size(), 2U);
  EXPECT_FALSE(storage->read(std::span(refs).first(1)).at(0));
  const SackBatch batch = incoming->read_sack(sack, 1U << 20U);
  incoming->acknowledge(batch);
}

TEST_F(OsdRestart, DriversStopThoughNoOsdAnswers) {
  const Lent lent("ceph_timeout", "2");
  const SackNumber sack{0};
  const auto begin = steady_clock::now();
  {
    Running<CephIncoming> listener(lent);
    Running<CephIncoming> asking(lent);
    Running<CephStorage> storage(lent);
    Running<CephCoordinator> coordinator(lent);
    const auto lock = coordinator->lock("lock-" + Uuid::random().to_string(), 0ms);
    coordinator->join("group-" + Uuid::random().to_string(), {"me", ""});
    listener->wait(std::span(&sack, 1), steady_clock::now() + 30s);  // it listens
    const Bundle bundle{fresh_metric(), "measures"};
    listener->append(std::span(&bundle, 1));
    kill();
    asking->wait(std::span(&sack, 1), steady_clock::now() + 200ms);  // is never answered
    EXPECT_THROW(listener->append(std::span(&bundle, 1)), Error);
  }
  EXPECT_LT(steady_clock::now() - begin, 60s);
}

TEST_F(OsdRestart, AListenerHearsAgain) {
  Running<CephIncoming> listener;
  Running<CephIncoming> poster;
  const MetricId metric = fresh_metric();
  const SackNumber sack = sack_of(metric, listener->sack_count());
  const Bundle bundle{metric, "measures"};
  listener->wait(std::span(&sack, 1), steady_clock::now() + 30s);  // it listens
  kill();
  start();
  const auto end = steady_clock::now() + 60s;
  bool heard = false;
  while (!heard) {
    ASSERT_LT(steady_clock::now(), end) << "nothing is heard any more";
    poster->append(std::span(&bundle, 1));
    heard = !listener->wait(std::span(&sack, 1), steady_clock::now() + 1s).empty();
  }
  const SackBatch batch = listener->read_sack(sack, 1U << 20U);
  listener->acknowledge(batch);
}

}  // namespace
}  // namespace gnocchi::ceph::test
