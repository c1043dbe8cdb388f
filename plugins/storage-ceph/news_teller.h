#pragma once

#include <memory>
#include <set>
#include <string>

#include "cluster.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/types.h"
#include "operation_counts.h"

namespace gnocchi::ceph {

/// Tells all listening processes which sacks have got measures, by RADOS's notifications. Best
/// effort: what is not heard is found when metricd next looks at its sacks. Where the cluster
/// refuses notifications, that is logged once and nothing more is sent.
///
/// Few notifications are on the way at a time; what comes meanwhile goes together into the next, so
/// that their number follows the cluster's speed and not the number of requests. Any thread.
class NewsTeller {
 public:
  /// What is given outlives the object.
  NewsTeller(const Cluster& cluster, OperationCounts& counts, plugin::Log& log, std::string sender);
  NewsTeller(const NewsTeller&) = delete;
  NewsTeller& operator=(const NewsTeller&) = delete;
  /// Waits a moment for what is on the way.
  ~NewsTeller();

  /// Returns at once.
  void tell(const std::set<SackNumber>& sacks);

 private:
  struct State;

  static void arrived(void* completion, void* state);

  // Shared with what is on the way, which may arrive when this object is gone.
  const std::shared_ptr<State> state_;
};

}  // namespace gnocchi::ceph
