#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gnocchi/export.h"

/// Values that cross the boundary between core and its drivers.
namespace gnocchi {

/// Nanoseconds since the Epoch, UTC. Nothing before the Epoch is ever stored.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;
using Timespan = std::chrono::nanoseconds;

/// Bytes of a stored object. A std::string because every client library here speaks it.
using Bytes = std::string;
using BytesView = std::string_view;

/// 128-bit identifier, big-endian as in RFC 4122.
struct GNOCCHI_API Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;  // NOLINT(modernize-use-nullptr)

  /// 36 lower-case characters with hyphens.
  std::string to_string() const;
  /// The 16 bytes as a string, as SQL's BINARY(16) and object keys hold them.
  std::string raw() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  /// The value as an unsigned 128-bit integer, modulo `n`; `n` must not be 0.
  std::uint32_t modulo(std::uint32_t n) const noexcept;

  /// Accepts what Python's uuid.UUID does: 32 hex digits in any case, with or without hyphens,
  /// braces or "urn:uuid:". nullopt: not a UUID.
  static std::optional<Uuid> parse(std::string_view text) noexcept;
  /// From exactly 16 bytes; nullopt if the size differs.
  static std::optional<Uuid> from_raw(std::string_view raw) noexcept;
  /// Random (version 4), from the operating system's generator. Thread-safe.
  static Uuid random();
};

struct MetricId : Uuid {
  MetricId() = default;
  explicit MetricId(const Uuid& id) : Uuid{id} {}
  auto operator<=>(const MetricId&) const = default;  // NOLINT(modernize-use-nullptr)
};

struct ResourceId : Uuid {
  ResourceId() = default;
  explicit ResourceId(const Uuid& id) : Uuid{id} {}
  auto operator<=>(const ResourceId&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// A sack holds the measures not yet processed of a group of metrics: 0 … sack count - 1.
struct SackNumber {
  std::uint32_t value = 0;
  auto operator<=>(const SackNumber&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// The sack of a metric when there are `sack_count` of them.
inline SackNumber sack_of(const MetricId& metric, std::uint32_t sack_count) noexcept {
  return SackNumber{metric.modulo(sack_count)};
}

/// One measured point.
struct Measure {
  Timestamp timestamp;
  double value = 0;
  bool operator==(const Measure&) const = default;
};

/// An attribute's value, in a resource or in a filter. monostate is SQL's NULL and JSON's null.
using Value =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Uuid, Timestamp>;

}  // namespace gnocchi

template <>
struct GNOCCHI_API std::hash<gnocchi::Uuid> {
  std::size_t operator()(const gnocchi::Uuid& id) const noexcept;
};
template <>
struct std::hash<gnocchi::MetricId> : std::hash<gnocchi::Uuid> {};
template <>
struct std::hash<gnocchi::ResourceId> : std::hash<gnocchi::Uuid> {};
template <>
struct std::hash<gnocchi::SackNumber> {
  std::size_t operator()(gnocchi::SackNumber sack) const noexcept { return sack.value; }
};
