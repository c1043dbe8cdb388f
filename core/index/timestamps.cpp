#include "core/index/timestamps.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "core/index/timespan.h"
#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kLastSecond = INT64_MAX / kNsPerSecond;
constexpr std::int64_t kLastFraction = INT64_MAX % kNsPerSecond;
// numpy counts down to attoseconds and refuses more digits.
constexpr int kMaxFractionDigits = 18;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool same_word(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

/// A date and time taken apart; `valid` once all fields are in range.
struct Civil {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t fraction_ns = 0;
  int offset_minutes = 0;
};

ParsedTimestamp failed(TimestampFault fault, TimestampForm form) noexcept {
  return {0, form, fault};
}

std::optional<ParsedTimestamp> from_civil(const Civil& civil) noexcept {
  using namespace std::chrono;
  const year_month_day date{year{civil.year}, month{static_cast<unsigned>(civil.month)},
                            day{static_cast<unsigned>(civil.day)}};
  if (!date.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 59) return std::nullopt;
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = days * kSecondsPerDay + civil.hour * 3600 +
                               (civil.minute - civil.offset_minutes) * 60 + civil.second;
  if (seconds < 0) return failed(TimestampFault::before_epoch, TimestampForm::iso8601);
  if (seconds > kLastSecond || (seconds == kLastSecond && civil.fraction_ns > kLastFraction)) {
    return failed(TimestampFault::too_late, TimestampForm::iso8601);
  }
  return ParsedTimestamp{seconds * kNsPerSecond + civil.fraction_ns, TimestampForm::iso8601,
                         TimestampFault::none};
}

/// Reads a text from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : text_(text) {}

  bool at_end() const noexcept { return position_ == text_.size(); }
  bool at_digit() const noexcept { return !at_end() && is_digit(text_[position_]); }
  bool take(char c) noexcept {
    if (at_end() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  void skip_spaces() noexcept {
    while (!at_end() && is_space(text_[position_])) ++position_;
  }
  bool two_digits(int& out) noexcept {
    if (text_.size() - position_ < 2 || !is_digit(text_[position_]) ||
        !is_digit(text_[position_ + 1])) {
      return false;
    }
    out = (text_[position_] - '0') * 10 + (text_[position_ + 1] - '0');
    position_ += 2;
    return true;
  }
  int digit() noexcept { return text_[position_++] - '0'; }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
};

bool scan_fraction(Scanner& in, Civil& civil) noexcept {
  std::int64_t scale = kNsPerSecond / 10;
  for (int digits = 0; in.at_digit(); ++digits) {
    if (digits == kMaxFractionDigits) return false;
    civil.fraction_ns += in.digit() * scale;
    scale /= 10;
  }
  return true;
}

/// Nothing, "Z", "+hh", "+hhmm" or "+hh:mm", and spaces after it.
bool scan_offset(Scanner& in, Civil& civil) noexcept {
  const bool utc = in.take('Z');
  const bool east = !utc && in.take('+');
  const bool west = !utc && !east && in.take('-');
  if (east || west) {
    int hours = 0;
    int minutes = 0;
    if (!in.two_digits(hours)) return false;
    if (in.take(':') || in.at_digit()) {
      if (!in.two_digits(minutes)) return false;
    }
    if (hours > 23 || minutes > 59) return false;
    civil.offset_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
  }
  in.skip_spaces();
  return in.at_end();
}

/// What follows the date: 'T' or ' ', hh[:mm[:ss[.fff]]], offset.
bool scan_time(Scanner& in, Civil& civil) noexcept {
  if (!in.take('T') && !in.take(' ')) return false;
  if (!in.two_digits(civil.hour)) return false;
  if (in.take(':')) {
    if (!in.two_digits(civil.minute)) return false;
    if (in.take(':')) {
      if (!in.two_digits(civil.second)) return false;
      if (in.take('.') && !scan_fraction(in, civil)) return false;
    }
  }
  return scan_offset(in, civil);
}

/// Every shape of numpy's own reader of ISO 8601, which is Gnocchi's.
std::optional<ParsedTimestamp> parse_iso8601(std::string_view text) noexcept {
  Scanner in{text};
  in.skip_spaces();
  const bool negative = in.take('-');
  if (!negative) in.take('+');
  if (!in.at_digit()) return std::nullopt;
  Civil civil;
  // Beyond four digits a year only says "too late"; it must not overflow on the way.
  std::int64_t year = 0;
  while (in.at_digit()) year = std::min<std::int64_t>(year * 10 + in.digit(), 1'000'000);
  civil.year = static_cast<int>(std::min<std::int64_t>(year, 9'999));
  if (in.take('-')) {
    if (!in.two_digits(civil.month)) return std::nullopt;
    if (in.take('-')) {
      if (!in.two_digits(civil.day)) return std::nullopt;
      if (!in.at_end() && !scan_time(in, civil)) return std::nullopt;
    }
  }
  if (!in.at_end()) return std::nullopt;
  const auto parsed = from_civil(civil);
  if (parsed && negative) return failed(TimestampFault::before_epoch, TimestampForm::iso8601);
  return parsed;
}

/// The shapes that nearly all measures have: "YYYY-MM-DDThh:mm:ss", a fraction of up to nine
/// digits, then nothing, "Z" or "+00:00". nullopt: look closer.
std::optional<ParsedTimestamp> parse_common(std::string_view text) noexcept {
  if (text.size() < 19) return std::nullopt;
  const char* s = text.data();
  if (s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != ' ') || s[13] != ':' ||
      s[16] != ':') {
    return std::nullopt;
  }
  constexpr int kDigits[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18};
  unsigned wrong = 0;
  for (const int i : kDigits) wrong |= static_cast<unsigned char>(s[i] - '0') > 9;
  if (wrong != 0) return std::nullopt;
  const auto pair = [s](int i) { return (s[i] - '0') * 10 + (s[i + 1] - '0'); };
  Civil civil;
  civil.year = pair(0) * 100 + pair(2);
  civil.month = pair(5);
  civil.day = pair(8);
  civil.hour = pair(11);
  civil.minute = pair(14);
  civil.second = pair(17);
  std::size_t i = 19;
  if (i < text.size() && s[i] == '.') {
    std::int64_t scale = kNsPerSecond / 10;
    for (++i; i < text.size() && is_digit(s[i]); ++i, scale /= 10) {
      if (scale == 0) return std::nullopt;
      civil.fraction_ns += (s[i] - '0') * scale;
    }
  }
  const std::string_view rest = text.substr(i);
  if (!rest.empty() && rest != "Z" && rest != "+00:00") return std::nullopt;
  return from_civil(civil);
}

ParsedTimestamp parse_relative(std::string_view text, Timestamp now) noexcept {
  const auto span = parse_timespan(text);
  if (!span) return failed(TimestampFault::unreadable, TimestampForm::relative);
  std::int64_t ns = 0;
  if (__builtin_add_overflow(now.time_since_epoch().count(), span->count(), &ns)) {
    return failed(span->count() < 0 ? TimestampFault::before_epoch : TimestampFault::too_late,
                  TimestampForm::relative);
  }
  if (ns < 0) return failed(TimestampFault::before_epoch, TimestampForm::relative);
  return {ns, TimestampForm::relative, TimestampFault::none};
}

}  // namespace

ParsedTimestamp timestamp_from_seconds(double seconds) noexcept {
  const double ns = seconds * 10e8;
  if (!std::isfinite(seconds)) return failed(TimestampFault::unreadable, TimestampForm::number);
  if (ns <= -1.0) return failed(TimestampFault::before_epoch, TimestampForm::number);
  if (ns >= 9223372036854775808.0) return failed(TimestampFault::too_late, TimestampForm::number);
  return {static_cast<std::int64_t>(ns), TimestampForm::number, TimestampFault::none};
}

ParsedTimestamp parse_timestamp(std::string_view text, Timestamp now) noexcept {
  if (const auto parsed = parse_common(text)) return *parsed;
  if (const auto seconds = parse_float(text)) return timestamp_from_seconds(*seconds);
  if (const auto parsed = parse_iso8601(text)) return *parsed;
  if (same_word(text, "now")) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    return {Timestamp{second}.time_since_epoch().count(), TimestampForm::iso8601, {}};
  }
  if (same_word(text, "today")) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    return {Timestamp{day}.time_since_epoch().count(), TimestampForm::iso8601, {}};
  }
  return parse_relative(text, now);
}

