#include "core/metricd/settings.h"

#include <unistd.h>

#include "core/config/config.h"
#include "gnocchi/types.h"

namespace gnocchi::metricd {
namespace {

std::string make_member_id() {
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  return std::string(host) + "." + std::to_string(getpid()) + "." +
         Uuid::random().to_string().substr(0, 8);
}

}  // namespace

Settings read_settings(const config::Config& config) {
  constexpr char kGroup[] = "metricd";
  Settings settings;
  settings.workers = static_cast<std::size_t>(config.integer(kGroup, "workers"));
  settings.processing_delay = config.duration(kGroup, "metric_processing_delay");
  settings.greedy = config.boolean(kGroup, "greedy");
  settings.reporting_delay = config.duration(kGroup, "metric_reporting_delay");
  settings.cleanup_delay = config.duration(kGroup, "metric_cleanup_delay");
  settings.cleanup_batch_size =
      static_cast<std::uint32_t>(config.integer(kGroup, "cleanup_batch_size"));
  settings.processing_replicas =
      static_cast<std::uint32_t>(config.integer(kGroup, "processing_replicas"));
  settings.raw_cache_bytes = static_cast<std::size_t>(config.integer(kGroup, "raw_cache_mib"))
                             << 20U;
  settings.inactive_after = config.duration(kGroup, "metric_inactive_after");
  settings.resource_cleanup_after = config.duration(kGroup, "resource_cleanup_after");
  settings.resource_cleanup_dry_run = config.boolean(kGroup, "resource_cleanup_dry_run");
  settings.member_id = make_member_id();
  return settings;
}

}  // namespace gnocchi::metricd
