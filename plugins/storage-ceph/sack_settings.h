#pragma once

#include <cstdint>
#include <optional>

#include "flight.h"

namespace gnocchi::ceph {

/// The number of sacks as it is kept in the pool: {"sacks": 128} in the object gnocchi-config.
std::optional<std::uint32_t> read_sack_count(const Cluster& cluster, OperationCounts& counts);

/// Throws Error{invalid_config} unless a layout can have so many.
void check_sack_count(std::uint32_t sack_count);

enum class Existing { keep, replace };
void write_sack_count(const Cluster& cluster, OperationCounts& counts, std::uint32_t sack_count,
                      Existing existing);

}  // namespace gnocchi::ceph
