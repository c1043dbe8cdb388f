#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flight.h"
#include "gnocchi/types.h"

namespace gnocchi::ceph {

/// The bundles of one metric among all of a sack, page after page, for as long as there is room.
struct PendingWalk {
  std::string object;
  std::string prefix;                          ///< of the metric's keys
  std::optional<std::size_t>* room = nullptr;  ///< bytes, of all walks; nullopt: it was not enough
  std::vector<std::pair<std::string, Bytes>> found;  ///< by key
};
/// Sends for the first page; `cluster` outlives the flight.
void walk_pending(Flight& flight, const Cluster& cluster, std::shared_ptr<PendingWalk> walk);

}  // namespace gnocchi::ceph