const char* sentence(TimestampFault fault) noexcept {
  switch (fault) {
    case TimestampFault::none: return "";
    case TimestampFault::unreadable: return "Unable to convert timestamps";
    case TimestampFault::before_epoch: return "Timestamp must be after Epoch";
    case TimestampFault::too_late: return "Timestamp must be before 2262-04-11T23:47:16.854775807";
  }
  return "";
}

Timestamp to_timestamp(std::string_view text, Timestamp now) {
  const ParsedTimestamp parsed = parse_timestamp(text, now);
  if (parsed.fault != TimestampFault::none) {
    throw Refused{Refused::Reason::invalid_value, Refused::Subject::none, sentence(parsed.fault)};
  }
  return Timestamp{Timespan{parsed.ns}};
}

Timestamp to_datetime(std::string_view text, Timestamp now) {
  const std::int64_t ns = to_timestamp(text, now).time_since_epoch().count();
  double whole = 0;
  const double fraction = std::modf(static_cast<double>(ns) / 10e8, &whole);
  const auto us = static_cast<std::int64_t>(std::nearbyint(fraction * 1e6));
  const auto seconds = static_cast<std::int64_t>(whole);
  return Timestamp{std::chrono::seconds{seconds} + std::chrono::microseconds{us}};
}

}  // namespace gnocchi::index
