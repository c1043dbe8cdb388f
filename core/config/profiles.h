#pragma once

#include <filesystem>
#include <vector>

#include "core/config/settings.h"

namespace gnocchi::config {

/// Series, measures and index in one directory: files, and gnocchi.db.
std::vector<Assignment> embedded_drivers(const std::filesystem::path& data_directory);

/// The defaults of gnocchi-server: everything in one directory, no other server needed, names
/// without passwords.
std::vector<Assignment> embedded_defaults(const std::filesystem::path& data_directory);

/// The text with each '$' doubled, so that it is taken literally as a value.
std::string literal(std::string_view text);

}  // namespace gnocchi::config
