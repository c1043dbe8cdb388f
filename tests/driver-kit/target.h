#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/driver-kit/kit.h"

namespace gnocchi::kit {

/// A needed variable of the environment is not set: the run is skipped, which is not passed.
struct Skipped {
  std::string why;
};

/// Reads the configuration and loads the plugin once, so that everything that cannot work is told
/// before the first case. Throws Error{invalid_config}, Skipped.
void set_target(Target target, const std::filesystem::path& config);

/// Forgets the driver and removes the temporary directory.
void clear_target();

}  // namespace gnocchi::kit
