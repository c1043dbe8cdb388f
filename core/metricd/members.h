#pragma once

namespace gnocchi::metricd {

/// The coordinator's group of all processes that process measures; as Python's metricd calls it.
inline constexpr char kMembers[] = "gnocchi-processing";

}  // namespace gnocchi::metricd
