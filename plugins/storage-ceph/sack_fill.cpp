#include "sack_fill.h"

#include <algorithm>

namespace gnocchi::ceph {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kCountsPerLimit = 8;
constexpr std::chrono::seconds kCountRest{1};
/// Counting a full sack again and again takes a twentieth of one thread's time at most.
constexpr int kRestPerCount = 20;

}  // namespace

SackFill::SackFill(std::uint32_t sack_count, std::uint64_t high_water) : high_water_(high_water) {
  sacks_.reserve(sack_count);
  for (std::uint32_t i = 0; i < sack_count; ++i) sacks_.push_back(std::make_unique<Sack>());
}

bool SackFill::must_count(const Sack& sack) const {
  if (!sack.counted || sack.added >= std::max<std::uint64_t>(1, high_water_ / kCountsPerLimit)) {
    return true;
  }
  return sack.found + sack.added >= high_water_ && Clock::now() >= sack.next_count;
}

bool SackFill::admit(SackNumber number, std::uint64_t bundles, const Count& count) {
  Sack& sack = *sacks_.at(number.value);
  const std::scoped_lock guard(sack.mutex);
  if (must_count(sack)) {
    const auto begin = Clock::now();
    sack.found = count(high_water_);
    sack.added = 0;
    sack.counted = true;
    const auto end = Clock::now();
    sack.next_count = end + std::max<Clock::duration>(kCountRest, (end - begin) * kRestPerCount);
  }
  if (sack.found + sack.added >= high_water_) return false;
  sack.added += bundles;
  return true;
}

}  // namespace gnocchi::ceph
