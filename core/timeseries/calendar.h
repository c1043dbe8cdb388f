#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/timeseries/grouping.h"

namespace gnocchi::timeseries {

/// Spans of the Gregorian calendar, UTC, that a series can be resampled by.
enum class CalendarGroup : std::uint8_t { year, half, quarter, month, week };

/// "Y", "H", "Q", "M", "W"; nullopt: none of them.
std::optional<CalendarGroup> parse_calendar_group(std::string_view name) noexcept;

std::string_view to_string(CalendarGroup group) noexcept;

/// Groups ascending times; a group's time is midnight of its first day. Weeks begin on Sunday.
Groups group_by_calendar(std::span<const std::int64_t> times, CalendarGroup group);

}  // namespace gnocchi::timeseries
