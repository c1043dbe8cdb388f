#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gnocchi/export.h"
#include "gnocchi/types.h"

namespace gnocchi {

/// One granularity of an archive policy. timespan == granularity x points where both are set.
struct ArchivePolicyItem {
  Timespan granularity{};
  std::optional<std::uint64_t> points;  ///< nullopt: kept for ever
  std::optional<Timespan> timespan;     ///< nullopt: kept for ever
  bool operator==(const ArchivePolicyItem&) const = default;
};

struct ArchivePolicy {
  std::string name;
  std::uint32_t back_window = 0;                 ///< blocks of the coarsest granularity
  std::vector<ArchivePolicyItem> definition;     ///< in the order the user gave
  std::vector<std::string> aggregation_methods;  ///< resolved: no "*", "+x", "-x"; sorted
  bool operator==(const ArchivePolicy&) const = default;
};

/// Gives metrics without a policy the policy of the longest pattern that matches their name.
struct ArchivePolicyRule {
  std::string name;
  std::string metric_pattern;  ///< fnmatch
  std::string archive_policy_name;
  bool operator==(const ArchivePolicyRule&) const = default;
};

}  // namespace gnocchi
