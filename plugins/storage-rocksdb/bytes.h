#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gnocchi/types.h"

/// Numbers in keys and values. What is taken off a view that is too short is nullopt.
namespace gnocchi::rocks {

/// Big-endian, so that keys sort as the numbers do.
template <class Unsigned>
void put_big_endian(std::string& out, Unsigned number) {
  for (int shift = 8 * (static_cast<int>(sizeof number) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift));
  }
}

template <class Unsigned>
std::optional<Unsigned> take_big_endian(BytesView& in) {
  if (in.size() < sizeof(Unsigned)) return std::nullopt;
  Unsigned number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = static_cast<Unsigned>(number << 8 | static_cast<unsigned char>(in[i]));
  }
  in.remove_prefix(sizeof number);
  return number;
}

/// Signed, yet in the order of the numbers: with its sign bit turned round.
inline void put_ordered(std::string& out, std::int64_t number) {
  put_big_endian(out, static_cast<std::uint64_t>(number) ^ std::uint64_t{1} << 63);
}
inline std::optional<std::int64_t> take_ordered(BytesView& in) {
  const auto number = take_big_endian<std::uint64_t>(in);
  if (!number) return std::nullopt;
  return static_cast<std::int64_t>(*number ^ std::uint64_t{1} << 63);
}

/// Seven bits a byte, the lowest first; the eighth bit says that more follow.
inline void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(number | 0x80));
  out.push_back(static_cast<char>(number));
}
inline std::optional<std::uint64_t> take_varint(BytesView& in) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < in.size() && i < 9; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    number |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      return number;
    }
  }
  return std::nullopt;
}

inline std::optional<BytesView> take_bytes(BytesView& in, std::size_t size) {
  if (in.size() < size) return std::nullopt;
  const BytesView taken = in.substr(0, size);
  in.remove_prefix(size);
  return taken;
}

}  // namespace gnocchi::rocks
