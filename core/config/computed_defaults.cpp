// Defaults that depend on the machine and on where the program is installed.
#include <algorithm>
#include <string>
#include <thread>

#include "core/config/core_options.h"
#include "core/plugin/paths.h"

namespace gnocchi::config {
namespace {

unsigned cpus() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

std::optional<std::string> computed_default(const CoreOption& option) {
  const std::string_view name = option.spec.name;
  if (option.default_note == nullptr) return std::nullopt;
  if (name == "workers" || name == "parallel_operations") return std::to_string(cpus());
  if (name == "threads") return std::to_string(std::max(8U, 4 * cpus()));
  if (name == "plugin_path") return plugin::default_plugin_directory().string();
  return std::nullopt;
}

}  // namespace gnocchi::config
