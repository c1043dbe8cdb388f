#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "cluster.h"
#include "operation_counts.h"

namespace gnocchi::ceph {

/// What coordinator's locks and memberships have in common: a RADOS lock that its OSD forgets when
/// its lease is over.
struct LeaseRules {
  std::chrono::milliseconds lease{0};
  std::chrono::milliseconds renew_after{0};

  static LeaseRules of(std::chrono::nanoseconds lease);
};

/// One lock in hand: exclusive on an object, or a shared one among others. Any thread.
class LeasedLock {
 public:
  enum class Mode { exclusive, shared };

  /// Takes nothing yet. `cookie` tells this holder from others of the same client.
  LeasedLock(const Cluster& cluster, OperationCounts& counts, LeaseRules rules, Mode mode,
             std::string object, std::string cookie);

  /// False: somebody else has it. Throws Error.
  bool take();
  /// Makes the lease longer if it is time; a lock that was lost meanwhile stays lost if exclusive,
  /// and is taken anew if shared. Throws Error.
  void renew_if_due();
  /// The lock is not ours from the end of the lease on, as seen from before it was asked for.
  bool held() const;
  /// Once; afterwards it is not held. Errors are left to the lease.
  void give_back() noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  int ask(unsigned char flags);

  const Cluster& cluster_;
  OperationCounts& counts_;
  const LeaseRules rules_;
  const Mode mode_;
  const std::string object_;
  const std::string cookie_;
  mutable std::mutex mutex_;
  Clock::time_point asked_at_;    ///< before the last request that was granted
  Clock::time_point held_until_;  ///< the epoch: not held
};

/// The name of the lock on a lock's or a group's object.
inline constexpr char kLockName[] = "gnocchi";
/// Shared locks need a word that their holders agree on.
inline constexpr char kLockTag[] = "gnocchi";

}  // namespace gnocchi::ceph
