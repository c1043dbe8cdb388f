// gnocchi-change-sack-size: another number of sacks for the incoming storage.
#include "core/metricd/members.h"
#include "core/service/program.h"
#include "core/service/upgrade.h"
#include "gnocchi/error.h"

namespace {

using gnocchi::plugin::OptionType;
using gnocchi::service::Program;
namespace service = gnocchi::service;

constexpr char kSacksNumber[] = "sacks-number";

/// Why it cannot be done now; empty: nothing is known against it.
std::string objection(service::Drivers& drivers) {
  const auto members = drivers.coordinator->members(gnocchi::metricd::kMembers);
  if (!members.empty()) {
    return "gnocchi-metricd still runs as " + members.front().id +
           (members.size() > 1 ? " and " + std::to_string(members.size() - 1) + " more" : "") +
           ": stop every gnocchi-api and gnocchi-metricd first";
  }
  const auto backlog = drivers.incoming->report(false);
  if (backlog.bundles > 0) {
    return std::to_string(backlog.bundles) + " bundles of measures of " +
           std::to_string(backlog.metrics) +
           " metrics wait to be processed: stop gnocchi-api, let gnocchi-metricd work until "
           "nothing is left, then stop it and try again";
  }
  return {};
}

int change_sack_size(Program& program) {
  if (!program.arguments().given(kSacksNumber)) {
    throw service::UsageError("--sacks-number is missing");
  }
  if (!program.start_drivers()) return service::kExitFailed;
  auto& drivers = program.drivers().drivers();
  const std::uint32_t before = drivers.incoming->sack_count();
  const auto wanted = static_cast<std::uint32_t>(program.arguments().integer(kSacksNumber));
  if (const std::string reason = objection(drivers); !reason.empty()) {
    throw gnocchi::Error(gnocchi::Error::Code::unavailable,
                         "the number of sacks stays " + std::to_string(before) + ": " + reason);
  }
  drivers.incoming->change_sack_count(wanted);
  program.log().info("event=sacks_changed before=" + std::to_string(before) +
                     " sacks=" + std::to_string(drivers.incoming->sack_count()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  service::ProgramSpec spec;
  spec.name = "gnocchi-change-sack-size";
  spec.summary =
      "Changes the number of sacks of the incoming storage. All measures must have been processed, "
      "and every other program of Gnocchi must be stopped.";
  spec.options = {{.spec = {kSacksNumber, OptionType::integer, nullptr, "sacks to have from now on",
                            false, false, 1, service::kMostSacks},
                   .value_name = "N"}};
  spec.drivers = {.indexer = true, .incoming = true, .coordinator = true};
  return service::run(spec, argc, argv, change_sack_size);
}
