#include "split_lister.h"

#include <algorithm>
#include <utility>

#include "split_keys.h"
#include "status.h"

namespace gnocchi::rocks {
namespace {

constexpr std::size_t kGranularityKeyBytes = kMetricKeyBytes + sizeof(std::int64_t);

}  // namespace

SplitLister::SplitLister(Database& database, KnownNames& known, const SplitFilter& filter)
    : database_(database), known_(known), filter_(filter) {
  for (const std::string& method : filter.methods) put_method(methods_.emplace_back(), method);
}

std::vector<SplitKey> SplitLister::list(const MetricId& metric) {
  std::vector<SplitKey> splits;
  bool too_many = false;
  const auto add = [&](const Names& names) {
    too_many = names.too_many;
    if (!too_many) add_known(metric, names, splits);
  };
  if (!known_.look(metric, add)) {
    Names all = read_all(metric);
    add(all);
    known_.put(metric, moment_, std::move(all));
  }
  if (too_many) walk_admitted(metric, splits);
  std::sort(splits.begin(), splits.end());
  return splits;
}

/// Made when it is needed: that takes longer than a look.
rocksdb::Iterator& SplitLister::names() {
  if (!names_) {
    moment_ = known_.now();
    names_.reset(database_.db().NewIterator({}, database_.family(Family::names)));
  }
  return *names_;
}

Names SplitLister::read_all(const MetricId& metric) {
  rocksdb::Iterator& at = names();
  const BytesView same = metric_key(metric);
  Names all;
  for (at.Seek(slice(same)); at.Valid() && !all.too_many; at.Next()) {
    const BytesView key = view(at.key());
    if (!key.starts_with(same)) break;
    all.add(key.substr(same.size()));
  }
  check("list splits", at.status());
  return all;
}

void SplitLister::add_known(const MetricId& metric, const Names& names,
                            std::vector<SplitKey>& out) const {
  std::string key(metric_key(metric));
  for (BytesView left = names.text; !left.empty();) {
    const BytesView name = Names::take(left);
    if (!may_admit(name)) continue;
    key.replace(kMetricKeyBytes, std::string::npos, name);
    auto split = parse_split_key_of(metric, key);
    if (split && filter_.admits(*split)) out.push_back(std::move(*split));
  }
}

void SplitLister::walk_admitted(const MetricId& metric, std::vector<SplitKey>& out) {
  if (filter_.granularities.empty()) {
    walk(metric, metric_key(metric), kMetricKeyBytes, Timestamp::max(), out);
  }
  for (const Timespan granularity : filter_.granularities) {
    // No name of a start is before that of a method without a name.
    walk(metric, split_key(metric, {filter_.first, granularity, {}}), kGranularityKeyBytes,
         filter_.last, out);
  }
}

void SplitLister::walk(const MetricId& metric, BytesView begin, std::size_t same_bytes,
                       Timestamp last, std::vector<SplitKey>& out) {
  const BytesView same = begin.substr(0, same_bytes);
  rocksdb::Iterator& at = names();
  for (at.Seek(slice(begin)); at.Valid(); at.Next()) {
    const BytesView key = view(at.key());
    if (!key.starts_with(same)) break;
    if (!may_admit(key)) continue;
    auto split = parse_split_key_of(metric, key);
    if (!split) break;
    if (split->start > last) break;
    if (filter_.admits(*split)) out.push_back(std::move(*split));
  }
  check("list splits", at.status());
}

bool SplitLister::may_admit(BytesView key) const {
  return methods_.empty() ||
         std::any_of(methods_.begin(), methods_.end(),
                     [key](const std::string& method) { return key.ends_with(method); });
}

}  // namespace gnocchi::rocks
