// Reads one timestamp a line and says for each the nanoseconds, "unreadable", "before_epoch" or
// "too_late". The first line is the present, in nanoseconds.
#include <cstdio>
#include <iostream>
#include <string>

#include "core/index/timestamps.h"

int main() {
  using gnocchi::index::TimestampFault;
  std::string line;
  std::getline(std::cin, line);
  const gnocchi::Timestamp now{gnocchi::Timespan{std::stoll(line)}};
  while (std::getline(std::cin, line)) {
    const auto parsed = gnocchi::index::parse_timestamp(line, now);
    switch (parsed.fault) {
      case TimestampFault::none: std::printf("%lld\n", static_cast<long long>(parsed.ns)); break;
      case TimestampFault::unreadable: std::puts("unreadable"); break;
      case TimestampFault::before_epoch: std::puts("before_epoch"); break;
      case TimestampFault::too_late: std::puts("too_late"); break;
    }
  }
}
