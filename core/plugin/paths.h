#pragma once

#include <filesystem>

/// Where plugins are looked for if the configuration does not say. Target: gnocchi-paths.
namespace gnocchi::plugin {

/// The default of [DEFAULT] plugin_path: "plugins" beside the directory of the running program if
/// there is one (a build tree), else where the plugins were installed, seen from the program, so
/// that an installed tree can be moved.
std::filesystem::path default_plugin_directory();

}  // namespace gnocchi::plugin
