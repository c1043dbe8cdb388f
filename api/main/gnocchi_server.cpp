// gnocchi-server: API and metricd in one process, on the embedded default.
#include <filesystem>

#include "api/api_server.h"
#include "core/config/profiles.h"
#include "core/metricd/metricd.h"
#include "core/metricd/settings.h"
#include "core/service/program.h"
#include "core/service/upgrade.h"

namespace {

using gnocchi::plugin::OptionType;
using gnocchi::service::Arguments;
using gnocchi::service::Program;
namespace service = gnocchi::service;

constexpr char kDataDir[] = "data-dir";

void make_directory(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) {
    throw gnocchi::Error(gnocchi::Error::Code::invalid_config,
                         "--data-dir " + directory.string() + ": " + failed.message());
  }
}

int run_server(Program& program) {
  if (program.arguments().given(kDataDir) || !program.config().is_set("indexer", "url")) {
    make_directory(*program.arguments().value(kDataDir));
  }
  if (!program.start_drivers()) return 0;
  auto& drivers = program.drivers().drivers();
  service::upgrade(drivers, service::usual_upgrade(program.config()), program.log());

  gnocchi::metricd::Metricd metricd(gnocchi::metricd::read_settings(program.config()),
                                    *drivers.storage, *drivers.incoming, *drivers.indexer,
                                    *drivers.coordinator, program.log());
  gnocchi::api::ApiServer server(program.config(), drivers, program.log());
  server.serve();
  server.start();
  metricd.start();
  program.on_reload([&server](const gnocchi::config::Settings&) { server.reload_policy(); });
  program.ready();
  program.wait_for_stop();
  program.log().info("waiting for the requests and passes in hand");
  server.stop();
  metricd.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  service::ProgramSpec spec;
  spec.name = "gnocchi-server";
  spec.summary =
      "Serves Gnocchi's REST API and processes measures in one process; needs no other server.";
  spec.options = {
      {.spec = {kDataDir, OptionType::path, "/var/lib/gnocchi",
                "where the data is kept; given, it wins over the configuration"},
       .value_name = "DIR"},
      {.spec = {"host", OptionType::text, nullptr, "address to listen on"},
       .setting = "api.host",
       .value_name = "ADDRESS"},
      {.spec = {"port", OptionType::integer, nullptr, "TCP port to listen on", false, false, 0,
                65535},
       .setting = "api.port",
       .letter = 'p',
       .value_name = "PORT"},
  };
  spec.drivers = service::kAllDrivers;
  spec.defaults = [](const Arguments& arguments) {
    return gnocchi::config::embedded_defaults(*arguments.value(kDataDir));
  };
  spec.overrides = [](const Arguments& arguments) {
    return arguments.given(kDataDir) ? gnocchi::config::embedded_drivers(*arguments.value(kDataDir))
                                     : std::vector<gnocchi::config::Assignment>{};
  };
  return service::run(spec, argc, argv, run_server);
}
