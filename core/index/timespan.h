#pragma once

#include <optional>
#include <string_view>

#include "gnocchi/types.h"

/// Lengths of time as clients and operators write them: a number of seconds ("60", "0.5", "1e3"),
/// units ("1 minute", "1w 2d", "1h, 30m 5.5s") or a clock ("1:30" is 90 s, "2:03:04", "1 day
/// 2:03:04", "1:02:03:04"), with an optional sign. Seconds go through a double and are cut to
/// nanoseconds, as Gnocchi does it. Pure functions; any thread.
namespace gnocchi::index {

/// nullopt: not a timespan, or beyond the 292 years that nanoseconds can hold. Any sign.
std::optional<Timespan> parse_timespan(std::string_view text) noexcept;

/// Likewise for a number of seconds; nullopt for NaN, infinities and beyond 292 years.
std::optional<Timespan> timespan_from_seconds(double seconds) noexcept;

/// A timespan above zero. Throws Refused{invalid_value} with Gnocchi's sentence: "Unable to parse
/// timespan" or "Timespan must be positive".
Timespan to_timespan(std::string_view text);
Timespan to_timespan(double seconds);

/// What Python's float() makes of a text: spaces around and '_' between digits are allowed, so are
/// "inf" and "nan"; too large is infinite. nullopt: not a number.
std::optional<double> parse_float(std::string_view text) noexcept;

}  // namespace gnocchi::index
