#pragma once

#include <optional>
#include <string>

#include "gnocchi/naming.h"

/// Keys of metrics and splits. See docs/formats/rocksdb.md, "Keys".
namespace gnocchi::rocks {

inline constexpr std::size_t kMetricKeyBytes = 16;

/// A metric's key: the bytes of its id, where they are.
inline BytesView metric_key(const MetricId& metric) noexcept {
  return {reinterpret_cast<const char*>(metric.bytes.data()), metric.bytes.size()};
}

/// A method in one byte if it is one of Gnocchi's own, else its text.
void put_method(std::string& out, std::string_view method);
std::optional<std::string> take_method(BytesView& in);
/// The same, but as it is: what put_method() has put.
std::optional<BytesView> take_method_code(BytesView& in);

/// All of a metric's splits begin with its 16 bytes, and stand by granularity, start, method.
std::string split_key(const MetricId& metric, const SplitKey& split);
/// The other direction; nullopt: no such key.
std::optional<SplitKey> parse_split_key_of(const MetricId& metric, BytesView key);

}  // namespace gnocchi::rocks
