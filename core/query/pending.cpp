#include "core/query/pending.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "core/pipeline/measures_codec.h"
#include "core/timeseries/add_once.h"
#include "core/timeseries/time_grid.h"
#include "gnocchi/error.h"

namespace gnocchi::query {
namespace {

using timeseries::AggregationPlan;
using timeseries::MetricPass;

/// Of so many metrics raw series are held at a time; one may be of some megabytes.
constexpr std::size_t kMetricsAtOnce = 100;

/// The metrics of sacks in which something is pending. Of many metrics it is cheaper to ask for
/// their sacks first, which are few, than for each of them.
std::vector<MetricId> in_pending_sacks(IncomingDriver& incoming,
                                       std::span<const MetricId> metrics) {
  if (metrics.size() <= 1) return {metrics.begin(), metrics.end()};
  const std::uint32_t count = incoming.sack_count();
  std::vector<SackNumber> of_metrics;
  of_metrics.reserve(metrics.size());
  for (const MetricId& metric : metrics) of_metrics.push_back(sack_of(metric, count));
  std::vector<SackNumber> sacks = of_metrics;
  std::sort(sacks.begin(), sacks.end());
  sacks.erase(std::unique(sacks.begin(), sacks.end()), sacks.end());
  if (sacks.size() == metrics.size()) return {metrics.begin(), metrics.end()};
  std::vector<SackNumber> pending = incoming.with_pending(sacks);
  std::sort(pending.begin(), pending.end());
  std::vector<MetricId> chosen;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (std::binary_search(pending.begin(), pending.end(), of_metrics[i])) {
      chosen.push_back(metrics[i]);
    }
  }
  return chosen;
}

/// Plans of what is asked of metrics, each made once: mostly many metrics are asked the same.
class NarrowedPlans {
 public:
  using Plan = std::shared_ptr<const AggregationPlan>;

  Plan get(std::span<const AggregateRef> all, std::span<const std::size_t> of_metric) {
    std::vector<std::string> methods;
    std::vector<Timespan> granularities;
    for (const std::size_t ref : of_metric) {
      timeseries::add_once(methods, all[ref].method);
      timeseries::add_once(granularities, all[ref].granularity);
    }
    const ArchivePolicy& policy = *all[of_metric.front()].policy;
    Plan& plan = plans_[{&policy, methods, granularities}];
    if (!plan) {
      plan = std::make_shared<const AggregationPlan>(
          AggregationPlan(policy).narrowed(granularities, methods));
    }
    return plan;
  }

 private:
  using Key = std::tuple<const ArchivePolicy*, std::vector<std::string>, std::vector<Timespan>>;
  std::map<Key, Plan> plans_;
};

/// Keeps the points of the splits that the range touches.
void cut_splits(timeseries::Series& points, const Range& range, std::int64_t step) {
  std::int64_t start = timeseries::kEarliest;
  std::int64_t stop = timeseries::kLatest;
  if (range.start) start = timeseries::split_start(range.start->time_since_epoch().count(), step);
  if (range.stop) {
    const std::int64_t last = timeseries::split_start(range.stop->time_since_epoch().count(), step);
    stop = timeseries::next_split(last, step);
  }
  timeseries::restrict_to(points, start, stop);
}

}  // namespace

/// What waits of one metric, and what of it is asked for.
struct Pending::Waiting {
  MetricId metric;
  std::vector<Measure> measures;
  std::vector<std::size_t> refs;
  NarrowedPlans::Plan plan{};
};

Pending::Pending(StorageDriver& storage, plugin::Log& log, std::span<const AggregateRef> refs,
                 const Range& range, const SplitFilter& splits)
    : storage_(storage), log_(log), refs_(refs), range_(range), splits_(splits) {}

bool Pending::read(IncomingDriver& incoming, std::span<const MetricId> metrics,
                   std::size_t max_bytes, std::size_t max_points) {
  const std::vector<MetricId> chosen = in_pending_sacks(incoming, metrics);
  if (chosen.empty()) return true;
  const auto bundles = incoming.read_pending(chosen, max_bytes);
  if (!bundles) return false;
  std::vector<Waiting> waiting = decode(chosen, *bundles);
  if (waiting.empty()) return true;
  gather_refs(waiting);
  for (std::size_t i = 0; i < waiting.size(); i += kMetricsAtOnce) {
    compute(std::span(waiting).subspan(i, std::min(kMetricsAtOnce, waiting.size() - i)),
            max_points);
  }
  return true;
}

