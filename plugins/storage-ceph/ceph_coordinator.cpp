#include "ceph_coordinator.h"

#include <algorithm>
#include <set>
#include <thread>

#include "gnocchi/error.h"
#include "gnocchi/types.h"
#include "group.h"

namespace gnocchi::ceph {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kScheme = "ceph://";
constexpr std::size_t kLongestName = 64;
constexpr std::chrono::milliseconds kFirstPause{5};
constexpr std::chrono::milliseconds kLongestPause{200};

void check_url(const std::string& url) {
  if (url == kScheme) return;
  throw Error(Error::Code::invalid_config,
              "coordination_url = " + url +
                  ": the ceph driver needs \"ceph://\" and no more; pool, user and key are "
                  "options ([coordination] or [storage] ceph_pool, ...)");
}

}  // namespace

/// The locks of this process, which beat() goes through.
struct CephCoordinator::Locks {
  std::mutex mutex;
  std::set<std::shared_ptr<LeasedLock>> held;
};

class CephCoordinator::Lock final : public HeldLock {
 public:
  Lock(std::shared_ptr<Locks> locks, std::shared_ptr<LeasedLock> lock)
      : locks_(std::move(locks)), lock_(std::move(lock)) {}
  ~Lock() override {
    {
      const std::scoped_lock guard(locks_->mutex);
      // Gone from there: the coordinator was stopped, and has given it back.
      if (locks_->held.erase(lock_) == 0) return;
    }
    lock_->give_back();
  }
  bool still_held() override { return lock_->held(); }

 private:
  const std::shared_ptr<Locks> locks_;
  const std::shared_ptr<LeasedLock> lock_;
};

CephCoordinator::CephCoordinator(const plugin::Context& context)
    : cluster_(ClusterOptions::from(context.options)),
      rules_(LeaseRules::of(context.options.duration("ceph_lease"))),
      locks_(std::make_shared<Locks>()) {
  check_url(context.options.text("coordination_url"));
}

CephCoordinator::~CephCoordinator() = default;

void CephCoordinator::start() { cluster_.connect(); }

void CephCoordinator::stop() noexcept {
  {
    const std::scoped_lock guard(locks_->mutex);
    for (const auto& lock : locks_->held) lock->give_back();
    locks_->held.clear();
  }
  {
    const std::scoped_lock guard(mutex_);
    for (const auto& [key, membership] : memberships_) membership.lock->give_back();
    memberships_.clear();
  }
  cluster_.disconnect();
}

std::vector<OperationCount> CephCoordinator::operations() const {
  return counts_.of({Operation::read, Operation::write, Operation::lock});
}

std::unique_ptr<HeldLock> CephCoordinator::lock(std::string_view name,
                                                std::chrono::milliseconds wait) {
  if (name.empty() || name.size() > kLongestName || name.find('\0') != std::string_view::npos) {
    throw Error(Error::Code::internal,
                "coordinator: a lock's name must have 1 to 64 characters: " + std::string(name));
  }
  const auto until = std::chrono::steady_clock::now() + wait;
  auto lock =
      std::make_shared<LeasedLock>(cluster_, counts_, rules_, LeasedLock::Mode::exclusive,
                                   "gnocchi-lock-" + std::string(name), Uuid::random().to_string());
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    if (lock->take()) {
      const std::scoped_lock guard(locks_->mutex);
      locks_->held.insert(lock);
      return std::make_unique<Lock>(locks_, lock);
    }
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) return nullptr;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(pause, left));
  }
}

std::shared_ptr<LeasedLock> CephCoordinator::membership(const Key& key) {
  const std::scoped_lock guard(mutex_);
  auto& lock = memberships_[key].lock;
  if (!lock) lock = Group(cluster_, counts_, key.first).membership(rules_, key.second);
  return lock;
}

void CephCoordinator::join(std::string_view group, const Member& self) {
  if (self.id.empty() || self.id.find('\0') != std::string::npos) {
    throw Error(Error::Code::internal, "coordinator: a member must have an id without zero bytes");
  }
  const Key key(group, self.id);
  const auto lock = membership(key);
  const bool anew = !lock->held();
  if (anew) lock->take();
  {
    const std::scoped_lock guard(mutex_);
    if (!anew && memberships_[key].published == self.capabilities) return;
  }
  Group(cluster_, counts_, group).publish(self);
  const std::scoped_lock guard(mutex_);
  memberships_[key].published = self.capabilities;
}

void CephCoordinator::leave(std::string_view group, std::string_view member_id) {
  std::shared_ptr<LeasedLock> lock;
  {
    const std::scoped_lock guard(mutex_);
    const auto found = memberships_.find(Key(group, member_id));
    if (found == memberships_.end()) return;
    lock = found->second.lock;
    memberships_.erase(found);
  }
  lock->give_back();
  Group(cluster_, counts_, group).withdraw({std::string(member_id)});
}

std::vector<Member> CephCoordinator::members(std::string_view group) {
  return Group(cluster_, counts_, group).members();
}

void CephCoordinator::beat() {
  std::vector<std::shared_ptr<LeasedLock>> all;
  {
    const std::scoped_lock guard(locks_->mutex);
    all.assign(locks_->held.begin(), locks_->held.end());
  }
  {
    const std::scoped_lock guard(mutex_);
    for (const auto& [key, membership] : memberships_) all.push_back(membership.lock);
  }
  for (const auto& lock : all) lock->renew_if_due();
}

}  // namespace gnocchi::ceph
