// gnocchi-server: API and metricd in one process, on the embedded default.
#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "api/api_server.h"
#include "core/config/profiles.h"
#include "core/metricd/metricd.h"
#include "core/metricd/settings.h"
#include "core/service/program.h"
#include "core/service/upgrade.h"

namespace {

using gnocchi::config::Settings;
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

/// What the data directory has, else the better one that is installed.
std::string storage_driver(const std::string& data_directory, const Settings& configured) {
  const auto plugins = configured.list("DEFAULT", "plugin_path");
  const bool installed = std::any_of(plugins.begin(), plugins.end(), [](const auto& directory) {
    std::error_code ignored;
    return std::filesystem::exists(directory + "/storage-rocksdb.so", ignored);
  });
  return gnocchi::config::embedded_storage(data_directory, installed);
}

int run_server(Program& program) {
  if (program.arguments().given(kDataDir) || !program.config().is_set("indexer", "url")) {
    make_directory(*program.arguments().value(kDataDir));
  }
  auto& drivers = program.drivers().drivers();
  // The policy is read and routes are made while the drivers open their files.
  auto made = std::async(std::launch::async, [&program, &drivers] {
    try {
      return std::make_unique<gnocchi::api::ApiServer>(program.config(), drivers, program.stats(),
                                                       program.log());
    } catch (...) {
      program.stop();  // ends their waiting
      throw;
    }
  });
  const bool started = program.start_drivers();
  const std::unique_ptr<gnocchi::api::ApiServer> server = made.get();
  if (!started) return 0;
  service::upgrade(drivers, service::usual_upgrade(program.config()), program.log());

  gnocchi::metricd::Metricd metricd(gnocchi::metricd::read_settings(program.config()),
                                    *drivers.storage, *drivers.incoming, *drivers.indexer,
                                    *drivers.coordinator, program.log());
  program.stats().add([&metricd](gnocchi::stats::Text& text) { metricd.describe(text); });
  server->serve();
  server->start();
  metricd.start();
  program.on_reload([&server](const gnocchi::config::Settings&) { server->reload_policy(); });
  program.ready();
  while (const auto fresh = program.wait_for_reload()) {
    metricd.restart(gnocchi::metricd::read_settings(*fresh));
  }
  program.log().info("waiting for the requests and passes in hand");
  server->stop();
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
  spec.defaults = [](const Arguments& arguments, const Settings& configured) {
    const std::string directory = *arguments.value(kDataDir);
    // Who says where files are has files; where a driver is configured this default is none.
    const bool decided = configured.set_value("storage", "file_basepath").has_value() ||
                         configured.set_value("storage", "driver").has_value();
    return gnocchi::config::embedded_defaults(
        directory, decided ? "file" : storage_driver(directory, configured));
  };
  spec.overrides = [](const Arguments& arguments, const Settings& configured) {
    if (!arguments.given(kDataDir)) return std::vector<gnocchi::config::Assignment>{};
    const std::string directory = *arguments.value(kDataDir);
    return gnocchi::config::embedded_drivers(directory, storage_driver(directory, configured));
  };
  return service::run(spec, argc, argv, run_server);
}
