#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace gnocchi::config {
class Config;
}

namespace gnocchi::metricd {

/// What [metricd] of gnocchi.conf says.
struct Settings {
  std::size_t workers = 1;
  std::chrono::nanoseconds processing_delay{};  ///< between two looks at all sacks
  bool greedy = true;                           ///< process news at once
  std::chrono::nanoseconds reporting_delay{};   ///< negative: no report
  std::chrono::nanoseconds cleanup_delay{};
  std::uint32_t cleanup_batch_size = 0;               ///< metrics expunged in one go
  std::uint32_t processing_replicas = 1;              ///< members that look after each sack
  std::size_t raw_cache_bytes = 0;                    ///< of raw series that are remembered
  std::chrono::nanoseconds inactive_after{};          ///< 0: metrics never count as inactive
  std::chrono::nanoseconds resource_cleanup_after{};  ///< after ended_at; 0: never
  bool resource_cleanup_dry_run = false;              ///< only tell what would be removed
  std::string member_id;                              ///< unique among all processes
};

/// Fills the settings in from the configuration; the member id is "host.pid.random".
Settings read_settings(const config::Config& config);

}  // namespace gnocchi::metricd
