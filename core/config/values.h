#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gnocchi/plugin/manifest.h"

namespace gnocchi::config {

/// A checked value. Text, path and url options are strings.
using Value = std::variant<std::string, std::int64_t, double, bool, std::chrono::nanoseconds>;

/// The value that `text` means as the option, or, in `problem`, why it cannot: type, range.
/// Nothing of the value is repeated in `problem`.
std::optional<Value> parse_value(const plugin::OptionSpec& spec, std::string_view text,
                                 std::string& problem);

/// "30" and "1.5" (seconds), "500ms", "30s", "2m", "1h", "7d", "2w"; also "-1" where the range
/// allows it.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// 1/0, yes/no, true/false, on/off in any case.
std::optional<bool> parse_boolean(std::string_view text);

/// oslo's comma-separated list; a part in quotes may hold commas. No empty parts.
std::vector<std::string> split_list(std::string_view text);

/// Values of a kind, for messages: "30, 30s, 2m".
const char* examples_of(plugin::OptionType type) noexcept;
const char* name_of(plugin::OptionType type) noexcept;

/// White space at both ends taken off.
std::string_view trim(std::string_view text) noexcept;

}  // namespace gnocchi::config
