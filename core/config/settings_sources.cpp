// Where settings come from, and which keys of the files nobody reads.
#include <cstdlib>
#include <set>
#include <system_error>
#include <utility>

#include "core/config/core_options.h"
#include "core/config/names.h"
#include "core/config/settings.h"

namespace gnocchi::config {
namespace {

using Level = plugin::Log::Level;

std::vector<std::string> option_names(std::string_view group) {
  std::vector<std::string> names;
  for (const CoreOption& option : core_options()) {
    if (same_group(option.group, group)) names.emplace_back(option.spec.name);
  }
  return names;
}

std::vector<std::string> group_names() {
  std::vector<std::string> names;
  for (const CoreOption& option : core_options()) {
    if (names.empty() || names.back() != option.group) names.emplace_back(option.group);
  }
  return names;
}

/// Whether some option of core had this place once.
bool is_old_name(const Entry& entry) {
  for (const CoreOption& option : core_options()) {
    if (option.spec.was != nullptr && entry.name == option.spec.was &&
        same_group(entry.group, option.group)) {
      return true;
    }
    for (const OldName& old : option.old_names) {
      if (entry.name == old.name && same_group(entry.group, old.group)) return true;
    }
  }
  return false;
}

std::string place(const Entry& entry) {
  return entry.where.text() + " [" + entry.group + "] " + entry.name;
}

}  // namespace

void Settings::note_unknown_keys() {
  std::set<std::string> foreign;
  for (const Entry& entry : sources_.entries) {
    if (find_core_option(entry.group, entry.name) != nullptr || is_old_name(entry)) continue;
    if (const IgnoredOption* ignored = find_ignored_option(entry.group, entry.name)) {
      notices_.push_back({Level::info, place(entry) + " does nothing: " + ignored->why});
    } else if (!is_known_group(entry.group)) {
      if (!foreign.insert(entry.group).second) continue;
      if (const std::string near = nearest_name(entry.group, group_names()); !near.empty()) {
        notices_.push_back(
            {Level::warning, place(entry) + ": unknown group; did you mean [" + near + "]?"});
      }
    } else if (!is_driver_group(entry.group)) {
      const std::string near = nearest_name(entry.name, option_names(entry.group));
      notices_.push_back(
          {Level::warning, place(entry) + ": unknown option" +
                               (near.empty() ? "" : "; did you mean " + near + "?")});
    }
  }
  if (foreign.empty()) return;
  std::string all;
  for (const std::string& group : foreign) all.append(all.empty() ? "" : ", ").append(group);
  notices_.push_back({Level::info, "groups of other programs, not read: " + all});
}

std::optional<std::filesystem::path> Settings::find_file(const std::filesystem::path& name) const {
  namespace fs = std::filesystem;
  std::error_code error;
  if (name.is_absolute()) {
    return fs::exists(name, error) ? std::optional(name) : std::nullopt;
  }
  std::vector<fs::path> directories;
  directories.reserve(sources_.files.size());
  for (const fs::path& file : sources_.files) directories.push_back(file.parent_path());
  for (fs::path& directory : standard_directories()) directories.push_back(std::move(directory));
  for (const fs::path& directory : directories) {
    if (fs::exists(directory / name, error)) return directory / name;
  }
  return std::nullopt;
}

std::unique_ptr<Settings> settings_from_text(std::string_view text,
                                             std::vector<Assignment> defaults,
                                             const std::string& file) {
  Faults faults;
  Sources sources;
  sources.entries = read_ini(text, file, faults);
  sources.defaults = std::move(defaults);
  auto settings = std::make_unique<Settings>(std::move(sources), faults);
  faults.throw_if_any();
  return settings;
}

std::unique_ptr<Settings> read_settings(std::string_view program,
                                        const std::vector<std::filesystem::path>& files,
                                        const std::vector<std::filesystem::path>& directories,
                                        std::vector<Assignment> command_line,
                                        std::vector<Assignment> defaults, Faults& faults) {
  Sources sources;
  sources.files = files;
  for (const std::filesystem::path& directory : directories) {
    for (std::filesystem::path& file : conf_files_in(directory, faults)) {
      sources.files.push_back(std::move(file));
    }
  }
  if (files.empty() && directories.empty()) sources.files = default_conf_files(program, faults);
  for (const std::filesystem::path& file : sources.files) {
    for (Entry& entry : read_ini_file(file, faults)) sources.entries.push_back(std::move(entry));
  }
  for (const CoreOption& option : core_options()) {
    if (option.environment == nullptr) continue;
    if (const char* value = std::getenv(option.environment)) {
      sources.environment[option.environment] = value;
    }
  }
  sources.command_line = std::move(command_line);
  sources.defaults = std::move(defaults);
  return std::make_unique<Settings>(std::move(sources), faults);
}

}  // namespace gnocchi::config
