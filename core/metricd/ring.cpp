#include "core/metricd/ring.h"

#include <algorithm>

namespace gnocchi::metricd {
namespace {

/// FNV-1a over the member and the sack, then a finaliser (MurmurHash3's) to spread the bits.
std::uint64_t score(const std::string& member, SackNumber sack) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : member) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  hash ^= sack.value * 0x9e3779b97f4a7c15ULL;
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdULL;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ULL;
  return hash ^ hash >> 33;
}

}  // namespace

std::vector<SackNumber> owned_sacks(const std::vector<std::string>& members,
                                    const std::string& self, std::uint32_t sack_count,
                                    std::uint32_t replicas) {
  const bool among = std::find(members.begin(), members.end(), self) != members.end();
  std::vector<SackNumber> owned;
  for (std::uint32_t i = 0; i < sack_count; ++i) {
    const SackNumber sack{i};
    const std::uint64_t own = score(self, sack);
    const auto better = std::count_if(members.begin(), members.end(), [&](const auto& member) {
      return member != self && score(member, sack) > own;
    });
    if (!among || better < static_cast<std::ptrdiff_t>(replicas)) owned.push_back(sack);
  }
  return owned;
}

}  // namespace gnocchi::metricd
