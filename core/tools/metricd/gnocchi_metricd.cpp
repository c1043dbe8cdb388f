// gnocchi-metricd: turns accepted measures into aggregates.
#include "core/metricd/metricd.h"
#include "core/metricd/settings.h"
#include "core/service/program.h"

namespace {

using gnocchi::plugin::OptionType;
using gnocchi::service::Program;

constexpr char kStopAfter[] = "stop-after-processing-metrics";

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
  metricd.start();
  program.ready();
  program.wait_for_stop();
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
