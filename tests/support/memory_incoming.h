#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "gnocchi/error.h"
#include "gnocchi/incoming.h"

namespace gnocchi::support {

/// Pending bundles in queues, one a sack.
class MemoryIncoming : public IncomingDriver {
 public:
  explicit MemoryIncoming(std::uint32_t sack_count = 4) : sack_count_(sack_count) {}

  void start() override {}
  void stop() noexcept override {}
  void upgrade(std::uint32_t) override {}
  std::uint32_t sack_count() override { return sack_count_; }
  void change_sack_count(std::uint32_t sack_count) override {
    if (report(false).bundles > 0) throw Error(Error::Code::unavailable, "measures are pending");
    sack_count_ = sack_count;
  }

  void append(std::span<const Bundle> bundles) override {
    const std::scoped_lock guard(mutex_);
    for (const Bundle& bundle : bundles) {
      const SackNumber sack = sack_of(bundle.metric, sack_count_);
      sacks_[sack].emplace(next_++, bundle);
      news_.insert(sack);
    }
    changed_.notify_all();
  }

  SackBatch read_sack(SackNumber sack, std::size_t max_bytes) override {
    const std::scoped_lock guard(mutex_);
    SackBatch batch;
    batch.sack = sack;
    auto receipt = std::make_unique<Numbers>();
    std::size_t bytes = 0;
    for (const auto& [number, bundle] : sacks_[sack]) {
      if (bytes >= max_bytes) {
        batch.more = true;
        break;
      }
      bytes += bundle.data.size();
      batch.bundles.push_back(bundle);
      receipt->numbers.push_back(number);
    }
    if (!batch.bundles.empty()) batch.receipt = std::move(receipt);
    return batch;
  }

  void acknowledge(const SackBatch& batch) override {
    if (!batch.receipt) return;
    const std::scoped_lock guard(mutex_);
    for (const std::uint64_t number : static_cast<const Numbers&>(*batch.receipt).numbers) {
      sacks_[batch.sack].erase(number);
    }
  }

  std::optional<std::vector<std::vector<Bytes>>> read_pending(std::span<const MetricId> metrics,
                                                              std::size_t max_bytes) override {
    const std::scoped_lock guard(mutex_);
    std::vector<std::vector<Bytes>> pending(metrics.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      for (const auto& [number, bundle] : sacks_[sack_of(metrics[i], sack_count_)]) {
        if (bundle.metric != metrics[i]) continue;
        bytes += bundle.data.size();
        if (bytes > max_bytes) return std::nullopt;
        pending[i].push_back(bundle.data);
      }
    }
    return pending;
  }

  IncomingReport report(bool details) override {
    const std::scoped_lock guard(mutex_);
    std::map<MetricId, std::uint64_t> counts;
    for (const auto& [sack, bundles] : sacks_) {
      for (const auto& entry : bundles) ++counts[entry.second.metric];
    }
    IncomingReport report;
    report.metrics = counts.size();
    for (const auto& [metric, count] : counts) {
      report.bundles += count;
      if (details) report.details.emplace_back(metric, count);
    }
    return report;
  }

  std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks) override {
    const std::scoped_lock guard(mutex_);
    std::vector<SackNumber> pending;
    for (const SackNumber sack : sacks) {
      if (!sacks_[sack].empty()) pending.push_back(sack);
    }
    return pending;
  }

  std::vector<SackNumber> wait(std::span<const SackNumber> sacks,
                               std::chrono::steady_clock::time_point until) override {
    std::unique_lock guard(mutex_);
    std::vector<SackNumber> news;
    changed_.wait_until(guard, until, [&] {
      for (const SackNumber sack : sacks) {
        if (news_.erase(sack) > 0) news.push_back(sack);
      }
      return !news.empty() || woken_;
    });
    woken_ = false;
    return news;
  }

  void wake() noexcept override {
    const std::scoped_lock guard(mutex_);
    woken_ = true;
    changed_.notify_all();
  }

 private:
  struct Numbers : Receipt {
    std::vector<std::uint64_t> numbers;
  };

  std::uint32_t sack_count_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<SackNumber, std::map<std::uint64_t, Bundle>> sacks_;
  std::set<SackNumber> news_;
  std::uint64_t next_ = 0;
  bool woken_ = false;
};

}  // namespace gnocchi::support
