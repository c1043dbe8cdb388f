#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gnocchi/incoming.h"

/// Keys and values of waiting measures. See docs/formats/rocksdb.md, "Measures".
namespace gnocchi::rocks {

/// The sacks of a group share their entries: 16 of them.
inline constexpr std::uint32_t kSacksOfAGroup = 16;

struct MeasureKey {
  std::uint32_t group = 0;  ///< sack / kSacksOfAGroup
  std::uint64_t sequence = 0;
};

std::string encode_key(const MeasureKey& key);
std::optional<MeasureKey> decode_key(BytesView key);

/// Calls `take` for each group of sacks that the bundles belong to, with the group's entry.
void for_each_entry(std::span<const Bundle> bundles, std::uint32_t sack_count,
                    const std::function<void(std::uint32_t group, BytesView entry)>& take);

using TakeSection = std::function<void(SackNumber sack, BytesView section)>;
/// Calls `take` for each sack that the entry has a section for; false: from there on the entry is
/// no such thing.
[[nodiscard]] bool for_each_section(std::uint32_t group, BytesView entry, const TakeSection& take);

using TakeBundle = std::function<void(const MetricId& metric, BytesView data)>;
/// Calls `take` for each bundle of a section; false as above.
[[nodiscard]] bool for_each_bundle(BytesView section, const TakeBundle& take);

}  // namespace gnocchi::rocks
