#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "gnocchi/error.h"
#include "gnocchi/types.h"

namespace gnocchi {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Uuid::to_string() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::uint32_t Uuid::modulo(std::uint32_t n) const noexcept {
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    std::uint32_t digit = 0;
    for (std::size_t k = i; k < i + 4; ++k) digit = digit << 8 | bytes[k];
    rest = (rest << 32 | digit) % n;
  }
  return static_cast<std::uint32_t>(rest);
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
  // The liberties of Python's uuid.UUID: "urn:" and "uuid:" in front, braces around, hyphens
  // anywhere.
  if (text.starts_with("urn:")) text.remove_prefix(4);
  if (text.starts_with("uuid:")) text.remove_prefix(5);
  while (!text.empty() && (text.front() == '{' || text.front() == '}')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == '{' || text.back() == '}')) text.remove_suffix(1);
  Uuid id;
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const int value = hex_digit(c);
    if (value < 0 || digits == 32) return std::nullopt;
    id.bytes[digits / 2] = static_cast<std::uint8_t>(id.bytes[digits / 2] << 4 | value);
    ++digits;
  }
  if (digits != 32) return std::nullopt;
  return id;
}

std::optional<Uuid> Uuid::from_raw(std::string_view raw) noexcept {
  Uuid id;
  if (raw.size() != id.bytes.size()) return std::nullopt;
  std::memcpy(id.bytes.data(), raw.data(), raw.size());
  return id;
}

Uuid Uuid::random() {
  Uuid id;
  std::size_t filled = 0;
  while (filled < id.bytes.size()) {
    const ssize_t n = getrandom(id.bytes.data() + filled, id.bytes.size() - filled, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      throw Error(Error::Code::internal, "getrandom: " + std::string(std::strerror(errno)));
    filled += static_cast<std::size_t>(n);
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

}  // namespace gnocchi

std::size_t std::hash<gnocchi::Uuid>::operator()(const gnocchi::Uuid& id) const noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, id.bytes.data(), sizeof halves);
  return halves[0] ^ (halves[1] * 0x9e3779b97f4a7c15ULL);
}
