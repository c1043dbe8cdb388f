#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/index/resource_id.h"
#include "gnocchi/indexer.h"

namespace gnocchi::index {

/// What the index knows of ids that clients may mean.
class KnownIds {
 public:
  KnownIds() = default;
  explicit KnownIds(std::span<const ResolvedId> resolved) {
    for (const ResolvedId& id : resolved) stored_.emplace(id.asked, id.stored);
  }

  /// The resource that a client means by these; nullopt: none that is known.
  std::optional<ResourceId> choose(const IdCandidates& candidates) const {
    const auto found = stored_.find(candidates.id);
    if (found != stored_.end()) return found->second;
    if (!candidates.other) return std::nullopt;
    // Only as an id of its own: by the 3.0 alias one creator would find what is another's.
    const auto other = stored_.find(*candidates.other);
    if (other != stored_.end() && other->second == *candidates.other) return other->second;
    return std::nullopt;
  }

 private:
  std::unordered_map<ResourceId, ResourceId> stored_;
};

/// Asks the index for all of them. One query.
inline KnownIds known_ids(ResourceIndex& index, std::span<const IdCandidates> ids) {
  std::vector<ResourceId> asked;
  asked.reserve(ids.size());
  for (const IdCandidates& candidates : ids) {
    asked.push_back(candidates.id);
    if (candidates.other) asked.push_back(*candidates.other);
  }
  return asked.empty() ? KnownIds() : KnownIds(index.resolve(asked));
}

}  // namespace gnocchi::index
