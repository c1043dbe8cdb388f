#include "split_versions.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace gnocchi::ceph {
namespace {

template <class Splits>
auto find(Splits& splits, const std::string& object) {
  const std::size_t name = std::hash<std::string>{}(object);
  return std::find_if(splits.begin(), splits.end(),
                      [name](const KnownSplits::Split& split) { return split.name == name; });
}

}  // namespace

std::optional<std::uint64_t> KnownSplits::version_of(const std::string& object) const {
  const auto found = find(splits, object);
  if (found == splits.end()) return std::nullopt;
  return found->version;
}

void KnownSplits::set(const std::string& object, std::uint64_t version) {
  const auto found = find(splits, object);
  if (found != splits.end()) {
    found->version = version;
  } else {
    splits.push_back({std::hash<std::string>{}(object), version});
  }
}

void KnownSplits::remove(const std::string& object) {
  const auto found = find(splits, object);
  if (found != splits.end()) splits.erase(found);
}

std::optional<KnownSplits> SplitVersions::take(const MetricId& metric, std::uint64_t raw_version) {
  auto known = known_.take(metric);
  if (known && known->raw_version != raw_version) return std::nullopt;
  return known;
}

void SplitVersions::put(const MetricId& metric, KnownSplits known) {
  known.splits.shrink_to_fit();
  const std::size_t bytes = known.splits.capacity() * sizeof(KnownSplits::Split);
  known_.put(metric, std::move(known), bytes);
}

}  // namespace gnocchi::ceph
