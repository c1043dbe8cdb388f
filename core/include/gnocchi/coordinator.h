#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/driver.h"

namespace gnocchi {

inline constexpr std::uint32_t kCoordinatorInterface = 1;

/// A lock in hand; destroying it gives it back.
class GNOCCHI_API HeldLock {
 public:
  HeldLock();
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;
  virtual ~HeldLock();
  /// False once the lock is known to be lost (connection gone, lease over). True is no promise:
  /// a lock can be lost without its holder knowing, hence StorageDriver's versions.
  virtual bool still_held() = 0;
};

/// A process that takes part in the work.
struct Member {
  std::string id;            ///< unique, chosen by core: host.pid.random
  std::string capabilities;  ///< opaque text that core publishes (statistics, as JSON)
};

/// Mutual exclusion and membership between processes, on one host or on many.
class GNOCCHI_API CoordinatorDriver : public Driver {
 public:
  /// The lock, or null if somebody else (another holder in this process included) has it when
  /// `wait` is over. `name` has at most 64 characters.
  virtual std::unique_ptr<HeldLock> lock(std::string_view name, std::chrono::milliseconds wait) = 0;

  /// Becomes a member, or publishes new capabilities. Dies with the process or after stop().
  virtual void join(std::string_view group, const Member& self) = 0;
  virtual void leave(std::string_view group, std::string_view member_id) = 0;
  /// Live members, sorted by id; the caller's own included.
  virtual std::vector<Member> members(std::string_view group) = 0;

  /// Keeps locks and membership alive; core calls it every second or so while it runs.
  virtual void beat() = 0;
};

}  // namespace gnocchi
