#pragma once

#include <limits>
#include <string>
#include <vector>

#include "tests/driver-kit/kit.h"

namespace gnocchi::kit {

/// Cases of incoming drivers. They acknowledge whole sacks, so nothing else may take measures off
/// the backend meanwhile; what other runs have left behind does no harm.
class Incoming : public Case<IncomingDriver> {
 protected:
  /// Few enough to be walked, enough that most metrics are in different ones.
  static constexpr std::uint32_t kSacks = 16;
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max() / 2;

  void prepare(IncomingDriver& driver) override { driver.upgrade(kSacks); }

  SackNumber sack(const MetricId& metric) { return sack_of(metric, driver().sack_count()); }

  void append(const MetricId& metric, std::vector<Bytes> bundles) {
    std::vector<Bundle> batch;
    for (Bytes& data : bundles) batch.push_back({metric, std::move(data)});
    note("append " + std::to_string(batch.size()) + " bundles to " + metric.to_string());
    driver().append(batch);
  }

  SackBatch read(const MetricId& metric, std::size_t max_bytes = kAll) {
    const SackNumber number = sack(metric);
    SackBatch batch = driver().read_sack(number, max_bytes);
    note("read sack " + std::to_string(number.value) + ": " + std::to_string(batch.bundles.size()) +
         " bundles" + (batch.more ? " and more" : ""));
    EXPECT_EQ(batch.sack, number);
    EXPECT_TRUE(batch.bundles.empty() || batch.receipt) << "bundles without a receipt";
    return batch;
  }

  void acknowledge(const SackBatch& batch) {
    note("acknowledge " + std::to_string(batch.bundles.size()) + " bundles");
    driver().acknowledge(batch);
  }

  /// What a batch holds of a metric.
  static std::vector<Bytes> of(const SackBatch& batch, const MetricId& metric) {
    std::vector<Bytes> bundles;
    for (const Bundle& bundle : batch.bundles) {
      if (bundle.metric == metric) bundles.push_back(bundle.data);
    }
    return bundles;
  }

  std::vector<Bytes> pending(const MetricId& metric) {
    const auto lists = driver().read_pending(std::span(&metric, 1), kAll);
    if (!lists || lists->size() != 1) {
      ADD_FAILURE() << "read_pending of one metric did not answer one list";
      return {};
    }
    return lists->front();
  }

  /// Takes all that is left of the metric's sack.
  void drain(const MetricId& metric) {
    for (bool more = true; more;) {
      const SackBatch batch = read(metric);
      more = batch.more;
      acknowledge(batch);
    }
  }
};

}  // namespace gnocchi::kit
