#include "waiting_entries.h"

#include <algorithm>

namespace gnocchi::rocks {

void WaitingEntries::add(std::uint64_t sequence) {
  sequences_.push_back(sequence);
  for (auto at = sequences_.size() - 1; at > first_ && sequences_[at - 1] > sequence; --at) {
    std::swap(sequences_[at - 1], sequences_[at]);
  }
}

void WaitingEntries::remove_up_to(std::uint64_t sequence) {
  const auto waiting = all();
  first_ += static_cast<std::size_t>(std::upper_bound(waiting.begin(), waiting.end(), sequence) -
                                     waiting.begin());
  if (first_ < sequences_.size() - first_) return;
  // Moving what is left costs no more than what was removed since the last time.
  sequences_.erase(sequences_.begin(), sequences_.begin() + static_cast<std::ptrdiff_t>(first_));
  sequences_.shrink_to_fit();
  first_ = 0;
}

bool WaitingEntries::contains(std::uint64_t sequence) const {
  const auto waiting = all();
  // Mostly the one asked for is the oldest, or older.
  if (waiting.empty() || sequence < waiting.front()) return false;
  return sequence == waiting.front() ||
         std::binary_search(waiting.begin(), waiting.end(), sequence);
}

}  // namespace gnocchi::rocks
