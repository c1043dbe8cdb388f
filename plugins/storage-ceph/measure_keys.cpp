#include "measure_keys.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <tuple>

namespace gnocchi::ceph {
namespace {

constexpr std::string_view kPrefix = "measure_";
constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kTimeLength = 17;  // "20260131_12:00:00"
constexpr unsigned kFractionBits = 12;

/// RFC 9562, version 7: 48 bits of ms, 12 bits of a fraction of a ms, the rest random.
Uuid ordered_uuid(std::uint64_t time) {
  Uuid id = Uuid::random();
  const std::uint64_t ms = time >> kFractionBits;
  for (unsigned i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70U | ((time >> 8U) & 0x0fU));
  id.bytes[7] = static_cast<std::uint8_t>(time);
  return id;
}

std::string second_of(std::uint64_t time) {
  const auto seconds = static_cast<std::time_t>((time >> kFractionBits) / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, kTimeLength + 1> text{};
  std::strftime(text.data(), text.size(), "%Y%m%d_%H:%M:%S", &utc);
  return text.data();
}

/// The second of arrival, as Python knows it; then what comes before it.
std::tuple<std::string_view, std::string_view> order_of(std::string_view key) {
  const std::size_t rest = key.size() - std::min(key.size(), kTimeLength);
  return {key.substr(rest), key.substr(0, rest)};
}

}  // namespace

std::uint64_t MeasureKeys::next_time() {
  const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  const auto ns = static_cast<std::uint64_t>(now_ns);
  const std::uint64_t now =
      (ns / 1'000'000 << kFractionBits) | ((ns % 1'000'000 << kFractionBits) / 1'000'000);
  std::uint64_t last = last_time_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = std::max(now, last + 1);  // also where the clock was set back
  } while (!last_time_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return next;
}

std::string MeasureKeys::next(const MetricId& metric) {
  const std::uint64_t time = next_time();
  std::string key = key_prefix(metric);
  key += ordered_uuid(time).to_string();
  key += '_';
  key += second_of(time);
  return key;
}

std::string key_prefix(const MetricId& metric) {
  return std::string(kPrefix) + metric.to_string() + '_';
}

std::optional<MetricId> metric_of(std::string_view key) {
  if (!key.starts_with(kPrefix)) return std::nullopt;
  key.remove_prefix(kPrefix.size());
  if (key.size() <= kUuidLength || key[kUuidLength] != '_') return std::nullopt;
  const auto id = Uuid::parse(key.substr(0, kUuidLength));
  if (!id) return std::nullopt;
  return MetricId(*id);
}

bool arrived_before(std::string_view a, std::string_view b) { return order_of(a) < order_of(b); }

}  // namespace gnocchi::ceph
