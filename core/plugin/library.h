#pragma once

#include <filesystem>

#include "gnocchi/plugin/manifest.h"

namespace gnocchi::plugin {

/// Opens a shared library for the rest of the process's life and returns its manifest, or null if
/// it has none. Throws std::exception with the dynamic linker's reason. Any thread.
const Manifest* open_library(const std::filesystem::path& file);

}  // namespace gnocchi::plugin