std::vector<Pending::Waiting> Pending::decode(
    std::span<const MetricId> metrics, const std::vector<std::vector<Bytes>>& bundles) const {
  std::vector<Waiting> all;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    Waiting waiting{metrics[i], {}, {}};
    for (const Bytes& bundle : bundles[i]) {
      try {
        pipeline::decode_measures(bundle, waiting.measures);
      } catch (const Error& error) {
        log_.debug("damaged bundle left out metric=" + metrics[i].to_string() + " reason=\"" +
                   error.what() + "\"");
      }
    }
    if (!waiting.measures.empty()) all.push_back(std::move(waiting));
  }
  return all;
}

void Pending::gather_refs(std::vector<Waiting>& waiting) const {
  std::unordered_map<MetricId, Waiting*> by_metric;
  for (Waiting& one : waiting) by_metric[one.metric] = &one;
  for (std::size_t i = 0; i < refs_.size(); ++i) {
    const auto found = by_metric.find(refs_[i].metric);
    if (refs_[i].policy && found != by_metric.end()) found->second->refs.push_back(i);
  }
  std::erase_if(waiting, [](const Waiting& one) { return one.refs.empty(); });
  NarrowedPlans plans;
  for (Waiting& one : waiting) one.plan = plans.get(refs_, one.refs);
}

void Pending::compute(std::span<Waiting> waiting, std::size_t max_points) {
  std::vector<ObjectRef> raw_refs;
  for (const Waiting& one : waiting) raw_refs.push_back({one.metric, std::nullopt});
  const auto raws = storage_.read(raw_refs);

  std::vector<std::pair<const Waiting*, MetricPass>> passes;
  std::vector<MetricId> with_list;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    MetricPass pass = start(waiting[i], raws[i]);
    if (!pass.changes_raw()) continue;
    if (pass.wants_split_list()) with_list.push_back(waiting[i].metric);
    passes.emplace_back(&waiting[i], std::move(pass));
  }
  std::vector<std::vector<SplitKey>> lists;
  if (!with_list.empty()) lists = storage_.list_splits(with_list, splits_);
  std::size_t next_list = 0;
  for (auto& [one, pass] : passes) {
    if (pass.wants_split_list()) pass.take_split_list(lists[next_list++]);
    keep_previews(*one, pass, max_points);
  }
}

MetricPass Pending::start(const Waiting& waiting, const std::optional<StoredObject>& stored) const {
  const bool partial_writes = storage_.traits().partial_writes;
  if (stored) {
    try {
      MetricPass pass(*waiting.plan, waiting.metric, partial_writes);
      pass.start(BytesView(stored->data), waiting.measures);
      return pass;
    } catch (const Error& error) {
      if (error.code() != Error::Code::corrupt_data) throw;
      log_.error("damaged raw series left out metric=" + waiting.metric.to_string() + " reason=\"" +
                 error.what() + "\"");
    }
  }
  MetricPass pass(*waiting.plan, waiting.metric, partial_writes);
  pass.start(std::nullopt, waiting.measures);
  return pass;
}

void Pending::keep_previews(const Waiting& waiting, const MetricPass& pass,
                            std::size_t max_points) {
  for (const std::size_t ref : waiting.refs) {
    auto preview = pass.preview(refs_[ref].granularity, refs_[ref].method);
    cut_splits(preview.points, range_, refs_[ref].granularity.count());
    points_ += preview.points.size();
    if (points_ > max_points) {
      throw TooManyPoints("more than " + std::to_string(max_points) + " pending points");
    }
    previews_.emplace(ref, std::move(preview));
  }
}

const timeseries::AggregatePreview& Pending::of(std::size_t ref) const noexcept {
  static const timeseries::AggregatePreview kNothing;
  const auto found = previews_.find(ref);
  return found == previews_.end() ? kNothing : found->second;
}

}  // namespace gnocchi::query
