#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/plugin/context.h"
#include "leased_lock.h"
#include "operation_counts.h"

namespace gnocchi::ceph {

/// Locks and membership in a pool, by RADOS locks with a lease that beat() renews: one object per
/// lock, one per group. A process that dies, or stands still, loses them when the lease is over.
class CephCoordinator final : public CoordinatorDriver {
 public:
  explicit CephCoordinator(const plugin::Context& context);
  ~CephCoordinator() override;

  void start() override;
  void stop() noexcept override;
  std::vector<OperationCount> operations() const override;
  std::unique_ptr<HeldLock> lock(std::string_view name, std::chrono::milliseconds wait) override;
  void join(std::string_view group, const Member& self) override;
  void leave(std::string_view group, std::string_view member_id) override;
  std::vector<Member> members(std::string_view group) override;
  void beat() override;

 private:
  struct Locks;
  class Lock;
  using Key = std::pair<std::string, std::string>;  // group and id
  struct Membership {
    std::shared_ptr<LeasedLock> lock;
    std::string published;
  };

  std::shared_ptr<LeasedLock> membership(const Key& key);

  Cluster cluster_;
  OperationCounts counts_;
  const LeaseRules rules_;
  std::shared_ptr<Locks> locks_;  ///< in hand; shared with those that hold them
  std::mutex mutex_;              ///< guards memberships_
  std::map<Key, Membership> memberships_;
};

}  // namespace gnocchi::ceph
