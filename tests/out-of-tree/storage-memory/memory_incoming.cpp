#include "memory_incoming.h"

#include <algorithm>
#include <unordered_set>

#include "gnocchi/error.h"

namespace memory {

using gnocchi::Bundle;
using gnocchi::MetricId;
using gnocchi::SackNumber;

namespace {

/// The bundles that a batch consists of, by number.
class Numbers final : public gnocchi::Receipt {
 public:
  std::unordered_set<std::uint64_t> all;
};

}  // namespace

void MemoryIncoming::upgrade(std::uint32_t sack_count) {
  const std::lock_guard lock(mutex_);
  if (queues_.empty()) queues_.resize(sack_count);  // what exists stays as it is
}

std::uint32_t MemoryIncoming::sack_count() {
  const std::lock_guard lock(mutex_);
  if (queues_.empty()) {
    throw gnocchi::Error(gnocchi::Error::Code::invalid_config,
                         "there are no sacks in memory: run gnocchi-upgrade");
  }
  return static_cast<std::uint32_t>(queues_.size());
}

void MemoryIncoming::change_sack_count(std::uint32_t sack_count) {
  const std::lock_guard lock(mutex_);
  for (const auto& queue : queues_) {
    if (queue.empty()) continue;
    throw gnocchi::Error(gnocchi::Error::Code::unavailable, "measures wait to be processed");
  }
  queues_.resize(sack_count);
}

std::deque<MemoryIncoming::Pending>& MemoryIncoming::queue_of(const MetricId& metric) {
  return queues_[sack_of(metric, static_cast<std::uint32_t>(queues_.size())).value];
}

void MemoryIncoming::append(std::span<const Bundle> bundles) {
  {
    const std::lock_guard lock(mutex_);
    for (const Bundle& bundle : bundles) {
      queue_of(bundle.metric).push_back({++last_number_, bundle});
      news_.insert(sack_of(bundle.metric, static_cast<std::uint32_t>(queues_.size())));
    }
  }
  changed_.notify_all();
}

gnocchi::SackBatch MemoryIncoming::read_sack(SackNumber sack, std::size_t max_bytes) {
  gnocchi::SackBatch batch;
  batch.sack = sack;
  auto numbers = std::make_unique<Numbers>();
  std::size_t size = 0;
  const std::lock_guard lock(mutex_);
  for (const Pending& pending : queues_.at(sack.value)) {
    // At least one bundle, or a large one would never get through.
    if (!batch.bundles.empty() && size + pending.bundle.data.size() > max_bytes) {
      batch.more = true;
      break;
    }
    size += pending.bundle.data.size();
    batch.bundles.push_back(pending.bundle);
    numbers->all.insert(pending.number);
  }
  if (!batch.bundles.empty()) batch.receipt = std::move(numbers);
  return batch;
}

void MemoryIncoming::acknowledge(const gnocchi::SackBatch& batch) {
  const auto* numbers = dynamic_cast<const Numbers*>(batch.receipt.get());
  if (numbers == nullptr) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(queues_.at(batch.sack.value),
                [&](const Pending& pending) { return numbers->all.contains(pending.number); });
}

std::optional<std::vector<std::vector<gnocchi::Bytes>>> MemoryIncoming::read_pending(
    std::span<const MetricId> metrics, std::size_t max_bytes) {
  std::vector<std::vector<gnocchi::Bytes>> lists(metrics.size());
  std::size_t bytes = 0;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i != metrics.size(); ++i) {
    for (const Pending& pending : queue_of(metrics[i])) {
      if (pending.bundle.metric != metrics[i]) continue;
      bytes += pending.bundle.data.size();
      if (bytes > max_bytes) return std::nullopt;
      lists[i].push_back(pending.bundle.data);
    }
  }
  return lists;
}

gnocchi::IncomingReport MemoryIncoming::report(bool details) {
  std::unordered_map<MetricId, std::uint64_t> counts;
  gnocchi::IncomingReport report;
  const std::lock_guard lock(mutex_);
  for (const auto& queue : queues_) {
    report.bundles += queue.size();
    for (const Pending& pending : queue) ++counts[pending.bundle.metric];
  }
  report.metrics = counts.size();
  if (details) report.details.assign(counts.begin(), counts.end());
  return report;
}

std::vector<SackNumber> MemoryIncoming::with_pending(std::span<const SackNumber> sacks) {
  std::vector<SackNumber> found;
  const std::lock_guard lock(mutex_);
  std::copy_if(sacks.begin(), sacks.end(), std::back_inserter(found),
               [&](SackNumber sack) { return !queues_.at(sack.value).empty(); });
  return found;
}

std::vector<SackNumber> MemoryIncoming::wait(std::span<const SackNumber> sacks,
                                             std::chrono::steady_clock::time_point until) {
  std::vector<SackNumber> found;
  std::unique_lock lock(mutex_);
  const std::uint64_t wakes_before = wakes_;
  changed_.wait_until(lock, until, [&] {
    std::copy_if(sacks.begin(), sacks.end(), std::back_inserter(found),
                 [&](SackNumber sack) { return news_.erase(sack) != 0; });
    return !found.empty() || wakes_ != wakes_before;
  });
  return found;
}

void MemoryIncoming::wake() noexcept {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  changed_.notify_all();
}

}  // namespace memory
