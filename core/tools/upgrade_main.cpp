// gnocchi-upgrade: creates or migrates index, storage and incoming storage.
#include "core/service/program.h"
#include "core/service/upgrade.h"

namespace {

using gnocchi::plugin::OptionType;
using gnocchi::service::Arguments;
using gnocchi::service::Program;
namespace service = gnocchi::service;

service::UpgradePlan plan_of(const Arguments& arguments, const gnocchi::config::Config& config) {
  service::UpgradePlan plan = service::usual_upgrade(config);
  plan.index = !arguments.flag("skip-index");
  plan.storage = !arguments.flag("skip-storage");
  plan.incoming = !arguments.flag("skip-incoming");
  plan.archive_policies = !arguments.flag("skip-archive-policies-creation");
  plan.sack_count = static_cast<std::uint32_t>(arguments.integer("sacks-number"));
  if (arguments.flag("old-archive-policies")) {
    plan.default_policies = gnocchi::index::DefaultPolicies::as_in_3_0;
    if (!config.is_set("archive_policy", "default_aggregation_methods")) {
      plan.default_methods = gnocchi::index::default_methods_of_3_0();
    }
  }
  return plan;
}

service::DriverNeeds needs_of(const Arguments& arguments) {
  service::DriverNeeds needs;
  // Policies and types are rows of the index, so it is wanted even if its schema is skipped.
  needs.indexer = true;
  needs.storage = !arguments.flag("skip-storage");
  needs.incoming = !arguments.flag("skip-incoming");
  return needs;
}

service::ProgramSpec spec() {
  service::ProgramSpec made;
  made.name = "gnocchi-upgrade";
  made.summary =
      "Creates the index, the storage and the incoming storage, or brings older ones up "
      "to date. May be repeated.";
  made.options = {
      {{"skip-index", OptionType::boolean, nullptr, "leave the index's schema as it is"}},
      {{"skip-storage", OptionType::boolean, nullptr, "leave the storage as it is"}},
      {{"skip-incoming", OptionType::boolean, nullptr, "leave the incoming storage as it is"}},
      {{"skip-archive-policies-creation", OptionType::boolean, nullptr,
        "create no default archive policies"}},
      {.spec = {"sacks-number", OptionType::integer, "128", "sacks of a new incoming storage",
                false, false, 1, service::kMostSacks},
       .value_name = "N"},
      {{"create-legacy-resource-types", OptionType::boolean, nullptr,
        "create the resource types of Ceilometer up to Newton"},
       "DEFAULT.create_legacy_resource_types"},
      {{"old-archive-policies", OptionType::boolean, nullptr,
        "create the default archive policies of Gnocchi 3.0"}},
  };
  made.needs = needs_of;
  return made;
}

int upgrade(Program& program) {
  if (!program.start_drivers()) return service::kExitFailed;
  service::upgrade(program.drivers().drivers(), plan_of(program.arguments(), program.config()),
                   program.log());
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return service::run(spec(), argc, argv, upgrade); }
