#include "core/query/computation.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <unordered_map>
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

/// The series of all groups, each asked for once, and where it goes.
class Wanted {
 public:
  struct Use {
    std::size_t group = 0;
    std::size_t source = 0;       ///< of the group
    std::size_t granularity = 0;  ///< the group's n-th
  };

  explicit Wanted(const Program& program) : program_(program) {}

  void add(const Source& source, Timespan granularity, const Use& use) {
    const auto [at, added] =
        places_.try_emplace({source.metric, source.reference, granularity}, refs_.size());
    if (added) {
      refs_.push_back({source.metric, program_.references[source.reference].method, granularity,
                       item_of(*source.policy, granularity)->timespan, source.policy});
      uses_.emplace_back();
    }
    uses_[at->second].push_back(use);
  }

  std::span<const AggregateRef> refs() const noexcept { return refs_; }
  std::span<const Use> uses_of(std::size_t ref) const noexcept { return uses_[ref]; }

 private:
  struct Key {
    MetricId metric;
    std::size_t reference;
    Timespan granularity;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<MetricId>{}(key.metric) + 31 * key.reference +
             static_cast<std::size_t>(key.granularity.count());
    }
  };

  const Program& program_;
  std::unordered_map<Key, std::size_t, KeyHash> places_;  ///< in refs_ and uses_
  std::vector<AggregateRef> refs_;
  std::vector<std::vector<Use>> uses_;
};

}  // namespace

Results::Results(Reader& reader, const Computation& computation,
                 std::span<const SourceGroup> groups)
    : computation_(computation), groups_(groups) {
  Wanted wanted(computation.program);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& sources = groups[i].sources;
    auto& frames = frames_.emplace_back();
    for (const Timespan granularity : granularities_of(computation, groups[i], i)) {
      for (std::size_t j = 0; j < sources.size(); ++j) {
        wanted.add(sources[j], granularity, {i, j, frames.size()});
      }
      frames.emplace_back(granularity, sources.size());
    }
  }
  const auto lay_out = [&](std::size_t ref, const timeseries::Series& series) {
    const Timespan granularity = wanted.refs()[ref].granularity;
    for (const Wanted::Use& use : wanted.uses_of(ref)) {
      frames_[use.group][use.granularity].add(
          use.source, within(series, groups_[use.group].window, granularity));
    }
  };
  pending_left_out_ =
      !reader.each(wanted.refs(), computation.range, std::nullopt, computation.max_points, lay_out);
}

std::vector<Frame> Results::of_group(std::size_t group) {
  std::vector<Frame> frames;
  for (FrameBuilder& series : frames_[group]) {
    try {
      frames.push_back(compute(group, series));
    } catch (const Refused& fault) {
      throw NotAggregable(fault.what(), group, all_sources(groups_[group]));
    }
  }
  return frames;
}

Frame Results::compute(std::size_t group, FrameBuilder& series) {
  std::vector<std::size_t> references;
  references.reserve(groups_[group].sources.size());
  for (const Source& source : groups_[group].sources) references.push_back(source.reference);
  const Gaps& gaps = computation_.gaps;
  Frame frame = series.take(gaps.filler(), computation_.max_points);
  settle_gaps(frame, gaps, groups_[group].window);
  return evaluate(computation_.program, std::move(frame), references, computation_.max_points);
}

}  // namespace gnocchi::query
