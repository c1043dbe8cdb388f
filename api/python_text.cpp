#include "api/python_text.h"

#include <rapidjson/document.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "api/json.h"
#include "api/utf8.h"

namespace gnocchi::api {
namespace {

/// Escaped by repr(): what str.isprintable() refuses, reduced to the ranges that matter.
bool is_printable(char32_t c) noexcept {
  if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad) return false;
  if (c == 0x2028 || c == 0x2029 || (c >= 0x2000 && c <= 0x200f)) return false;
  if ((c >= 0x202a && c <= 0x202f) || (c >= 0x205f && c <= 0x206f)) return false;
  return c != 0x3000 && c != 0xfeff && !(c >= 0xd800 && c <= 0xf8ff) && c < 0xf0000;
}

void append_hex(std::string& out, char32_t c) {
  std::array<char, 16> text{};
  const auto number = static_cast<unsigned>(c);
  const char* format = c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x";
  std::snprintf(text.data(), text.size(), format, number);  // NOLINT: one of the three above
  out += text.data();
}

}  // namespace

std::string python_repr(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string out(1, quote);
  while (!text.empty()) {
    const auto [c, size] = decode_utf8(text);
    if (c == static_cast<char32_t>(quote) || c == U'\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == U'\n') {
      out += "\\n";
    } else if (c == U'\r') {
      out += "\\r";
    } else if (c == U'\t') {
      out += "\\t";
    } else if (is_printable(c)) {
      append_utf8(out, c);
    } else {
      append_hex(out, c);
    }
    text.remove_prefix(size);
  }
  out += quote;
  return out;
}

std::string python_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 32> buffer{};
  std::string out(buffer.data(), put_double(buffer.data(), value));
  const auto exponent = out.find('e');
  if (exponent != std::string::npos && out.size() - exponent == 3) out.insert(exponent + 2, "0");
  return out;
}

std::string python_repr(const rapidjson::Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType: return "None";
    case rapidjson::kFalseType: return "False";
    case rapidjson::kTrueType: return "True";
    case rapidjson::kStringType:
      return python_repr(std::string_view(value.GetString(), value.GetStringLength()));
    case rapidjson::kNumberType:
      if (value.IsUint64()) return std::to_string(value.GetUint64());
      if (value.IsInt64()) return std::to_string(value.GetInt64());
      return python_repr(value.GetDouble());
    case rapidjson::kArrayType: {
      std::string out = "[";
      for (const auto& item : value.GetArray()) {
        if (out.size() > 1) out += ", ";
        out += python_repr(item);
      }
      return out + "]";
    }
    case rapidjson::kObjectType: {
      std::string out = "{";
      for (const auto& member : value.GetObject()) {
        if (out.size() > 1) out += ", ";
        out += python_repr(member.name) + ": " + python_repr(member.value);
      }
      return out + "}";
    }
  }
  return {};
}

std::string python_timedelta(Timespan span) {
  constexpr std::int64_t kDayUs = 86'400'000'000;
  const std::int64_t ns = span.count();
  std::int64_t us = ns >= 0 ? ns / 1000 : (ns - 999) / 1000;
  const std::int64_t rest = ns - us * 1000;
  if (rest > 500 || (rest == 500 && us % 2 != 0)) ++us;
  std::int64_t days = us / kDayUs;
  if (us % kDayUs < 0) --days;
  us -= days * kDayUs;
  std::string out;
  if (days != 0) {
    out = std::to_string(days) + (days == 1 || days == -1 ? " day, " : " days, ");
  }
  const std::int64_t seconds = us / 1'000'000;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%d:%02d:%02d", static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  out += text.data();
  if (us % 1'000'000 != 0) {
    std::snprintf(text.data(), text.size(), ".%06d", static_cast<int>(us % 1'000'000));
    out += text.data();
  }
  return out;
}

}  // namespace gnocchi::api
