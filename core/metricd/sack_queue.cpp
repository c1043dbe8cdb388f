#include "core/metricd/sack_queue.h"

#include <algorithm>
#include <utility>

namespace gnocchi::metricd {
namespace {

/// Rests end together, so many times within the length of one: sacks that were busy at different
/// times are due at the same ones, and share passes, with their queries and syncs.
constexpr int kEndsPerRest = 4;

}  // namespace

void SackQueue::request(std::span<const SackNumber> sacks, Clock::time_point due) {
  bool wakes = false;
  {
    const std::scoped_lock guard(mutex_);
    for (const SackNumber sack : sacks) {
      Entry& entry = entries_[sack];
      const auto at = std::max(due, entry.rests_until);
      entry.due = entry.due ? std::min(*entry.due, at) : at;
      wakes |= !entry.taken && is_sooner(entry);
    }
  }
  if (wakes) changed_.notify_one();
}

std::vector<SackNumber> SackQueue::find_due(Clock::time_point now, Clock::time_point& next) const {
  std::vector<std::pair<Clock::time_point, SackNumber>> due;
  for (const auto& [sack, entry] : entries_) {
    if (!entry.due || entry.taken) continue;
    next = std::min(next, *entry.due);
    if (*entry.due <= now) due.emplace_back(*entry.due, sack);
  }
  std::sort(due.begin(), due.end());
  std::vector<SackNumber> sacks;
  sacks.reserve(due.size());
  for (const auto& entry : due) sacks.push_back(entry.second);
  return sacks;
}

std::vector<SackNumber> SackQueue::take(std::size_t most, std::size_t workers) {
  std::unique_lock guard(mutex_);
  while (!closed_) {
    const auto now = Clock::now();
    std::erase_if(entries_, [now](const auto& item) {
      const Entry& entry = item.second;
      return !entry.due && !entry.taken && entry.rests_until <= now;
    });
    Clock::time_point next = Clock::time_point::max();
    auto due = find_due(now, next);
    if (!due.empty()) {
      due.resize(std::min(most, (due.size() + workers - 1) / workers));
      for (const SackNumber sack : due) {
        Entry& entry = entries_[sack];
        entry.taken = true;
        entry.due.reset();
      }
      // Whoever else waits looks after those that are left, and says when.
      next_look_ = Clock::time_point::max();
      if (count_waiting() > 0) changed_.notify_one();
      return due;
    }
    next_look_ = next;
    if (next == Clock::time_point::max()) {
      changed_.wait(guard);
    } else {
      changed_.wait_until(guard, next);
    }
  }
  return {};
}

void SackQueue::done(SackNumber sack, std::optional<Clock::time_point> again) {
  const std::scoped_lock guard(mutex_);
  Entry& entry = entries_[sack];
  entry.taken = false;
  if (again) {
    entry.due = entry.due ? std::min(*entry.due, *again) : *again;
  } else {
    entry.rests_until = end_of_rest();
    if (entry.due) entry.due = std::max(*entry.due, entry.rests_until);
  }
  if (is_sooner(entry)) changed_.notify_one();
}

SackQueue::Clock::time_point SackQueue::end_of_rest() const {
  const auto earliest = Clock::now() + rest_;
  const auto step = rest_ / kEndsPerRest;
  if (step == Clock::duration::zero()) return earliest;
  return earliest + (step - earliest.time_since_epoch() % step);
}

std::size_t SackQueue::size() const {
  const std::scoped_lock guard(mutex_);
  return count_waiting();
}

std::size_t SackQueue::count_waiting() const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(),
      [](const auto& entry) { return entry.second.due.has_value() && !entry.second.taken; }));
}

void SackQueue::open() {
  const std::scoped_lock guard(mutex_);
  entries_.clear();
  closed_ = false;
}

void SackQueue::close() {
  const std::scoped_lock guard(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace gnocchi::metricd
