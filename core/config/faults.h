#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gnocchi::config {

/// Where a setting comes from: a line of a file, the command line, the environment.
struct Location {
  std::string file;      ///< a path, or "command line", "environment"; empty: a default
  std::size_t line = 0;  ///< 0 where there are no lines

  /// "/etc/gnocchi/gnocchi.conf:12"
  std::string text() const;
  bool operator==(const Location&) const = default;
};

/// Collects everything wrong with the settings, so that all of it is told at once.
class Faults {
 public:
  /// A whole message, from its ID on: "PLUGIN_NOT_FOUND  ...".
  void add(std::string message);
  /// The same unless it was told already.
  void add_once(std::string message);
  /// "CONFIG_INVALID  file:12 [group] name = "value": problem".
  void add_value(const Location& where, std::string_view group, std::string_view name,
                 std::string_view shown_value, std::string_view problem);
  /// "CONFIG_INVALID  file:12: problem".
  void add_line(const Location& where, std::string_view problem);

  bool empty() const noexcept { return messages_.empty(); }
  const std::vector<std::string>& messages() const noexcept { return messages_; }
  /// Throws Error{invalid_config} with all messages, one a line.
  void throw_if_any() const;

 private:
  std::vector<std::string> messages_;
};

/// What a secret looks like in messages, logs and listings.
inline constexpr std::string_view kHidden = "***";

}  // namespace gnocchi::config
