#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>

#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"

namespace memory {

/// Measures on their way, in one queue per sack. Lost with the instance.
class MemoryIncoming final : public gnocchi::IncomingDriver {
 public:
  explicit MemoryIncoming(const gnocchi::plugin::Context&) {}

  void start() override {}
  void stop() noexcept override { wake(); }
  void upgrade(std::uint32_t sack_count) override;
  std::uint32_t sack_count() override;
  void change_sack_count(std::uint32_t sack_count) override;

  void append(std::span<const gnocchi::Bundle> bundles) override;
  gnocchi::SackBatch read_sack(gnocchi::SackNumber sack, std::size_t max_bytes) override;
  void acknowledge(const gnocchi::SackBatch& batch) override;
  std::optional<std::vector<std::vector<gnocchi::Bytes>>> read_pending(
      std::span<const gnocchi::MetricId> metrics, std::size_t max_bytes) override;
  gnocchi::IncomingReport report(bool details) override;
  std::vector<gnocchi::SackNumber> with_pending(
      std::span<const gnocchi::SackNumber> sacks) override;
  std::vector<gnocchi::SackNumber> wait(std::span<const gnocchi::SackNumber> sacks,
                                        std::chrono::steady_clock::time_point until) override;
  void wake() noexcept override;

 private:
  struct Pending {
    std::uint64_t number;  // counts up, so it names a bundle for ever
    gnocchi::Bundle bundle;
  };

  std::deque<Pending>& queue_of(const gnocchi::MetricId& metric);

  std::mutex mutex_;  // guards what follows
  std::vector<std::deque<Pending>> queues_;
  std::uint64_t last_number_ = 0;
  std::set<gnocchi::SackNumber> news_;
  std::uint64_t wakes_ = 0;
  std::condition_variable changed_;
};

}  // namespace memory
