#include "core/query/computation.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/query/evaluate.h"
#include "gnocchi/error.h"

namespace gnocchi::query {
namespace {

std::vector<std::size_t> all_sources(const SourceGroup& group) {
  std::vector<std::size_t> all(group.sources.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

const ArchivePolicyItem* item_of(const ArchivePolicy& policy, Timespan granularity) {
  for (const auto& item : policy.definition) {
    if (item.granularity == granularity) return &item;
  }
  return nullptr;
}

/// The granularities that all sources have, coarsest first.
std::vector<Timespan> common_granularities(const SourceGroup& group) {
  std::map<Timespan, std::size_t> counts;
  for (const Source& source : group.sources) {
    for (const auto& item : source.policy->definition) ++counts[item.granularity];
  }
  std::vector<Timespan> common;
  for (auto at = counts.rbegin(); at != counts.rend(); ++at) {
    if (at->second == group.sources.size()) common.push_back(at->first);
  }
  return common;
}

std::vector<Timespan> granularities_of(const Computation& computation, const SourceGroup& group,
                                       std::size_t number) {
  std::vector<Timespan> granularities;
  if (computation.granularity) {
    granularities = {*computation.granularity};
  } else {
    granularities = common_granularities(group);
    if (granularities.empty()) {
      NotAggregable fault("No granularity match", number, all_sources(group));
      fault.by_metric = true;
      throw fault;
    }
  }
  NotAggregable lacking("Granularities are missing", number, {});
  for (std::size_t i = 0; i < group.sources.size(); ++i) {
    const Source& source = group.sources[i];
    const auto& methods = source.policy->aggregation_methods;
    const auto& method = computation.program.references[source.reference].method;
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
      throw UnknownMethod(number, i);
    }
    if (!item_of(*source.policy, granularities.front())) lacking.sources.push_back(i);
  }
  if (!lacking.sources.empty()) {
    lacking.granularity = granularities.front();
    lacking.by_metric = true;
    throw lacking;
  }
  return granularities;
}

}  // namespace

/// The series of all groups, each read once and handed out as often as it is needed.
class Results::Store {
 public:
  explicit Store(const Program& program) : program_(program) {}

  void want(const Source& source, Timespan granularity) {
    auto& entry = entries_[key(source, granularity)];
    if (entry.uses++ > 0) return;
    entry.series = refs_.size();
    refs_.push_back({source.metric, program_.references[source.reference].method, granularity,
                     item_of(*source.policy, granularity)->timespan, source.policy});
  }

  void read(Reader& reader, const Computation& computation) {
    reading_ = reader.read(refs_, computation.range, std::nullopt, computation.max_points);
  }
  bool pending_left_out() const noexcept { return reading_.pending_left_out; }

  timeseries::Series take(const Source& source, Timespan granularity) {
    auto& entry = entries_.at(key(source, granularity));
    timeseries::Series& series = reading_.series[entry.series];
    return --entry.uses == 0 ? std::move(series) : series;
  }

 private:
  using Key = std::tuple<MetricId, std::size_t, Timespan>;
  struct Entry {
    std::size_t series = 0;
    std::size_t uses = 0;
  };
  static Key key(const Source& source, Timespan granularity) {
    return {source.metric, source.reference, granularity};
  }

  const Program& program_;
  std::map<Key, Entry> entries_;
  std::vector<AggregateRef> refs_;
  Reading reading_;
};

Results::Results(Reader& reader, const Computation& computation,
                 std::span<const SourceGroup> groups)
    : computation_(computation),
      groups_(groups),
      store_(std::make_unique<Store>(computation.program)) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    granularities_.push_back(granularities_of(computation, groups[i], i));
    for (const Timespan granularity : granularities_.back()) {
      for (const Source& source : groups[i].sources) store_->want(source, granularity);
    }
  }
  store_->read(reader, computation);
}

Results::~Results() = default;

bool Results::pending_left_out() const noexcept { return store_->pending_left_out(); }

std::vector<Frame> Results::of_group(std::size_t group) {
  std::vector<Frame> frames;
  for (const Timespan granularity : granularities_[group]) {
    try {
      frames.push_back(compute(group, granularity));
    } catch (const Refused& fault) {
      throw NotAggregable(fault.what(), group, all_sources(groups_[group]));
    }
  }
  return frames;
}

Frame Results::compute(std::size_t group, Timespan granularity) {
  std::vector<timeseries::Series> series;
  std::vector<std::size_t> references;
  for (const Source& source : groups_[group].sources) {
    series.push_back(store_->take(source, granularity));
    cut(series.back(), groups_[group].window, granularity);
    references.push_back(source.reference);
  }
  const Gaps& gaps = computation_.gaps;
  Frame frame = align(granularity, std::move(series), gaps.filler(), computation_.max_points);
  settle_gaps(frame, gaps, groups_[group].window);
  return evaluate(computation_.program, std::move(frame), references, computation_.max_points);
}

}  // namespace gnocchi::query
