#pragma once

#include <filesystem>
#include <vector>

#include "core/config/settings.h"

namespace gnocchi::config {

/// The defaults of gnocchi-server: everything in one directory, no other server needed. Series and
/// measures in files below `data_directory`, the index in gnocchi.db there, names without
/// passwords.
std::vector<Assignment> embedded_defaults(const std::filesystem::path& data_directory);

/// The text with each '$' doubled, so that it is taken literally as a value.
std::string literal(std::string_view text);

}  // namespace gnocchi::config
