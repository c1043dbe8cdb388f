#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/faults.h"

namespace gnocchi::config {

/// One assignment of an INI file, as it stands there: no reference is resolved yet.
struct Entry {
  std::string group;  ///< "DEFAULT", "storage"
  std::string name;   ///< with '-' turned into '_': both are used for one option
  std::string value;  ///< continuation lines joined by '\n'; one pair of quotes taken off
  Location where;
};

/// Reads oslo.config's INI dialect: `[group]`, `name = value` or `name: value`, continuation lines
/// that start with white space, comments on lines of their own. Entries are in the file's order
/// and may repeat. Whatever cannot be read becomes a fault and is skipped.
std::vector<Entry> read_ini(std::string_view text, const std::string& file, Faults& faults);

/// The same from a file; a file that cannot be read is a fault.
std::vector<Entry> read_ini_file(const std::filesystem::path& path, Faults& faults);

/// The *.conf files of a --config-dir, in order of their names; a missing directory is a fault.
std::vector<std::filesystem::path> conf_files_in(const std::filesystem::path& directory,
                                                 Faults& faults);

/// ~/.gnocchi, ~, /etc/gnocchi, /etc: where files named without a directory are looked for.
std::vector<std::filesystem::path> standard_directories();

/// The gnocchi.conf, <program>.conf and *.conf.d/*.conf that are read when the command line names
/// none, each from the first of the standard directories that has it.
std::vector<std::filesystem::path> default_conf_files(std::string_view program, Faults& faults);

}  // namespace gnocchi::config
