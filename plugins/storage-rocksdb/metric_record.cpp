#include "metric_record.h"

#include <utility>

#include "bytes.h"
#include "gnocchi/error.h"

namespace gnocchi::rocks {
namespace {

constexpr char kWithoutRaw = 0;
constexpr char kWithRaw = 1;

[[noreturn]] void fail_damaged(const MetricId& metric) {
  throw Error(Error::Code::corrupt_data,
              "read " + object_name({metric, std::nullopt}) + ": its record in RocksDB is damaged");
}

/// A record, and its open splits as they are.
struct Parts {
  MetricRecord record;
  BytesView open;
};

Parts parts_of(const MetricId& metric, BytesView bytes) {
  const auto kind = take_bytes(bytes, 1);
  const auto version = take_big_endian<std::uint64_t>(bytes);
  const auto open_size = take_varint(bytes);
  const auto open = open_size ? take_bytes(bytes, *open_size) : std::nullopt;
  if (!kind || (kind->front() != kWithRaw && kind->front() != kWithoutRaw) || !version || !open) {
    fail_damaged(metric);
  }
  return {{*version, {}, kind->front() == kWithRaw, bytes}, *open};
}

}  // namespace

std::string MetricRecord::encode() const {
  std::string bytes;
  Scratch scratch;
  encode(bytes, scratch);
  return bytes;
}

void MetricRecord::encode(std::string& out, Scratch& scratch) const {
  out.push_back(has_raw ? kWithRaw : kWithoutRaw);
  put_big_endian(out, version);
  scratch.splits.clear();
  open.encode(scratch.splits, scratch.patches);
  put_varint(out, scratch.splits.size());
  out.append(scratch.splits).append(raw);
}

MetricRecord MetricRecord::decode_raw(const MetricId& metric, BytesView bytes) {
  return parts_of(metric, bytes).record;
}

MetricRecord MetricRecord::decode(const MetricId& metric, BytesView bytes) {
  Parts parts = parts_of(metric, bytes);
  auto open = OpenSplits::take(parts.open);
  if (!open || !parts.open.empty()) fail_damaged(metric);
  parts.record.open = std::move(*open);
  return std::move(parts.record);
}

BytesView MetricRecord::find_patches(const MetricId& metric, BytesView bytes,
                                     const SplitKey& split) {
  const auto patches = OpenSplits::find_patches(parts_of(metric, bytes).open, split);
  if (!patches) fail_damaged(metric);
  return *patches;
}

}  // namespace gnocchi::rocks
