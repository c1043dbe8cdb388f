// gnocchi-config-generator: a gnocchi.conf with every option, explained and commented out; or a
// policy.yaml with every access rule.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <span>

#include "core/config/sample.h"
#include "core/plugin/loader.h"
#include "core/policy/sample.h"
#include "core/service/choose_drivers.h"
#include "core/service/program.h"
#include "gnocchi/error.h"

namespace {

using gnocchi::plugin::OptionType;
using gnocchi::service::Program;
namespace config = gnocchi::config;
namespace service = gnocchi::service;

/// The options of every driver of every plugin that can be loaded; of the others, a line in the
/// log.
std::vector<config::SampleDriver> installed_drivers(Program& program) {
  std::vector<std::filesystem::path> path;
  for (std::string& directory : program.arguments().values("plugin-path")) {
    path.emplace_back(std::move(directory));
  }
  if (path.empty()) {
    for (std::string& directory : program.config().list("DEFAULT", "plugin_path")) {
      path.emplace_back(std::move(directory));
    }
  }
  std::vector<config::SampleDriver> drivers;
  for (const auto& plugin : gnocchi::plugin::list_installed(path)) {
    if (plugin.manifest == nullptr) {
      program.log().warning(plugin.fault);
      continue;
    }
    for (const auto& driver : std::span(plugin.manifest->drivers, plugin.manifest->driver_count)) {
      const std::string kind = gnocchi::plugin::to_string(driver.kind);
      drivers.push_back({service::driver_sections(driver.kind, driver.name).front(),
                         kind + ":" + driver.name, std::span(driver.options, driver.option_count)});
    }
  }
  return drivers;
}

service::ProgramSpec spec() {
  service::ProgramSpec made;
  made.name = "gnocchi-config-generator";
  made.summary =
      "Prints a gnocchi.conf with every option of Gnocchi and of the installed plugins, "
      "explained and commented out.";
  made.reads_config = false;
  made.options = {
      {{"policy", OptionType::boolean, nullptr,
        "print a policy.yaml with every access rule instead"}},
      {.spec = {"output-file", OptionType::path, nullptr,
                "write to this file, not to standard output"},
       .value_name = "FILE"},
      {.spec = {"plugin-path", OptionType::path, nullptr,
                "directory of plugins, in place of the usual one; may be repeated"},
       .value_name = "DIR"},
  };
  return made;
}

int generate(Program& program) {
  const std::string text = program.arguments().flag("policy")
                               ? gnocchi::policy::sample_policy()
                               : config::sample_conf(installed_drivers(program));
  const auto file = program.arguments().value("output-file");
  std::ofstream to_file;
  if (file) to_file.open(*file, std::ios::binary | std::ios::trunc);
  std::ostream& out = file ? to_file : std::cout;
  out << text << std::flush;
  if (out) return 0;
  throw gnocchi::Error(gnocchi::Error::Code::unavailable,
                       "write " + file.value_or("standard output") + ": failed");
}

}  // namespace

int main(int argc, char** argv) { return service::run(spec(), argc, argv, generate); }
