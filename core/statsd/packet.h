#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gnocchi::statsd {

enum class Kind { counter, gauge, timer, set };

/// "c", "g", "ms", "s".
std::string_view to_string(Kind kind) noexcept;

/// One line of a statsd packet: what it does to a metric. Views are of the line.
struct Update {
  std::string_view name;
  Kind kind = Kind::counter;
  double value = 0;         ///< not of sets
  bool relative = false;    ///< of gauges: the value came with a sign and changes the gauge
  double rate = 1;          ///< of counters: the share of events that was sent
  std::string_view member;  ///< of sets
};

/// Either an update or the reason why there is none.
struct ParsedLine {
  std::optional<Update> update;
  const char* fault = nullptr;
};

/// `name:value|type` or `name:value|type|@rate`, the type one of c, g, ms and s; names are UTF-8
/// without ':' and '|'. A rate is for counters; timers may have one, which says nothing about their
/// value. Pure; any thread.
ParsedLine parse_line(std::string_view line) noexcept;

}  // namespace gnocchi::statsd
