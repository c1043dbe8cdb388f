#include "split_lister.h"

#include <algorithm>
#include <utility>

#include "split_keys.h"
#include "status.h"

namespace gnocchi::rocks {
namespace {

constexpr std::size_t kGranularityKeyBytes = kMetricKeyBytes + sizeof(std::int64_t);

}  // namespace

SplitLister::SplitLister(Database& database, const SplitFilter& filter)
    : filter_(filter), names_(database.db().NewIterator({}, database.family(Family::names))) {
  for (const std::string& method : filter.methods) put_method(methods_.emplace_back(), method);
}

std::vector<SplitKey> SplitLister::list(const MetricId& metric) {
  std::vector<SplitKey> splits;
  if (filter_.granularities.empty()) {
    walk(metric, metric_key(metric), kMetricKeyBytes, Timestamp::max(), splits);
  }
  for (const Timespan granularity : filter_.granularities) {
    // No name of a start is before that of a method without a name.
    walk(metric, split_key(metric, {filter_.first, granularity, {}}), kGranularityKeyBytes,
         filter_.last, splits);
  }
  std::sort(splits.begin(), splits.end());
  return splits;
}

void SplitLister::walk(const MetricId& metric, BytesView begin, std::size_t same_bytes,
                       Timestamp last, std::vector<SplitKey>& out) {
  const BytesView same = begin.substr(0, same_bytes);
  for (names_->Seek(slice(begin)); names_->Valid(); names_->Next()) {
    const BytesView key{names_->key().data(), names_->key().size()};
    if (!key.starts_with(same)) break;
    if (!may_admit(key)) continue;
    auto split = parse_split_key_of(metric, key);
    if (!split) break;
    if (split->start > last) break;
    if (filter_.admits(*split)) out.push_back(std::move(*split));
  }
  check("list splits", names_->status());
}

bool SplitLister::may_admit(BytesView key) const {
  return methods_.empty() ||
         std::any_of(methods_.begin(), methods_.end(),
                     [key](const std::string& method) { return key.ends_with(method); });
}

}  // namespace gnocchi::rocks
