#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/types.h"

namespace gnocchi::ceph {

/// A notification that measures have come: the sender's id and the numbers of sacks, separated by
/// spaces. Who sent it needs no news of it.
std::string encode_news(const std::string& sender, const std::set<SackNumber>& sacks);
/// The sacks, unless `self` sent it. What is no number is skipped.
std::vector<SackNumber> decode_news(std::string_view text, std::string_view self);

/// More than anybody has use for; a number beyond is a mistake.
inline constexpr std::uint32_t kMostSacks = 65'536;

/// The object that notifications go to. gnocchi-upgrade makes it, Python's as ours.
inline constexpr char kNewsObject[] = "gnocchi-config";

}  // namespace gnocchi::ceph
