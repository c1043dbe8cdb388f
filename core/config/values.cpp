#include "core/config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace gnocchi::config {
namespace {

using plugin::OptionSpec;
using plugin::OptionType;

constexpr std::string_view kSpace = " \t\r\n\f\v";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Number number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string shown(double bound) {
  char digits[40];
  const auto [end, code] = std::to_chars(digits, digits + sizeof digits, bound);
  return code == std::errc{} ? std::string(digits, end) : std::string("?");
}

/// Both bounds 0 mean none; an upper bound under the lower one means none above.
bool in_range(const OptionSpec& spec, double number, std::string& problem) {
  if (spec.min == 0 && spec.max == 0) return true;
  const bool bounded_above = spec.max >= spec.min;
  if (number >= spec.min && (!bounded_above || number <= spec.max)) return true;
  const std::string unit = spec.type == OptionType::duration ? " seconds" : "";
  problem = bounded_above ? "must be between " + shown(spec.min) + " and " + shown(spec.max) + unit
                          : "must be at least " + shown(spec.min) + unit;
  return false;
}

std::string wrong_type(OptionType type) {
  return std::string("not ") + name_of(type) + " (examples: " + examples_of(type) + ")";
}

bool has_scheme(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::all_of(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.' || c == '_';
  });
}

std::optional<Value> parse_text(const OptionSpec& spec, std::string_view text,
                                std::string& problem) {
  if (text.find('\0') != std::string_view::npos) {
    problem = "holds a zero byte";
    return std::nullopt;
  }
  if (spec.type == OptionType::url && !has_scheme(text)) {
    problem = wrong_type(spec.type);
    return std::nullopt;
  }
  return Value(std::string(text));
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  static constexpr std::array<Unit, 12> kUnits{{{"", 1},
                                                {"ns", 1e-9},
                                                {"us", 1e-6},
                                                {"ms", 1e-3},
                                                {"s", 1},
                                                {"sec", 1},
                                                {"m", 60},
                                                {"min", 60},
                                                {"h", 3600},
                                                {"d", 86400},
                                                {"w", 604800},
                                                {"weeks", 604800}}};
  constexpr double kMostSeconds = 9.2e9;  // an int64 of nanoseconds ends at 9.22e9
  text = trim(text);
  const std::size_t digits = text.find_first_not_of("+-.0123456789");
  const std::string_view unit =
      digits == std::string_view::npos ? std::string_view{} : text.substr(digits);
  const auto number = parse_number<double>(text.substr(0, text.size() - unit.size()));
  const auto found =
      std::find_if(kUnits.begin(), kUnits.end(), [unit](const Unit& u) { return u.name == unit; });
  if (!number || found == kUnits.end()) return std::nullopt;
  const double seconds = *number * found->seconds;
  if (!(std::fabs(seconds) <= kMostSeconds)) return std::nullopt;
  return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

std::optional<bool> parse_boolean(std::string_view text) {
  const std::string word = lower(trim(text));
  for (const char* yes : {"true", "1", "on", "yes"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "0", "off", "no"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  char quote = 0;
  const auto flush = [&] {
    std::string_view word = trim(part);
    if (word.size() >= 2 && word.front() == word.back() &&
        (word.front() == '"' || word.front() == '\'')) {
      word = word.substr(1, word.size() - 2);
    }
    if (!word.empty()) parts.emplace_back(word);
    part.clear();
  };
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && trim(part).empty()) {
      quote = c;
    } else if (c == ',') {
      flush();
      continue;
    }
    part += c;
  }
  flush();
  return parts;
}

std::optional<Value> parse_value(const OptionSpec& spec, std::string_view text,
                                 std::string& problem) {
  std::optional<Value> value;
  double number = 0;
  switch (spec.type) {
    case OptionType::text:
    case OptionType::path:
    case OptionType::url: return parse_text(spec, text, problem);
    case OptionType::boolean:
      if (const auto flag = parse_boolean(text)) return Value(*flag);
      break;
    case OptionType::integer:
      if (const auto whole = parse_number<std::int64_t>(text)) {
        value = Value(*whole);
        number = static_cast<double>(*whole);
      }
      break;
    case OptionType::real:
      if (const auto real = parse_number<double>(text); real && std::isfinite(*real)) {
        value = Value(*real);
        number = *real;
      }
      break;
    case OptionType::duration:
      if (const auto span = parse_duration(text); span && (span->count() >= 0 || spec.min < 0)) {
        value = Value(*span);
        number = static_cast<double>(span->count()) / 1e9;
      }
      break;
  }
  if (!value) {
    problem = wrong_type(spec.type);
    return std::nullopt;
  }
  if (!in_range(spec, number, problem)) return std::nullopt;
  return value;
}

const char* examples_of(OptionType type) noexcept {
  switch (type) {
    case OptionType::text: return "gnocchi";
    case OptionType::integer: return "1, 128";
    case OptionType::real: return "10, 0.5";
    case OptionType::boolean: return "true, false";
    case OptionType::duration: return "30, 30s, 2m";
    case OptionType::path: return "/var/lib/gnocchi";
    case OptionType::url:
      return "mysql://user:password@host/gnocchi, sqlite:////var/lib/gnocchi.db";
  }
  return "";
}

const char* name_of(OptionType type) noexcept {
  switch (type) {
    case OptionType::text: return "a text";
    case OptionType::integer: return "a whole number";
    case OptionType::real: return "a number";
    case OptionType::boolean: return "a boolean";
    case OptionType::duration: return "a duration";
    case OptionType::path: return "a path";
    case OptionType::url: return "a URL";
  }
  return "";
}

}  // namespace gnocchi::config
