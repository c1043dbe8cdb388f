// gnocchi-api: serves the REST API.
#include "api/api_server.h"
#include "core/service/program.h"
#include "core/service/starting_drivers.h"

namespace {

using gnocchi::plugin::OptionType;
using gnocchi::service::Program;

int run_api(Program& program) {
  gnocchi::api::ApiServer server(program.config(), program.drivers().drivers(), program.stats(),
                                 program.log());
  server.start();
  // In the background, so that clients are told to come back while a backend is away.
  const gnocchi::service::StartingDrivers starting(
      program.drivers(), [&server] { server.serve(); },
      [&program](std::exception_ptr reason) { program.fail(std::move(reason)); });
  program.on_reload([&server](const gnocchi::config::Settings&) { server.reload_policy(); });
  program.ready();
  program.wait_for_stop();
  program.log().info("waiting for the requests in hand");
  server.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  gnocchi::service::ProgramSpec spec;
  spec.name = "gnocchi-api";
  spec.summary = "Serves Gnocchi's REST API.";
  spec.options = {
      {.spec = {"host", OptionType::text, nullptr, "address to listen on"},
       .setting = "api.host",
       .value_name = "ADDRESS"},
      {.spec = {"port", OptionType::integer, nullptr, "TCP port to listen on", false, false, 0,
                65535},
       .setting = "api.port",
       .letter = 'p',
       .value_name = "PORT"},
  };
  spec.drivers = gnocchi::service::kAllDrivers;
  return gnocchi::service::run(spec, argc, argv, run_api);
}
