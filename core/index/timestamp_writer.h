#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "gnocchi/types.h"

/// Points in time as Gnocchi writes them: "2014-01-01T12:00:00+00:00", fractions of a second cut
/// off. Years 1677 to 2262 (all that a Timestamp can hold).
namespace gnocchi::index {

inline constexpr std::size_t kTimestampText = 25;

/// "00", "01", to "99".
inline constexpr auto kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

/// For many times in a row: remembers the hour of the last one. One thread at a time.
class TimestampWriter {
 public:
  /// `buffer` holds kTimestampText bytes; `ns` are nanoseconds since the Epoch. Returns the end.
  char* put(char* buffer, std::int64_t ns) noexcept {
    if (!in_same_hour(ns)) enter_hour(ns);
    std::memcpy(buffer, text_.data(), kTimestampText);
    put_in_hour(buffer, ns);
    return buffer + kTimestampText;
  }
  /// As the last put(): then only minute and second are others.
  bool in_same_hour(std::int64_t ns) const noexcept { return within(ns) < kHour; }
  /// Those of a time in_same_hour(), over the text of another one.
  void put_in_hour(char* buffer, std::int64_t ns) const noexcept {
    const auto second = static_cast<std::uint32_t>(within(ns) / kSecond);
    put_two(buffer + 14, second / 60);
    put_two(buffer + 17, second % 60);
  }

 private:
  static constexpr std::uint64_t kSecond = 1'000'000'000;
  static constexpr std::uint64_t kHour = 3600 * kSecond;

  static void put_two(char* out, std::uint32_t below_100) noexcept {
    std::memcpy(out, &kTwoDigits[std::size_t{2} * below_100], 2);
  }
  /// Nanoseconds since the hour began; of other hours, more than it has.
  std::uint64_t within(std::int64_t ns) const noexcept {
    return static_cast<std::uint64_t>(ns) - hour_;
  }
  void enter_hour(std::int64_t ns) noexcept;

  // The hour's beginning, modulo 2^64: that of the first hour is before all that 64 bits can hold.
  std::uint64_t hour_ = 0;
  std::int64_t day_ = 0;
  std::array<char, kTimestampText + 1> text_{"1970-01-01T00:00:00+00:00"};
};

/// One time; `buffer` as above.
inline char* put_timestamp(char* buffer, Timestamp time) noexcept {
  return TimestampWriter{}.put(buffer, time.time_since_epoch().count());
}

}  // namespace gnocchi::index
