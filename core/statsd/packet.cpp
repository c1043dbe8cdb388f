#include "core/statsd/packet.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/index/utf8.h"

namespace gnocchi::statsd {
namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 4> kKinds{
    {{"c", Kind::counter}, {"g", Kind::gauge}, {"ms", Kind::timer}, {"s", Kind::set}}};

std::optional<Kind> kind_of(std::string_view text) {
  for (const auto& [name, kind] : kKinds) {
    if (name == text) return kind;
  }
  return std::nullopt;
}

std::optional<double> number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// Cuts the part before `separator` off; nullopt: it is not there.
std::optional<std::string_view> cut(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const auto part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

const char* read_rate(std::string_view text, Update& update) {
  if (update.kind != Kind::counter && update.kind != Kind::timer) {
    return "only counters and timers have a sample rate";
  }
  if (!text.starts_with('@')) return "expected a sample rate, @0.1";
  const auto rate = number(text.substr(1));
  if (!rate || !(*rate > 0)) return "the sample rate is no number above 0";
  if (update.kind == Kind::counter) update.rate = *rate;
  return nullptr;
}

}  // namespace

std::string_view to_string(Kind kind) noexcept {
  for (const auto& [name, known] : kKinds) {
    if (known == kind) return name;
  }
  return {};
}

ParsedLine parse_line(std::string_view line) noexcept {
  Update update;
  const auto name_and_value = cut(line, '|');
  if (!name_and_value) return {{}, "expected name:value|type"};
  std::string_view value = *name_and_value;
  const auto name = cut(value, ':');
  if (!name || name->empty() || value.find(':') != std::string_view::npos) {
    return {{}, "expected name:value|type"};
  }
  if (!index::is_utf8(*name)) return {{}, "the name is not UTF-8"};
  update.name = *name;
  const auto before_rate = cut(line, '|');
  const auto kind = kind_of(before_rate.value_or(line));
  if (!kind) return {{}, "the type is none of c, g, ms and s"};
  update.kind = *kind;
  if (*kind == Kind::set) {
    if (value.empty()) return {{}, "the set's member is empty"};
    update.member = value;
  } else {
    const auto read = number(value);
    if (!read) return {{}, "the value is no number"};
    update.value = *read;
    update.relative = *kind == Kind::gauge && (value.front() == '+' || value.front() == '-');
  }
  if (before_rate) {
    if (const char* fault = read_rate(line, update)) return {{}, fault};
  }
  return {update, nullptr};
}

}  // namespace gnocchi::statsd
