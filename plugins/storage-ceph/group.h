#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster.h"
#include "gnocchi/coordinator.h"
#include "leased_lock.h"
#include "operation_counts.h"

namespace gnocchi::ceph {

/// One object per group: each live member holds a shared lock on it, whose cookie is its id, and
/// has its capabilities under its id in the omap. Whether a member lives is thus judged by one
/// clock, the OSD's. Any thread.
class Group {
 public:
  Group(const Cluster& cluster, OperationCounts& counts, std::string_view name);

  std::unique_ptr<LeasedLock> membership(const LeaseRules& rules, const std::string& id) const;
  void publish(const Member& member) const;
  void withdraw(const std::vector<std::string>& ids) const;
  /// Live members, sorted by id. What dead ones have published is removed.
  std::vector<Member> members() const;

 private:
  std::vector<std::string> live_ids() const;

  const Cluster& cluster_;
  OperationCounts& counts_;
  const std::string object_;
};

}  // namespace gnocchi::ceph
