#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/config.h"
#include "core/index/default_policies.h"
#include "core/service/drivers.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::service {

inline constexpr std::uint32_t kDefaultSackCount = 128;
inline constexpr std::uint32_t kMostSacks = 65535;

/// What an upgrade does. Of the drivers it needs those that it works on, started.
struct UpgradePlan {
  bool index = true;
  bool storage = true;
  bool incoming = true;
  bool archive_policies = true;  ///< the default ones, if the index has no policy and no rule
  bool legacy_resource_types = false;
  std::uint32_t sack_count = kDefaultSackCount;  ///< where incoming has no layout yet
  index::DefaultPolicies default_policies = index::DefaultPolicies::current;
  std::vector<std::string> default_methods;
};

/// The plan of somebody who asks for nothing in particular.
UpgradePlan usual_upgrade(const config::Config& config);

/// Creates or migrates what the drivers keep, then adds the default archive policies and the
/// resource types. Idempotent, and may run on several hosts at once.
void upgrade(Drivers& drivers, const UpgradePlan& plan, plugin::Log& log);

}  // namespace gnocchi::service
