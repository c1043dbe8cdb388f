#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "cluster.h"
#include "flight.h"
#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"
#include "measure_keys.h"
#include "news_listener.h"
#include "news_teller.h"
#include "operation_counts.h"
#include "sack_fill.h"

namespace gnocchi::ceph {

/// Pending measures in the omaps of one object per sack, in the layout of Python Gnocchi's ceph
/// driver (docs/formats/ceph.md), so that its daemons and these can work on one pool.
class CephIncoming final : public IncomingDriver {
 public:
  explicit CephIncoming(const plugin::Context& context);
  ~CephIncoming() override;

  void start() override;
  void stop() noexcept override;
  std::vector<OperationCount> operations() const override;

  void upgrade(std::uint32_t sack_count) override;
  std::uint32_t sack_count() override;
  void change_sack_count(std::uint32_t sack_count) override;
  void append(std::span<const Bundle> bundles) override;
  SackBatch read_sack(SackNumber sack, std::size_t max_bytes) override;
  void acknowledge(const SackBatch& batch) override;
  std::optional<std::vector<std::vector<Bytes>>> read_pending(std::span<const MetricId> metrics,
                                                              std::size_t max_bytes) override;
  IncomingReport report(bool details) override;
  std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks) override;
  std::vector<SackNumber> wait(std::span<const SackNumber> sacks,
                               std::chrono::steady_clock::time_point until) override;
  void wake() noexcept override;

 private:
  /// What depends on the number of sacks.
  struct Sacks;

  /// Read at the first need; throws Error{invalid_config} if gnocchi-upgrade has not run.
  Sacks& sacks();
  std::uint64_t count_keys(const std::string& object, std::uint64_t limit);
  void admit(SackNumber sack, std::size_t bundles);

  Cluster cluster_;
  const std::uint64_t high_water_;
  plugin::Log& log_;
  OperationCounts counts_;
  MeasureKeys keys_;
  std::unique_ptr<NewsTeller> teller_;
  std::unique_ptr<NewsListener> listener_;
  std::mutex mutex_;  ///< guards the making of sacks_
  std::unique_ptr<Sacks> sacks_;
  std::atomic<Sacks*> ready_{nullptr};  ///< sacks_, without the mutex
};

}  // namespace gnocchi::ceph
