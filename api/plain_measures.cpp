#include "api/plain_measures.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/index/timestamps.h"

// Every step stops at the NUL behind the text: it is neither a space, a digit nor a sign wanted.
namespace gnocchi::api {
namespace {

constexpr std::array<double, 23> kPowersOfTen{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
// Integers up to here are doubles, and so are powers of ten up to 22: their quotient is rounded
// once, that is, correctly (Clinger 1990).
constexpr std::uint64_t kMaxExactInteger = std::uint64_t{1} << 53;
// So many decimal digits fit into 64 bits.
constexpr std::ptrdiff_t kMaxDigits = 19;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

const char* skip_spaces(const char* at) noexcept {
  while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') ++at;
  return at;
}

/// Behind a JSON number without exponent; null: there is none.
const char* read_number(const char* at, double& value) noexcept {
  const char* const begin = at;
  if (*at == '-') ++at;
  const char* const digits = at;
  std::uint64_t integer = 0;
  for (; is_digit(*at); ++at) integer = integer * 10 + static_cast<std::uint64_t>(*at - '0');
  std::ptrdiff_t count = at - digits;
  if (count == 0 || (*digits == '0' && count > 1)) return nullptr;
  std::ptrdiff_t decimals = 0;
  if (*at == '.') {
    const char* const point = at++;
    for (; is_digit(*at); ++at) integer = integer * 10 + static_cast<std::uint64_t>(*at - '0');
    decimals = at - point - 1;
    if (decimals == 0) return nullptr;
    count += decimals;
  }
  if (*at == 'e' || *at == 'E') return nullptr;
  if (count <= kMaxDigits && integer <= kMaxExactInteger) {
    value = static_cast<double>(integer) / kPowersOfTen[static_cast<std::size_t>(decimals)];
    if (*begin == '-') value = -value;
    return at;
  }
  const auto read = std::from_chars(begin, at, value);
  return read.ec == std::errc{} && read.ptr == at ? at : nullptr;
}

/// Behind an absolute time; null: there is none.
const char* read_time(const char* at, Timestamp now, std::int64_t& ns) noexcept {
  index::ParsedTimestamp parsed;
  if (*at == '"') {
    const char* const begin = ++at;
    while (*at >= ' ' && *at <= '~' && *at != '"' && *at != '\\') ++at;
    if (*at != '"') return nullptr;
    parsed = index::parse_timestamp({begin, static_cast<std::size_t>(at - begin)}, now);
    ++at;
  } else {
    double seconds = 0;
    at = read_number(at, seconds);
    if (at == nullptr) return nullptr;
    parsed = index::timestamp_from_seconds(seconds);
  }
  const bool plain =
      parsed.fault == index::TimestampFault::none && parsed.form != index::TimestampForm::relative;
  ns = parsed.ns;
  return plain ? at : nullptr;
}

/// Behind `"key" :` and the spaces there; null: something else is there.
const char* read_key(const char* at, std::string_view quoted) noexcept {
  if (std::strncmp(at, quoted.data(), quoted.size()) != 0) return nullptr;
  at = skip_spaces(at + quoted.size());
  return *at == ':' ? skip_spaces(at + 1) : nullptr;
}

/// Behind the '}' of a plain measure; null: it is none. `at` is at its '{'.
const char* read_measure(const char* at, Timestamp now, Measure& measure) noexcept {
  constexpr std::string_view kTimestamp = "\"timestamp\"";
  constexpr std::string_view kValue = "\"value\"";
  std::int64_t ns = 0;
  bool has_timestamp = false;
  for (int member = 0; member < 2; ++member) {
    at = skip_spaces(at + 1);  // behind the '{' or the ','
    // The second key must be the one that the first was not.
    const bool wants_timestamp = member == 0 ? at[0] == '"' && at[1] == 't' : !has_timestamp;
    at = read_key(at, wants_timestamp ? kTimestamp : kValue);
    if (at == nullptr) return nullptr;
    at = wants_timestamp ? read_time(at, now, ns) : read_number(at, measure.value);
    if (at == nullptr) return nullptr;
    has_timestamp = has_timestamp || wants_timestamp;
    at = skip_spaces(at);
    if (*at != (member == 0 ? ',' : '}')) return nullptr;
  }
  measure.timestamp = Timestamp{Timespan{ns}};
  return at + 1;
}

}  // namespace

const char* read_plain_measures(const char* text, Timestamp now, std::vector<Measure>& out) {
  const char* at = skip_spaces(text);
  while (*at == '{') {
    Measure measure;
    const char* behind = read_measure(at, now, measure);
    if (behind == nullptr) return at;
    behind = skip_spaces(behind);
    // A comma is taken only together with the next item's beginning, so that whatever else follows
    // it is the full parser's to judge.
    const bool goes_on = *behind == ',';
    if (goes_on) behind = skip_spaces(behind + 1);
    if (*behind != (goes_on ? '{' : ']')) return at;
    out.push_back(measure);
    at = behind;
  }
  return at;
}

}  // namespace gnocchi::api
