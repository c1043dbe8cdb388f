#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gnocchi::index {

struct DecodedCharacter {
  char32_t value = 0xfffd;
  std::size_t size = 1;  ///< bytes taken
};

/// The first character of `text`, which must not be empty. Bytes that are no UTF-8 (overlong forms
/// and surrogates too) come as U+FFFD, one by one.
DecodedCharacter decode_utf8(std::string_view text) noexcept;
/// Whether all of it is UTF-8; nothing else is ever stored.
bool is_utf8(std::string_view text) noexcept;
void append_utf8(std::string& out, char32_t c);

}  // namespace gnocchi::index
