#pragma once

#include <cstdint>
#include <string_view>

namespace gnocchi::file {

/// CRC-32C (Castagnoli) of `data`, going on from the checksum `seed` of what came before. Uses the
/// processor's own instruction where there is one.
std::uint32_t crc32c(std::string_view data, std::uint32_t seed = 0) noexcept;

namespace detail {
/// The table-driven form, for processors without the instruction.
std::uint32_t crc32c_portable(std::string_view data, std::uint32_t seed) noexcept;
}  // namespace detail

}  // namespace gnocchi::file
