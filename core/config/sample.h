#pragma once

#include <span>
#include <string>
#include <vector>

#include "gnocchi/plugin/manifest.h"

namespace gnocchi::config {

/// The options of one driver, to be printed under the group that it reads.
struct SampleDriver {
  std::string group;  ///< "storage"
  std::string title;  ///< "storage:file", said above its options
  std::span<const plugin::OptionSpec> specs;
};

/// A gnocchi.conf that says nothing and explains everything: each option of core and of the
/// drivers, by group, commented out, with its help, range, old names and default.
std::string sample_conf(std::span<const SampleDriver> drivers);

}  // namespace gnocchi::config
