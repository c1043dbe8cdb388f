#include "leased_lock.h"

#include <sys/time.h>

#include <cerrno>
#include <utility>

namespace gnocchi::ceph {
namespace {

/// A lease survives two renewals that fail.
constexpr int kRenewalsPerLease = 3;

timeval to_timeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000),
          static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

}  // namespace

LeaseRules LeaseRules::of(std::chrono::nanoseconds lease) {
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(lease);
  return {whole, whole / kRenewalsPerLease};
}

LeasedLock::LeasedLock(const Cluster& cluster, OperationCounts& counts, LeaseRules rules, Mode mode,
                       std::string object, std::string cookie)
    : cluster_(cluster),
      counts_(counts),
      rules_(rules),
      mode_(mode),
      object_(std::move(object)),
      cookie_(std::move(cookie)) {}

/// With the mutex held.
int LeasedLock::ask(unsigned char flags) {
  timeval lease = to_timeval(rules_.lease);
  const auto before = Clock::now();
  counts_.add(Operation::lock);
  const int result = mode_ == Mode::exclusive
                         ? rados_lock_exclusive(cluster_.io(), object_.c_str(), kLockName,
                                                cookie_.c_str(), "", &lease, flags)
                         : rados_lock_shared(cluster_.io(), object_.c_str(), kLockName,
                                             cookie_.c_str(), kLockTag, "", &lease, flags);
  if (result == 0) {
    asked_at_ = before;
    held_until_ = before + rules_.lease;
  }
  return result;
}

bool LeasedLock::take() {
  const std::scoped_lock guard(mutex_);
  const int result = ask(mode_ == Mode::shared ? LIBRADOS_LOCK_FLAG_MAY_RENEW : 0);
  if (result == -EBUSY || result == -EEXIST) return false;
  if (result < 0) throw cluster_.error("lock " + object_, result);
  return true;
}

void LeasedLock::renew_if_due() {
  const std::scoped_lock guard(mutex_);
  const auto now = Clock::now();
  if (held_until_ == Clock::time_point{} || now < asked_at_ + rules_.renew_after) return;
  const unsigned char flags =
      mode_ == Mode::shared ? LIBRADOS_LOCK_FLAG_MAY_RENEW : LIBRADOS_LOCK_FLAG_MUST_RENEW;
  const int result = ask(flags);
  if (result == -ENOENT || result == -EBUSY || result == -EEXIST) {
    held_until_ = {};  // it has been somebody else's since
  } else if (result < 0) {
    throw cluster_.error("renew the lock " + object_, result);
  }
}

bool LeasedLock::held() const {
  const std::scoped_lock guard(mutex_);
  return Clock::now() < held_until_;
}

void LeasedLock::give_back() noexcept {
  const std::scoped_lock guard(mutex_);
  if (Clock::now() < std::exchange(held_until_, Clock::time_point{})) {
    counts_.add(Operation::lock);
    rados_unlock(cluster_.io(), object_.c_str(), kLockName, cookie_.c_str());
  }
}

}  // namespace gnocchi::ceph
