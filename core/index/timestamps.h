#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gnocchi/types.h"

/// Points in time as clients write them, and back. Pure functions; any thread.
///
/// Forms, tried in this order (Gnocchi's own):
///   number    "1425652437.123", " 1e9 ": seconds since the Epoch, a double times 10e8 truncated
///             to nanoseconds, so that digits past the microseconds are those of the double
///   iso8601   "2015-03", "2015-03-06", "2015-03-06T14:34:12.123456789+01:00", 'T' or ' ' between
///             date and time, any part of the time may be missing from the right; "now" and
///             "today" (whole seconds, midnight UTC)
///   relative  "-1 minute", "2 days": a timespan (core/index/timespan.h) counted from `now`
namespace gnocchi::index {

enum class TimestampForm { number, iso8601, relative };

enum class TimestampFault {
  none,
  unreadable,
  before_epoch,
  too_late,  ///< past 2262-04-11T23:47:16.854775807, the last time that nanoseconds can hold
};

struct ParsedTimestamp {
  std::int64_t ns = 0;  ///< since the Epoch; meaningful only without fault
  TimestampForm form = TimestampForm::iso8601;
  TimestampFault fault = TimestampFault::none;
};

/// Never throws, never allocates for the common shapes.
[[nodiscard]] ParsedTimestamp parse_timestamp(std::string_view text, Timestamp now) noexcept;

/// Seconds since the Epoch, as a JSON number gives them. NaN and infinities are unreadable.
[[nodiscard]] ParsedTimestamp timestamp_from_seconds(double seconds) noexcept;

/// Gnocchi's sentence for a fault: "Unable to convert timestamps", "Timestamp must be after Epoch".
const char* sentence(TimestampFault fault) noexcept;

/// parse_timestamp() for who wants no details. Throws Refused{invalid_value} with the sentence.
Timestamp to_timestamp(std::string_view text, Timestamp now);

/// to_timestamp() rounded to the microseconds that SQL's DATETIME(6) keeps, by way of a double as
/// Gnocchi does it: the times of resources.
Timestamp to_datetime(std::string_view text, Timestamp now);

}  // namespace gnocchi::index
