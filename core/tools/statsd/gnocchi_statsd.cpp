// gnocchi-statsd: receives statsd packets over UDP.
#include "core/config/core_options.h"
#include "core/pipeline/buffered_writer.h"
#include "core/service/program.h"
#include "core/statsd/server.h"

namespace {

using gnocchi::Error;
using gnocchi::plugin::OptionType;
using gnocchi::service::Program;
namespace config = gnocchi::config;

constexpr char kGroup[] = "statsd";

std::optional<std::string> text(const config::Config& config, const char* name) {
  if (!config.has(kGroup, name) || config.text(kGroup, name).empty()) return std::nullopt;
  return config.text(kGroup, name);
}

std::string resource_id(const config::Settings& config) {
  const auto id = text(config, "resource_id");
  if (!id) {
    throw Error(Error::Code::invalid_config,
                config::must_be_set(kGroup, config::find_core_option(kGroup, "resource_id")->spec));
  }
  if (!gnocchi::Uuid::parse(*id)) {
    throw Error(Error::Code::invalid_config,
                "CONFIG_INVALID  " + config.origin(kGroup, "resource_id") + " is not a UUID");
  }
  return *id;
}

/// Gnocchi 3.0 had user_id and project_id where later releases have creator.
std::optional<std::string> creator(const config::Config& config) {
  if (auto creator = text(config, "creator")) return creator;
  const auto user = text(config, "user_id");
  const auto project = text(config, "project_id");
  if (!user && !project) return std::nullopt;
  return user.value_or("") + ":" + project.value_or("");
}

int run_statsd(Program& program) {
  const auto& config = program.config();
  const gnocchi::statsd::Server::Options options{resource_id(config),
                                                 config.duration(kGroup, "flush_delay")};
  // Before the drivers, so that packets wait in the socket while a backend is away.
  gnocchi::statsd::UdpSocket socket(config.text(kGroup, "host"),
                                    static_cast<std::uint16_t>(config.integer(kGroup, "port")));
  program.log().info("listening UDP port=" + std::to_string(socket.port()));
  if (!program.start_drivers()) return 0;
  auto& drivers = program.drivers().drivers();
  gnocchi::pipeline::BufferedWriter writer(
      *drivers.indexer, *drivers.incoming, program.log(),
      {.creator = creator(config),
       .archive_policy_name = text(config, "archive_policy_name"),
       .resources = {}});
  gnocchi::statsd::Server server(socket, writer, program.log(), options);
  server.start();
  program.ready();
  program.wait_for_stop();
  program.log().info("flushing a last time");
  server.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  gnocchi::service::ProgramSpec spec;
  spec.name = "gnocchi-statsd";
  spec.summary = "Receives statsd packets over UDP and stores them as measures of one resource.";
  spec.options = {
      {.spec = {"host", OptionType::text, nullptr, "address to listen on"},
       .setting = "statsd.host",
       .value_name = "ADDRESS"},
      {.spec = {"port", OptionType::integer, nullptr, "UDP port to listen on", false, false, 0,
                65535},
       .setting = "statsd.port",
       .letter = 'p',
       .value_name = "PORT"},
  };
  spec.drivers = {.indexer = true, .incoming = true};
  return gnocchi::service::run(spec, argc, argv, run_statsd);
}
