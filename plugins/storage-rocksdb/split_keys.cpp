#include "split_keys.h"

#include <algorithm>
#include <iterator>

#include "bytes.h"

namespace gnocchi::rocks {
namespace {

/// A method's code is its place here, from 1 on. Part of the format: new ones go to the end.
constexpr std::string_view kMethods[] = {"count", "first",   "last", "max", "mean",       "median",
                                         "min",   "nunique", "std",  "sum", "cardinality"};
constexpr std::string_view kRate = "rate:";
/// Set in the code of a method's rate.
constexpr unsigned char kRateBit = 0x80;
/// In place of a code: the text's length, as a varint, and the text follow.
constexpr char kTextFollows = 0;

}  // namespace

void put_method(std::string& out, std::string_view method) {
  const bool rate = method.starts_with(kRate);
  const std::string_view base = rate ? method.substr(kRate.size()) : method;
  const auto* found = std::find(std::begin(kMethods), std::end(kMethods), base);
  if (found != std::end(kMethods)) {
    const auto code = static_cast<unsigned char>(found - std::begin(kMethods) + 1);
    out.push_back(static_cast<char>(rate ? code | kRateBit : code));
    return;
  }
  out.push_back(kTextFollows);
  put_varint(out, method.size());
  out.append(method);
}

std::optional<std::string> take_method(BytesView& in) {
  if (in.empty()) return std::nullopt;
  const auto code = static_cast<unsigned char>(in[0]);
  in.remove_prefix(1);
  if (code == kTextFollows) {
    const auto size = take_varint(in);
    const auto text = size ? take_bytes(in, *size) : std::nullopt;
    if (!text) return std::nullopt;
    return std::string(*text);
  }
  const std::size_t place = code & 0x7fU;
  if (place == 0 || place > std::size(kMethods)) return std::nullopt;
  const std::string_view base = kMethods[place - 1];
  if ((code & kRateBit) == 0) return std::string(base);
  return std::string(kRate).append(base);
}

std::optional<BytesView> take_method_code(BytesView& in) {
  const BytesView before = in;
  const auto first = take_bytes(in, 1);
  if (!first) return std::nullopt;
  if (first->front() == kTextFollows) {
    const auto size = take_varint(in);
    if (!size || !take_bytes(in, *size)) return std::nullopt;
  } else {
    const std::size_t place = static_cast<unsigned char>(first->front()) & 0x7fU;
    if (place == 0 || place > std::size(kMethods)) return std::nullopt;
  }
  return before.substr(0, before.size() - in.size());
}

std::string split_key(const MetricId& metric, const SplitKey& split) {
  std::string key;
  key.reserve(kMetricKeyBytes + 2 * sizeof(std::int64_t) + 1);
  key.append(metric_key(metric));
  put_ordered(key, split.granularity.count());
  put_ordered(key, split.start.time_since_epoch().count());
  put_method(key, split.method);
  return key;
}

std::optional<SplitKey> parse_split_key_of(const MetricId& metric, BytesView key) {
  const auto id = take_bytes(key, kMetricKeyBytes);
  if (!id || *id != metric_key(metric)) return std::nullopt;
  const auto granularity_ns = take_ordered(key);
  const auto start_ns = take_ordered(key);
  auto method = take_method(key);
  if (!granularity_ns || !start_ns || !method || !key.empty()) return std::nullopt;
  return SplitKey{Timestamp{Timespan{*start_ns}}, Timespan{*granularity_ns}, std::move(*method)};
}

}  // namespace gnocchi::rocks
