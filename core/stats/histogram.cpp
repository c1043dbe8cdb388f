#include "core/stats/histogram.h"

namespace gnocchi::stats {

void Histogram::observe(nanoseconds time) noexcept {
  std::size_t n = 0;
  while (n < bounds_.size() && time > bounds_[n]) ++n;
  counts_[n].add();
  sum_ns_.add(static_cast<std::uint64_t>(time.count()));
}

std::uint64_t Histogram::count() const noexcept {
  std::uint64_t total = 0;
  for (const Counter& counter : counts_) total += counter.value();
  return total;
}

}  // namespace gnocchi::stats
