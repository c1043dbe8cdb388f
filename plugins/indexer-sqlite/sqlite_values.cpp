#include "indexer-sqlite/sqlite_values.h"

#include <cmath>
#include <cstring>

#include "indexer-sql/text.h"

namespace gnocchi::sqlite {
namespace {

using Kind = Parameter::Kind;

// Behind the NUL: the kind, the number of bytes, the bytes.
using Size = std::uint32_t;
constexpr std::size_t kHead = 2 + sizeof(Size);

std::string value_of_bytes(Kind kind, const void* bytes, std::size_t count) {
  const auto size = static_cast<Size>(count);
  std::string out(kHead + count, '\0');
  out[1] = static_cast<char>(kind);
  std::memcpy(out.data() + 2, &size, sizeof size);
  if (count > 0) std::memcpy(out.data() + kHead, bytes, count);
  return out;
}

template <class T>
T read_bytes(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// Calls on_text for what is between values, and on_value for each of these, in their order.
template <class OnText, class OnValue>
void scan(std::string_view statement, OnText on_text, OnValue on_value) {
  for (;;) {
    const std::size_t mark = statement.find('\0');
    on_text(statement.substr(0, mark));
    if (mark == std::string_view::npos) return;
    statement.remove_prefix(mark);
    const auto size = read_bytes<Size>(statement.substr(2));
    on_value(Parameter{static_cast<Kind>(statement[1]), statement.substr(kHead, size)});
    statement.remove_prefix(kHead + size);
  }
}

std::string text_literal(std::string_view value) {
  // A statement ends at a NUL byte.
  if (value.find('\0') != std::string_view::npos) {
    return "CAST(" + sql::blob_literal(value) + " AS TEXT)";
  }
  std::string out = "'";
  for (const char c : value) {
    out += c;
    if (c == '\'') out += c;
  }
  out += '\'';
  return out;
}

std::string real_literal(double value) {
  if (value == std::floor(value) && std::fabs(value) < 9007199254740992.0) {
    return "CAST(" + std::to_string(static_cast<std::int64_t>(value)) + " AS REAL)";
  }
  // SQLite's own reading of decimals is not always the nearest double. A product of an integer
  // and powers of two is exact.
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  std::string out =
      "(CAST(" + std::to_string(static_cast<std::int64_t>(std::ldexp(fraction, 53))) + " AS REAL)";
  exponent -= 53;
  const char* const operation = exponent < 0 ? " / " : " * ";
  for (int left = std::abs(exponent); left > 0; left -= std::min(left, 62)) {
    out +=
        operation + ("CAST(" + std::to_string(std::int64_t{1} << std::min(left, 62))) + " AS REAL)";
  }
  return out + ")";
}

std::string literal(const Parameter& value) {
  switch (value.kind) {
    case Kind::integer: return std::to_string(value.integer());
    case Kind::real: return real_literal(value.real());
    case Kind::text: return text_literal(value.bytes);
    case Kind::blob: break;
  }
  return sql::blob_literal(value.bytes);
}

}  // namespace

std::string written(std::int64_t value) {
  return value_of_bytes(Kind::integer, &value, sizeof value);
}

std::string written(double value) { return value_of_bytes(Kind::real, &value, sizeof value); }

std::string written_text(std::string_view value) {
  return value_of_bytes(Kind::text, value.data(), value.size());
}

std::string written_blob(std::string_view value) {
  return value_of_bytes(Kind::blob, value.data(), value.size());
}

std::int64_t Parameter::integer() const { return read_bytes<std::int64_t>(bytes); }

double Parameter::real() const { return read_bytes<double>(bytes); }

Parts taken_apart(std::string_view statement) {
  Parts parts;
  parts.sql.reserve(statement.size());
  scan(
      statement, [&](std::string_view text) { parts.sql += text; },
      [&](const Parameter& value) {
        parts.sql += '?';
        parts.parameters.push_back(value);
      });
  return parts;
}

std::string with_literals(std::string_view statement) {
  std::string sql;
  scan(
      statement, [&](std::string_view text) { sql += text; },
      [&](const Parameter& value) { sql += literal(value); });
  return sql;
}

}  // namespace gnocchi::sqlite
