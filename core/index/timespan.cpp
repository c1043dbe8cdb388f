#include "core/index/timespan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

constexpr std::string_view kSpaces = " \t\n\r\f\v";

bool is_space(char c) noexcept { return kSpaces.find(c) != std::string_view::npos; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view text, std::string_view word) noexcept {
  return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(),
                                                  [](char a, char b) { return lower(a) == b; });
}

enum Field : std::size_t { weeks, days, hours, minutes, seconds, field_count };

struct Unit {
  std::string_view name;
  Field field;
};
constexpr std::array kUnits{
    Unit{"w", weeks},         Unit{"wk", weeks},        Unit{"wks", weeks},
    Unit{"week", weeks},      Unit{"weeks", weeks},     Unit{"d", days},
    Unit{"dy", days},         Unit{"dys", days},        Unit{"day", days},
    Unit{"days", days},       Unit{"h", hours},         Unit{"hr", hours},
    Unit{"hrs", hours},       Unit{"hour", hours},      Unit{"hours", hours},
    Unit{"m", minutes},       Unit{"min", minutes},     Unit{"mins", minutes},
    Unit{"minute", minutes},  Unit{"minutes", minutes}, Unit{"s", seconds},
    Unit{"sec", seconds},     Unit{"secs", seconds},    Unit{"second", seconds},
    Unit{"seconds", seconds},
};
constexpr std::array<double, field_count> kSecondsOf{604800, 86400, 3600, 60, 1};

/// The numbers of an expression, as written.
struct Fields {
  std::array<std::string_view, field_count> text;

  /// Whole numbers are summed exactly; where only the seconds are whole, the rest is cut to whole
  /// seconds before they are added, and the sign is not theirs: pytimeparse's arithmetic.
  std::optional<double> total(double sign) const noexcept {
    double others = 0;
    double last = 0;
    bool whole = true;
    for (std::size_t i = 0; i < field_count; ++i) {
      if (text[i].empty()) continue;
      double value = 0;
      const auto [end, error] =
          std::from_chars(text[i].data(), text[i].data() + text[i].size(), value);
      if (error != std::errc{} || end != text[i].data() + text[i].size()) return std::nullopt;
      whole = whole && text[i].find('.') == std::string_view::npos;
      (i == seconds ? last : others) += value * kSecondsOf[i];
    }
    const bool whole_seconds = text[seconds].find('.') == std::string_view::npos;
    if (whole || !whole_seconds) return sign * (others + last);
    return sign * std::trunc(others) + last;
  }
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }
  void skip_spaces() noexcept {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  template <typename Predicate>
  std::string_view take_while(Predicate predicate) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && predicate(rest_[size])) ++size;
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// "SS" or "SS.fff".
bool is_clock_seconds(std::string_view text) noexcept {
  if (text.size() < 2 || !all_digits(text.substr(0, 2))) return false;
  return text.size() == 2 || (text[2] == '.' && all_digits(text.substr(3)));
}

/// ":SS", "M:SS", "H:MM:SS" or "D:HH:MM:SS", up to the end of the text.
bool read_clock(std::string_view text, bool after_units, Fields& fields) noexcept {
  std::array<std::string_view, 4> parts;
  std::size_t count = 0;
  text = trim(text);
  while (true) {
    if (count == parts.size()) return false;
    const auto colon = text.find(':');
    parts[count++] = text.substr(0, colon);
    if (colon == std::string_view::npos) break;
    text = text.substr(colon + 1);
  }
  if (count < 2 || (after_units && count != 3)) return false;
  if (!is_clock_seconds(parts[count - 1])) return false;
  if (count == 2 && parts[0].empty()) {
    fields.text[seconds] = parts[1];
    return true;
  }
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (!all_digits(parts[i])) return false;
    const std::size_t most = i > 0 || count == 2 ? 2 : parts[i].size();
    if (parts[i].size() > most || (i > 0 && parts[i].size() != 2)) return false;
  }
  if (count == 4 && !fields.text[days].empty()) return false;
  for (std::size_t i = 0; i < count; ++i) fields.text[field_count - count + i] = parts[i];
  return true;
}

