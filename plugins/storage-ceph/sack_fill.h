#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gnocchi/types.h"

namespace gnocchi::ceph {

/// Keeps sacks from growing without end: Ceph warns of an omap of 200,000 keys, and an object of
/// some millions is a burden to its OSD for hours.
///
/// A sack's keys are counted rarely: before the first append of this process, whenever it has added
/// an eighth of the limit since, and, once the limit is reached, every second at most. Other
/// processes add meanwhile, so a sack can exceed the limit by an eighth per process. Any thread;
/// who appends to a sack that is being counted waits for the count.
class SackFill {
 public:
  using Count = std::function<std::uint64_t(std::uint64_t limit)>;

  SackFill(std::uint32_t sack_count, std::uint64_t high_water);

  /// Notes that `bundles` are about to be added. False: the sack is at its limit; nothing is noted.
  /// `count` says how many keys the sack has, or `limit` if it has more.
  bool admit(SackNumber sack, std::uint64_t bundles, const Count& count);

 private:
  struct Sack {
    std::mutex mutex;
    bool counted = false;
    std::uint64_t found = 0;  ///< when it was counted
    std::uint64_t added = 0;  ///< by this process since
    std::chrono::steady_clock::time_point next_count;
  };

  bool must_count(const Sack& sack) const;

  const std::uint64_t high_water_;
  std::vector<std::unique_ptr<Sack>> sacks_;
};

}  // namespace gnocchi::ceph
