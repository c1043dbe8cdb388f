#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/plugin/manifest.h"

namespace gnocchi::service {

/// An option of the command line. A boolean one is a switch, with --no<name> as its opposite.
struct CommandOption {
  plugin::OptionSpec spec;        ///< its name with hyphens: "sacks-number"
  const char* setting = nullptr;  ///< "api.port": it sets that option of gnocchi.conf
  char letter = 0;                ///< 'd' for -d
  const char* value_name = "VALUE";
};

/// The command line cannot be understood: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A command line, taken apart and its values checked.
///
/// `--name value`, `--name=value`, `-d`, `-p 1`, `-p1`; names may be written with '_' for '-'. "--"
/// stands for nothing: what follows it is read like the rest, as gnocchi-api's old command line has
/// it.
class Arguments {
 public:
  /// Throws UsageError.
  Arguments(std::span<const CommandOption> options, bool operands_allowed, int argc,
            const char* const* argv);

  /// Whether it stands on the command line.
  bool given(std::string_view name) const;
  /// The value given last, else the option's default; nullopt: neither.
  std::optional<std::string> value(std::string_view name) const;
  /// All values given, in order.
  std::vector<std::string> values(std::string_view name) const;
  bool flag(std::string_view name) const;  ///< of a switch
  std::int64_t integer(std::string_view name) const;
  const std::vector<std::string>& operands() const noexcept { return operands_; }

 private:
  const CommandOption& find(std::string_view name) const;
  // Both return how many of the words that follow they have used.
  std::size_t take(std::string_view word, std::span<const char* const> rest);
  std::size_t take_letters(std::string_view letters, std::span<const char* const> rest);
  void set(const CommandOption& option, std::string value);

  std::vector<CommandOption> options_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> operands_;
};

/// The text of --help.
std::string help_text(std::string_view program, std::string_view summary, std::string_view operands,
                      std::span<const CommandOption> options);

}  // namespace gnocchi::service
