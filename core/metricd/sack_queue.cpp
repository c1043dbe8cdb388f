#include "core/metricd/sack_queue.h"

#include <algorithm>

namespace gnocchi::metricd {

void SackQueue::request(SackNumber sack, Clock::time_point due) {
  const std::scoped_lock guard(mutex_);
  Entry& entry = entries_[sack];
  entry.due = entry.due ? std::min(*entry.due, due) : due;
  changed_.notify_one();
}

std::optional<SackNumber> SackQueue::find_due(Clock::time_point now,
                                              Clock::time_point& next) const {
  std::optional<SackNumber> best;
  Clock::time_point best_due = Clock::time_point::max();
  for (const auto& [sack, entry] : entries_) {
    if (!entry.due || entry.taken) continue;
    next = std::min(next, *entry.due);
    if (*entry.due <= now && *entry.due < best_due) {
      best = sack;
      best_due = *entry.due;
    }
  }
  return best;
}

std::optional<SackNumber> SackQueue::take() {
  std::unique_lock guard(mutex_);
  while (!closed_) {
    Clock::time_point next = Clock::time_point::max();
    if (const auto sack = find_due(Clock::now(), next)) {
      Entry& entry = entries_[*sack];
      entry.taken = true;
      entry.due.reset();
      return sack;
    }
    if (next == Clock::time_point::max()) {
      changed_.wait(guard);
    } else {
      changed_.wait_until(guard, next);
    }
  }
  return std::nullopt;
}

void SackQueue::done(SackNumber sack, std::optional<Clock::time_point> again) {
  const std::scoped_lock guard(mutex_);
  Entry& entry = entries_[sack];
  entry.taken = false;
  if (again) entry.due = entry.due ? std::min(*entry.due, *again) : *again;
  if (!entry.due) {
    entries_.erase(sack);
  } else {
    changed_.notify_one();
  }
}

void SackQueue::close() {
  const std::scoped_lock guard(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace gnocchi::metricd
