// gnocchi-metricd: turns accepted measures into aggregates.
#include <optional>

#include "api/stats_server.h"
#include "core/metricd/metricd.h"
#include "core/metricd/settings.h"
#include "core/pipeline/backlog.h"
#include "core/service/program.h"

namespace {

using gnocchi::plugin::OptionType;
using gnocchi::service::Program;

constexpr char kStopAfter[] = "stop-after-processing-metrics";

/// Serves /metrics where [metricd] metrics_port says so.
class Scraped {
 public:
  Scraped(Program& program, const gnocchi::metricd::Metricd& metricd)
      : backlog_(*program.drivers().drivers().incoming, program.log()) {
    const auto& config = program.config();
    if (!config.has("metricd", "metrics_port")) return;
    program.stats().add([this, &metricd](gnocchi::stats::Text& text) {
      metricd.describe(text);
      backlog_.describe(text);
    });
    server_.emplace(config.text("metricd", "metrics_host"),
                    static_cast<std::uint16_t>(config.integer("metricd", "metrics_port")),
                    program.stats(), program.log());
    server_->start();
    program.log().info("metrics served port=" + std::to_string(server_->port()));
  }

 private:
  gnocchi::pipeline::Backlog backlog_;
  std::optional<gnocchi::api::StatsServer> server_;
};

int run_metricd(Program& program) {
  if (!program.start_drivers()) return 0;
  auto& drivers = program.drivers().drivers();
  gnocchi::metricd::Metricd metricd(gnocchi::metricd::read_settings(program.config()),
                                    *drivers.storage, *drivers.incoming, *drivers.indexer,
                                    *drivers.coordinator, program.log());
  const auto stop_after = program.arguments().integer(kStopAfter);
  if (stop_after > 0) {
    const auto processed = metricd.process_until(static_cast<std::uint64_t>(stop_after));
    program.log().info("processed metrics=" + std::to_string(processed));
    return 0;
  }
  const Scraped scraped(program, metricd);
  metricd.start();
  program.ready();
  while (const auto fresh = program.wait_for_reload()) {
    metricd.restart(gnocchi::metricd::read_settings(*fresh));
  }
  program.log().info("waiting for the passes in hand");
  metricd.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  gnocchi::service::ProgramSpec spec;
  spec.name = "gnocchi-metricd";
  spec.summary = "Processes the measures that gnocchi-api accepts.";
  spec.options = {
      {{kStopAfter, OptionType::integer, "0",
        "Number of metrics to process, without workers, before it ends; for profiling."},
       nullptr,
       0,
       "NUMBER"}};
  spec.drivers = {.indexer = true, .storage = true, .incoming = true, .coordinator = true};
  return gnocchi::service::run(spec, argc, argv, run_metricd);
}
