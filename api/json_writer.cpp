#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "api/json.h"
#include "api/short_decimal.h"
#include "api/utf8.h"
#include "core/index/timestamp_writer.h"

namespace gnocchi::api {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    // The common case in one step: a run of plain ASCII.
    std::size_t plain = 0;
    while (plain < text.size()) {
      const auto c = static_cast<unsigned char>(text[plain]);
      if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
      ++plain;
    }
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto [c, size] = decode_utf8(text);
    text.remove_prefix(size);
    switch (c) {
      case U'"': out += "\\\""; break;
      case U'\\': out += "\\\\"; break;
      case U'\n': out += "\\n"; break;
      case U'\r': out += "\\r"; break;
      case U'\t': out += "\\t"; break;
      case U'\b': out += "\\b"; break;
      case U'\f': out += "\\f"; break;
      default:
        if (c < 0x20) {
          out += "\\u00";
          out += kHex[c >> 4];
          out += kHex[c & 15];
        } else {
          append_utf8(out, c);
        }
    }
  }
  out += '"';
}

std::string_view digits_of(const char* begin, const char* end, std::array<char, 24>& digits) {
  std::size_t count = 0;
  for (const char* p = begin; p != end; ++p) {
    if (*p != '.') digits.at(count++) = *p;
  }
  return {digits.data(), count};
}

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace

char* put_other_double(char* buffer, double value) {
  if (std::isnan(value)) return put(buffer, "NaN");
  if (std::signbit(value)) *buffer++ = '-';
  value = std::fabs(value);
  if (std::isinf(value)) return put(buffer, "Infinity");
  if (char* end = put_short_decimal(buffer, value)) return end;
  if (value < 1e15 && value == std::floor(value)) {
    return put(std::to_chars(buffer, buffer + 20, static_cast<std::int64_t>(value)).ptr, ".0");
  }
  if (value >= 1e-4 && value < 1e15) {
    return std::to_chars(buffer, buffer + 32, value, std::chars_format::fixed).ptr;
  }
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific)
          .ptr;
  const char* e = std::find<const char*>(text.data(), end, 'e');
  int exponent = 0;
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, exponent);
  std::array<char, 24> storage{};
  const auto digits = digits_of(text.data(), e, storage);
  const int size = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    *buffer++ = digits[0];
    if (size > 1) {
      *buffer++ = '.';
      buffer = put(buffer, digits.substr(1));
    }
    *buffer++ = 'e';
    *buffer++ = exponent < 0 ? '-' : '+';
    return std::to_chars(buffer, buffer + 4, exponent < 0 ? -exponent : exponent).ptr;
  }
  if (exponent < 0) {
    buffer = put(buffer, "0.");
    for (int i = -1; i > exponent; --i) *buffer++ = '0';
    return put(buffer, digits);
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    buffer = put(buffer, digits);
    for (std::size_t i = digits.size(); i < whole; ++i) *buffer++ = '0';
    return put(buffer, ".0");
  }
  buffer = put(buffer, digits.substr(0, whole));
  *buffer++ = '.';
  return put(buffer, digits.substr(whole));
}

void JsonWriter::separate() {
  if (!first_) out_ += ", ";
  first_ = false;
}

void JsonWriter::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
}

void JsonWriter::end_object() {
  out_ += '}';
  first_ = false;
}

void JsonWriter::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
}

void JsonWriter::end_array() {
  out_ += ']';
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  separate();
  append_escaped(out_, name);
  out_ += ": ";
  first_ = true;
}

void JsonWriter::text(std::string_view value) {
  separate();
  append_escaped(out_, value);
}

void JsonWriter::number(double value) {
  separate();
  std::array<char, 32> buffer{};
  out_.append(buffer.data(), put_double(buffer.data(), value));
}

void JsonWriter::number(std::int64_t value) {
  separate();
  out_ += std::to_string(value);
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::null() {
  separate();
  out_ += "null";
}

void JsonWriter::time(Timestamp value) {
  separate();
  using namespace std::chrono;
  constexpr std::string_view kZone = "+00:00";
  std::array<char, index::kTimestampText> text{};
  index::put_timestamp(text.data(), value);
  out_ += '"';
  out_.append(text.data(), text.size() - kZone.size());
  const auto fraction = floor<microseconds>(value - floor<seconds>(value)).count();
  if (fraction != 0) {
    std::array<char, 7> digits{'.'};
    auto rest = fraction;
    for (std::size_t i = digits.size() - 1; i > 0; --i, rest /= 10) {
      digits.at(i) = static_cast<char>('0' + rest % 10);
    }
    out_.append(digits.data(), digits.size());
  }
  out_ += kZone;
  out_ += '"';
}

void JsonWriter::uuid(const Uuid& value) {
  separate();
  out_ += '"';
  out_ += value.to_string();
  out_ += '"';
}

void JsonWriter::value(const Value& value) {
  struct Visitor {
    JsonWriter& json;
    void operator()(std::monostate) const { json.null(); }
    void operator()(bool b) const { json.boolean(b); }
    void operator()(std::int64_t i) const { json.number(i); }
    void operator()(double d) const { json.number(d); }
    void operator()(const std::string& s) const { json.text(s); }
    void operator()(const Uuid& id) const { json.uuid(id); }
    void operator()(Timestamp t) const { json.time(t); }
  };
  std::visit(Visitor{*this}, value);
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
}

}  // namespace gnocchi::api
