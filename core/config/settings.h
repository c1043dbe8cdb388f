#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/config.h"
#include "core/config/faults.h"
#include "core/config/reader.h"
#include "core/config/values.h"

namespace gnocchi::config {

struct CoreOption;

/// A setting that does not come from a file: of the command line, or a program's own default.
struct Assignment {
  std::string group;
  std::string name;
  std::string value;
};

/// What settings are made of, weakest last: command line, environment, files (a later one wins
/// over an earlier one), a program's defaults, the option tables' defaults.
struct Sources {
  std::vector<Assignment> command_line;
  std::map<std::string, std::string> environment;
  std::vector<Entry> entries;
  std::vector<Assignment> defaults;
  /// The files that `entries` were read from; relative names (policy_file, paste_config) are
  /// looked for beside them first.
  std::vector<std::filesystem::path> files;
};

/// Something an operator should know about the configuration though it works.
struct Notice {
  plugin::Log::Level level = plugin::Log::Level::warning;
  std::string message;
};

/// The Config that everybody reads.
class Settings final : public Config {
 public:
  /// Resolves and checks every option of core's tables; what is wrong is added to `faults`, and
  /// such an option then reads as its default.
  Settings(Sources sources, Faults& faults);

  std::string text(std::string_view group, std::string_view name) const override;
  std::int64_t integer(std::string_view group, std::string_view name) const override;
  double real(std::string_view group, std::string_view name) const override;
  bool boolean(std::string_view group, std::string_view name) const override;
  std::chrono::nanoseconds duration(std::string_view group, std::string_view name) const override;
  std::vector<std::string> list(std::string_view group, std::string_view name) const override;
  bool has(std::string_view group, std::string_view name) const override;
  bool is_set(std::string_view group, std::string_view name) const override;

  /// Who asked for this value, for messages: `/etc/gnocchi/gnocchi.conf:3 [storage] driver = ceph`.
  /// Works for any group and name, also those of drivers.
  std::string origin(std::string_view group, std::string_view name) const;

  /// A value as a source gives it, references not resolved.
  struct Raw {
    std::string group, name, value;
    Location where;
  };
  /// What the command line or a file sets, by this very group and name. Any option.
  std::optional<Raw> set_value(std::string_view group, std::string_view name) const;
  /// What the program's own defaults say. Any option.
  std::optional<Raw> program_default(std::string_view group, std::string_view name) const;

  /// Resolves $name and ${group.name}; throws std::invalid_argument saying what is wrong. A name
  /// that core does not declare and no file sets is looked up in `others` (a driver's options).
  std::string substitute(std::string_view text, std::string_view group,
                         std::span<const plugin::OptionSpec> others = {}) const;

  /// The file of this name: as it is if absolute, else beside the configuration files, then in
  /// ~/.gnocchi, ~, /etc/gnocchi, /etc. nullopt if there is none.
  std::optional<std::filesystem::path> find_file(const std::filesystem::path& name) const;

  const Sources& sources() const noexcept { return sources_; }
  /// Old names, unknown keys outside the drivers' groups, groups of other programs.
  const std::vector<Notice>& notices() const noexcept { return notices_; }

 private:
  struct Resolved {
    const CoreOption* option = nullptr;
    std::optional<Value> value;
    bool set = false;
  };

  const Resolved& resolved(std::string_view group, std::string_view name) const;
  template <class T>
  const T& get(std::string_view group, std::string_view name) const;
  void resolve(const CoreOption& option, Faults& faults);
  std::optional<Raw> find(const CoreOption& option) const;
  std::optional<Raw> find_default(const CoreOption& option) const;
  std::string all_values(std::string_view group, std::string_view name) const;
  void note_unknown_keys();
  // `left`: references that may still be followed, so that circles end.
  std::string reference(std::string_view name, std::string_view group,
                        std::span<const plugin::OptionSpec> others, int& left) const;
  std::string expand(std::string_view text, std::string_view group,
                     std::span<const plugin::OptionSpec> others, int& left) const;

  Sources sources_;
  std::map<std::pair<std::string, std::string>, Resolved> resolved_;
  std::vector<Notice> notices_;
};

/// Settings from the text of one file alone, for tests and tools. Throws Error{invalid_config}.
std::unique_ptr<Settings> settings_from_text(std::string_view text,
                                             std::vector<Assignment> defaults = {},
                                             const std::string& file = "gnocchi.conf");

/// Settings from files (the default ones if both lists are empty), the process's environment and
/// the command line's assignments.
std::unique_ptr<Settings> read_settings(std::string_view program,
                                        const std::vector<std::filesystem::path>& files,
                                        const std::vector<std::filesystem::path>& directories,
                                        std::vector<Assignment> command_line,
                                        std::vector<Assignment> defaults, Faults& faults);

}  // namespace gnocchi::config
