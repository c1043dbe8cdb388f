#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

/// Decimals of at most six places, which most measures are, without a search for the shortest text
/// and without a branch on how many digits they have, which nobody can foresee.
namespace gnocchi::api {

/// Eight digits in the bytes of a number, the first in the lowest: 0 to 9 each.
/// By halves, then quarters, then eighths, each divided by a multiplication, as trees of digits are
/// made in Daniel Lemire's "Converting integers to fix-digit representations quickly".
inline std::uint64_t eight_digits(std::uint32_t below_1e8) noexcept {
  const std::uint64_t halves = (below_1e8 / 10000) | std::uint64_t{below_1e8 % 10000} << 32U;
  const std::uint64_t hundreds = ((halves * 10486) >> 20U) & 0x0000007F0000007FU;
  const std::uint64_t quarters = hundreds | (halves - 100 * hundreds) << 16U;
  const std::uint64_t tens = ((quarters * 103) >> 10U) & 0x000F000F000F000FU;
  return tens | (quarters - 10 * tens) << 8U;
}

/// Likewise.
inline std::uint64_t two_digits(std::uint32_t below_100) noexcept {
  const std::uint32_t tens = (below_100 * 103) >> 10U;
  return tens | (below_100 - 10 * tens) << 8U;
}

/// Stores them as text, all eight.
inline void put_digits(char* out, std::uint64_t digits) noexcept {
  digits |= 0x3030303030303030U;
  if constexpr (std::endian::native == std::endian::big) digits = __builtin_bswap64(digits);
  std::memcpy(out, &digits, sizeof digits);
}

/// "12.5", "0.001", "3.0" for a value that is exactly what such a text reads as: 0, or 0.001 to
/// below 10^8, not negative. Otherwise nullptr. `out` holds 17 bytes, all of which may be written;
/// returns the end.
inline char* put_short_decimal(char* out, double value) noexcept {
  // Six places behind the point and eight digits in front make 14: up to 15 tell every decimal from
  // its neighbours as a double, so one that reads as the value is its shortest.
  constexpr double kScale = 1e6;
  constexpr std::uint32_t kWhole = 1'000'000;
  const bool in_range = value >= 1e-3 && value < 1e8;
  if (!in_range && std::bit_cast<std::uint64_t>(value) != 0) return nullptr;
  // Rounded wrongly it would not pass the check that follows.
  // NOLINTNEXTLINE(bugprone-incorrect-roundings)
  const auto scaled = static_cast<std::int64_t>(value * kScale + 0.5);
  if (static_cast<double>(scaled) / kScale != value) return nullptr;
  const auto number = static_cast<std::uint64_t>(scaled);
  std::uint64_t whole = 0;
  std::uint64_t places = 0;
  // Four digits before and four behind the point at once, where that is enough.
  if (number < 10'000 * std::uint64_t{kWhole}) {
    const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(number / 100));
    whole = digits << 32U;
    places = digits >> 32U | two_digits(static_cast<std::uint32_t>(number % 100)) << 32U;
  } else {
    whole = eight_digits(static_cast<std::uint32_t>(number / kWhole));
    places = eight_digits(static_cast<std::uint32_t>(number % kWhole) * 100);
  }
  // One digit in front of the point at least, and one behind.
  constexpr std::uint64_t kLast = std::uint64_t{1} << 56U;
  const int skipped = std::countr_zero(whole | kLast) / 8;
  const int kept = 8 - std::countl_zero(places | 1U) / 8;
  put_digits(out, whole >> 8 * skipped);
  out += 8 - skipped;
  *out++ = '.';
  put_digits(out, places);
  return out + kept;
}

}  // namespace gnocchi::api
