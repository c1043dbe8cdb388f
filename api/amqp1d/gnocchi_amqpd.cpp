// gnocchi-amqpd: receives what collectd sends over AMQP 1.0.
#include "api/amqp1d/amqp_receiver.h"
#include "api/amqp1d/collectd_writer.h"
#include "core/pipeline/buffered_writer.h"
#include "core/service/program.h"

namespace {

using gnocchi::service::Program;
namespace pipeline = gnocchi::pipeline;

constexpr char kGroup[] = "amqp1d";
constexpr gnocchi::AttributeSpec kHost{gnocchi::AttributeType::string, true, 0, 255, {}, {}};

int run_amqpd(Program& program) {
  if (!program.start_drivers()) return 0;
  const auto& config = program.config();
  auto& drivers = program.drivers().drivers();
  pipeline::BufferedWriter::Options options;
  if (config.has(kGroup, "creator")) options.creator = config.text(kGroup, "creator");
  options.resources.type = config.text(kGroup, "resource_type");
  options.max_future = config.duration("api", "max_future");
  options.resources.type_attributes = {{"host", kHost}};
  pipeline::BufferedWriter writer(*drivers.indexer, *drivers.incoming, program.log(), options);
  gnocchi::amqp1d::CollectdWriter collectd(
      writer, program.log(), {options.resources.type, config.duration(kGroup, "flush_delay")});
  gnocchi::amqp1d::AmqpReceiver receiver(
      config.text(kGroup, "url"), [&collectd](std::string_view body) { collectd.take(body); },
      program.log());
  collectd.start();
  receiver.start();
  program.ready();
  program.wait_for_stop();
  program.log().info("flushing a last time");
  receiver.stop();
  collectd.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  gnocchi::service::ProgramSpec spec;
  spec.name = "gnocchi-amqpd";
  spec.summary = "Receives collectd's values over AMQP 1.0 and stores them as measures.";
  spec.drivers = {.indexer = true, .incoming = true};
  return gnocchi::service::run(spec, argc, argv, run_amqpd);
}