std::optional<Fields> read_fields(std::string_view text) noexcept {
  Fields fields;
  Scanner scanner(text);
  std::size_t next = 0;
  bool any = false;
  while (true) {
    scanner.skip_spaces();
    if (scanner.at_end()) break;
    const auto before = scanner.rest();
    const auto number = scanner.take_while([](char c) { return is_digit(c) || c == '.'; });
    if (!scanner.at_end() && scanner.rest().front() == ':') {
      if (next > hours || !read_clock(before, any, fields)) return std::nullopt;
      return fields;
    }
    if (number.empty() || next == field_count) return std::nullopt;
    scanner.skip_spaces();
    const auto name = scanner.take_while([](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; });
    const auto* unit = std::find_if(kUnits.begin(), kUnits.end(),
                                    [&](const Unit& u) { return same_word(name, u.name); });
    if (unit == kUnits.end() || unit->field < next) return std::nullopt;
    fields.text[unit->field] = number;
    next = unit->field + 1;
    any = true;
    if (unit->field == seconds) continue;
    scanner.skip_spaces();
    if (!scanner.take(',')) scanner.take('/');
  }
  if (!any) return std::nullopt;
  return fields;
}

std::optional<double> parse_expression(std::string_view text) noexcept {
  text = trim(text);
  double sign = 1;
  if (!text.empty() && (text.front() == '+' || text.front() == '-' || text.front() == '|')) {
    if (text.front() == '-') sign = -1;
    text.remove_prefix(1);
  }
  const auto fields = read_fields(text);
  if (!fields) return std::nullopt;
  return fields->total(sign);
}

}  // namespace

std::optional<double> parse_float(std::string_view text) noexcept {
  text = trim(text);
  if (text.empty() || text.size() > 400) return std::nullopt;
  std::array<char, 400> plain{};
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain[size++] = text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  const char* begin = plain.data();
  const char* end = begin + size;
  const bool negative = *begin == '-';
  if (negative || *begin == '+') ++begin;
  if (begin == end ||
      (!is_digit(*begin) && *begin != '.' && lower(*begin) != 'i' && lower(*begin) != 'n')) {
    return std::nullopt;
  }
  double value = 0;
  const auto result = std::from_chars(begin, end, value);
  if (result.ptr != end) return std::nullopt;
  if (end[-1] == ')') return std::nullopt;  // "nan(...)" is C's alone
  if (result.ec == std::errc::result_out_of_range) {
    // from_chars does not say which way; a negative exponent means too small.
    const std::string_view number(begin, static_cast<std::size_t>(end - begin));
    value =
        number.find("e-") != std::string_view::npos || number.find("E-") != std::string_view::npos
            ? 0.0
            : std::numeric_limits<double>::infinity();
  } else if (result.ec != std::errc{}) {
    return std::nullopt;
  }
  return negative ? -value : value;
}

std::optional<Timespan> timespan_from_seconds(double seconds) noexcept {
  const double ns = seconds * 10e8;
  if (!(ns > -9223372036854775808.0 && ns < 9223372036854775808.0)) return std::nullopt;
  return Timespan{static_cast<std::int64_t>(ns)};
}

std::optional<Timespan> parse_timespan(std::string_view text) noexcept {
  auto seconds = parse_float(text);
  if (!seconds) seconds = parse_expression(text);
  return seconds ? timespan_from_seconds(*seconds) : std::nullopt;
}

namespace {

Timespan checked(std::optional<Timespan> span) {
  const auto refuse = [](const char* sentence) {
    return Refused(Refused::Reason::invalid_value, Refused::Subject::none, sentence);
  };
  if (!span) throw refuse("Unable to parse timespan");
  if (*span <= Timespan::zero()) throw refuse("Timespan must be positive");
  return *span;
}

}  // namespace

Timespan to_timespan(std::string_view text) { return checked(parse_timespan(text)); }
Timespan to_timespan(double seconds) { return checked(timespan_from_seconds(seconds)); }

}  // namespace gnocchi::index
