#include "gnocchi/naming.h"

#include <charconv>
#include <cmath>
#include <tuple>

namespace gnocchi {
namespace {

constexpr std::string_view kPrefix = "gnocchi_";
constexpr std::string_view kSuffix = "_v3";
constexpr std::string_view kRaw = "none";

constexpr std::int64_t kPointsPerSplit = 3600;
/// More than what doubles of nanoseconds and of seconds leave out together, up to the year 2262.
constexpr Timespan kNameError{2048};

/// The multiple of 3,600 granularities next to `start`, if it is no further than a name may err.
Timespan nearest_border(Timespan start, Timespan granularity) {
  if (granularity > Timespan::max() / kPointsPerSplit) return start;
  const Timespan span = granularity * kPointsPerSplit;
  const Timespan past = start % span;
  const Timespan ahead = span - past;
  if (past <= ahead) return past <= kNameError ? start - past : start;
  if (ahead > kNameError || start > Timespan::max() - ahead) return start;
  return start + ahead;
}

/// Takes the text up to the last '_' off the end of `rest`.
std::optional<std::string_view> take_last(std::string_view& rest) {
  const std::size_t at = rest.rfind('_');
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view part = rest.substr(at + 1);
  rest = rest.substr(0, at);
  return part;
}

}  // namespace

std::strong_ordering SplitKey::operator<=>(const SplitKey& other) const {
  if (const auto order = method.compare(other.method); order != 0) {
    return order < 0 ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (granularity != other.granularity) return granularity.count() <=> other.granularity.count();
  return start.time_since_epoch().count() <=> other.start.time_since_epoch().count();
}

std::string python_seconds(Timespan span) {
  // Python's repr of a float: shortest digits that read back, positional for 1e-4 <= |v| < 1e16,
  // always with a fraction, else an exponent of at least two digits.
  const double seconds = static_cast<double>(span.count()) / 1e9;
  char digits[40];
  const auto sci =
      std::to_chars(digits, digits + sizeof digits, seconds, std::chars_format::scientific);
  const std::string_view text(digits, static_cast<std::size_t>(sci.ptr - digits));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* exponent_begin = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_begin, text.data() + text.size(), exponent);
  if (seconds != 0 && (exponent < -4 || exponent >= 16)) return std::string(text);
  char fixed[64];
  const auto fix = std::to_chars(fixed, fixed + sizeof fixed, seconds, std::chars_format::fixed);
  std::string out(fixed, fix.ptr);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::optional<Timespan> parse_python_seconds(std::string_view text) {
  double seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(seconds)) {
    return std::nullopt;
  }
  const double ns = std::round(seconds * 1e9);
  if (std::fabs(ns) >= 9.2e18) return std::nullopt;
  return Timespan{static_cast<std::int64_t>(ns)};
}

std::optional<SplitKey> parse_split_key(std::string_view start_text,
                                        std::string_view granularity_text,
                                        std::string_view method) {
  const auto granularity = parse_python_seconds(granularity_text);
  const auto start = parse_python_seconds(start_text);
  if (method.empty() || !granularity || *granularity <= Timespan::zero()) return std::nullopt;
  if (!start || *start < Timespan::zero()) return std::nullopt;
  return SplitKey{Timestamp(nearest_border(*start, *granularity)), *granularity,
                  std::string(method)};
}

std::string object_name(const ObjectRef& ref) {
  std::string name(kPrefix);
  name += ref.metric.to_string();
  name += '_';
  if (ref.split) {
    name += python_seconds(ref.split->start.time_since_epoch());
    name += '_';
    name += ref.split->method;
    name += '_';
    name += python_seconds(ref.split->granularity);
  } else {
    name += kRaw;
  }
  name += kSuffix;
  return name;
}

std::optional<ObjectRef> parse_object_name(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  if (name.size() < kSuffix.size()) return std::nullopt;
  name.remove_suffix(kSuffix.size());

  const std::size_t id_end = name.find('_');
  if (id_end == std::string_view::npos) return std::nullopt;
  const auto id = Uuid::parse(name.substr(0, id_end));
  if (!id) return std::nullopt;
  std::string_view rest = name.substr(id_end + 1);
  ObjectRef ref{MetricId(*id), std::nullopt};
  if (rest == kRaw) return ref;

  const auto granularity_text = take_last(rest);
  const auto method = take_last(rest);
  if (!granularity_text || !method || method->empty()) return std::nullopt;
  ref.split = parse_split_key(rest, *granularity_text, *method);
  if (!ref.split) return std::nullopt;
  return ref;
}

std::string sack_name(SackNumber sack, std::uint32_t sack_count) {
  return "incoming" + std::to_string(sack_count) + "-" + std::to_string(sack.value);
}

}  // namespace gnocchi
