#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gnocchi/types.h"

namespace gnocchi::metricd {

/// The sacks that `self` looks after: each sack goes to the `replicas` members that score highest
/// for it (rendezvous hashing), so a join or a death moves only the sacks concerned. With no more
/// members than replicas, or if `self` is not among them, everything. Pure.
std::vector<SackNumber> owned_sacks(const std::vector<std::string>& members,
                                    const std::string& self, std::uint32_t sack_count,
                                    std::uint32_t replicas);

}  // namespace gnocchi::metricd
