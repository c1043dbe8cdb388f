#include "measure_codec.h"

#include <algorithm>

#include "bytes.h"

namespace gnocchi::rocks {
namespace {

constexpr std::size_t kIdBytes = 16;

void append_bundle(std::string& section, const Bundle& bundle) {
  const auto& id = bundle.metric.bytes;
  section.append(reinterpret_cast<const char*>(id.data()), id.size());
  put_varint(section, bundle.data.size());
  section.append(bundle.data);
}

/// A bundle's place among those of the request, under its sack.
using Placed = std::pair<std::uint32_t, std::size_t>;

std::vector<Placed> by_sack(std::span<const Bundle> bundles, std::uint32_t sack_count) {
  std::vector<Placed> placed;
  placed.reserve(bundles.size());
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    placed.emplace_back(sack_of(bundles[i].metric, sack_count).value, i);
  }
  std::sort(placed.begin(), placed.end());
  return placed;
}

}  // namespace

std::string encode_key(const MeasureKey& key) {
  std::string bytes;
  bytes.reserve(sizeof key.group + sizeof key.sequence);
  put_big_endian(bytes, key.group);
  put_big_endian(bytes, key.sequence);
  return bytes;
}

std::optional<MeasureKey> decode_key(BytesView key) {
  const auto group = take_big_endian<std::uint32_t>(key);
  const auto sequence = take_big_endian<std::uint64_t>(key);
  if (!group || !sequence || !key.empty()) return std::nullopt;
  return MeasureKey{*group, *sequence};
}

void for_each_entry(std::span<const Bundle> bundles, std::uint32_t sack_count,
                    const std::function<void(std::uint32_t, BytesView)>& take) {
  const std::vector<Placed> placed = by_sack(bundles, sack_count);
  std::string entry;
  std::string section;
  for (auto at = placed.begin(); at != placed.end();) {
    const std::uint32_t sack = at->first;
    section.clear();
    for (; at != placed.end() && at->first == sack; ++at) {
      append_bundle(section, bundles[at->second]);
    }
    entry.push_back(static_cast<char>(sack % kSacksOfAGroup));
    put_varint(entry, section.size());
    entry.append(section);
    const std::uint32_t group = sack / kSacksOfAGroup;
    if (at != placed.end() && at->first / kSacksOfAGroup == group) continue;
    take(group, entry);
    entry.clear();
  }
}

bool for_each_section(std::uint32_t group, BytesView entry, const TakeSection& take) {
  while (!entry.empty()) {
    const auto place = static_cast<unsigned char>(entry.front());
    entry.remove_prefix(1);
    const auto size = take_varint(entry);
    const auto section = size ? take_bytes(entry, *size) : std::nullopt;
    if (!section || place >= kSacksOfAGroup) return false;
    take(SackNumber{group * kSacksOfAGroup + place}, *section);
  }
  return true;
}

bool for_each_bundle(BytesView section, const TakeBundle& take) {
  while (!section.empty()) {
    const auto raw = take_bytes(section, kIdBytes);
    const auto id = raw ? Uuid::from_raw(*raw) : std::nullopt;
    const auto size = take_varint(section);
    const auto data = size ? take_bytes(section, *size) : std::nullopt;
    if (!id || !data) return false;
    take(MetricId(*id), *data);
  }
  return true;
}

}  // namespace gnocchi::rocks
