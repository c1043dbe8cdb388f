#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gnocchi/plugin/manifest.h"

namespace gnocchi::config {

/// The place an option had in an earlier version; still read, with a warning.
struct OldName {
  const char* group;
  const char* name;
};

/// One option of core. Drivers' options are in their manifests.
struct CoreOption {
  const char* group;
  plugin::OptionSpec spec;
  bool list = false;        ///< comma-separated
  bool repeatable = false;  ///< given several times, all count; reads as a list
  std::span<const OldName> old_names = {};
  std::span<const char* const> choices = {};  ///< the only texts allowed
  /// Whether a text (of a list: each part) is allowed; nullptr: any. `allowed` says which are.
  bool (*accepts)(std::string_view text) = nullptr;
  const char* allowed = nullptr;
  const char* environment = nullptr;   ///< a variable that wins over the files
  const char* default_note = nullptr;  ///< what the default is where it is no constant
};

/// All of core's options, those of a group together.
std::span<const CoreOption> core_options();

/// nullptr: core has no such option. `name` has '_' for '-'; groups are compared without case.
const CoreOption* find_core_option(std::string_view group, std::string_view name);

/// Whether core reads any option of this group, or any driver does.
bool is_known_group(std::string_view group);
/// Whether drivers read options of this group: then core cannot tell which ones nobody reads.
bool is_driver_group(std::string_view group);

/// Options that are read without complaint and do nothing here, with the reason for the log.
struct IgnoredOption {
  const char* group;
  const char* name;  ///< "*": any that is none of ours
  const char* why;
};
const IgnoredOption* find_ignored_option(std::string_view group, std::string_view name);

/// The default of an option that depends on the machine: numbers of CPUs, where the plugins are.
std::optional<std::string> computed_default(const CoreOption& option);

/// "CONFIG_INVALID  [indexer] url must be set (example: ...)".
std::string must_be_set(std::string_view group, const plugin::OptionSpec& spec);

/// Equality of group names, which disregards case.
bool same_group(std::string_view a, std::string_view b);

}  // namespace gnocchi::config
