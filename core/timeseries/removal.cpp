#include "core/timeseries/removal.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/timeseries/aggregates.h"
#include "core/timeseries/bound_series.h"
#include "core/timeseries/raw_codec.h"
#include "core/timeseries/series.h"
#include "core/timeseries/split_codec.h"
#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

/// The least multiple of `step` that is not before `time`, which is not before the Epoch.
std::int64_t ceil_exact(std::int64_t time, std::int64_t step) noexcept {
  const std::int64_t floor = floor_exact(time, step);
  return floor == time ? time : saturating_add(floor, step);
}

bool overlaps(const TimeRange& a, const TimeRange& b) noexcept {
  return a.start_ns < a.stop_ns && b.start_ns < b.stop_ns && a.start_ns < b.stop_ns &&
         b.start_ns < a.stop_ns;
}

/// Takes the points of a range out of a series.
void cut(Series& series, const TimeRange& range) {
  if (range.start_ns >= range.stop_ns) return;
  const auto first = std::lower_bound(series.times.begin(), series.times.end(), range.start_ns);
  const auto last = std::lower_bound(first, series.times.end(), range.stop_ns);
  const auto begin = first - series.times.begin();
  const auto end = last - series.times.begin();
  series.times.erase(first, last);
  series.values.erase(series.values.begin() + begin, series.values.begin() + end);
}

/// What happens to the groups of one granularity.
struct GroupChanges {
  TimeRange gone{0, 0};    ///< groups wholly in the range
  TimeRange remade{0, 0};  ///< groups made anew from the raw series

  bool touches(const TimeRange& span) const noexcept {
    return overlaps(gone, span) || overlaps(remade, span);
  }
  /// Whether none of the points that are stored in `span` stays.
  bool covers(const TimeRange& span) const noexcept {
    TimeRange all = gone;
    if (overlaps(gone, remade) || gone.stop_ns == remade.start_ns) {
      all = {std::min(gone.start_ns, remade.start_ns), std::max(gone.stop_ns, remade.stop_ns)};
    }
    const auto within = [&span](const TimeRange& part) {
      return part.start_ns <= span.start_ns && span.stop_ns <= part.stop_ns;
    };
    return within(all) || within(remade);
  }
};

}  // namespace

struct MeasureRemoval::State {
  /// A split that is written or removed.
  struct Touched {
    GroupChanges changes;
    bool read = false;  ///< some of its stored points stay
    Series points;      ///< the groups made anew
  };

  State(const AggregationPlan& plan_in, MetricId metric_in, const TimeRange& range_in,
        bool partial_writes_in)
      : plan(&plan_in), metric(metric_in), range(range_in), partial_writes(partial_writes_in) {
    range.start_ns = std::max<std::int64_t>(range.start_ns, 0);  // nothing is stored before
  }

  TimeRange groups_gone(std::int64_t step) const noexcept {
    return {ceil_exact(range.start_ns, step), floor_exact(range.stop_ns, step)};
  }
  TimeRange groups_remade(std::int64_t step) const noexcept;
  void add_remade(std::size_t granularity);
  bool is_open(std::int64_t split_ns, std::int64_t step) const noexcept;

  const AggregationPlan* plan;
  MetricId metric;
  TimeRange range;
  bool partial_writes;

  bool had_raw = false;
  Series raw;                                 ///< what remains
  std::int64_t complete_from_ns = kLatest;    ///< from here on the raw series lacks nothing
  std::optional<std::int64_t> first_gone_ns;  ///< of the raw points; nullopt: none went
  std::int64_t last_gone_ns = 0;
  std::map<SplitKey, Touched> touched;
  std::vector<SplitKey> reads;
};

TimeRange MeasureRemoval::State::groups_remade(std::int64_t step) const noexcept {
  if (!first_gone_ns) return {0, 0};
  const auto next = std::upper_bound(raw.times.begin(), raw.times.end(), last_gone_ns);
  const std::int64_t last = next == raw.times.end() ? last_gone_ns : *next;
  return {std::max(ceil_exact(std::max<std::int64_t>(complete_from_ns, 0), step),
                   floor_time(*first_gone_ns, step)),
          saturating_add(floor_time(last, step), step)};
}

/// Aggregates what remains of the raw series and hands the groups to their splits.
void MeasureRemoval::State::add_remade(std::size_t granularity) {
  const PlannedGranularity& planned = plan->granularities()[granularity];
  const std::int64_t step = planned.granularity.count();
  const GroupChanges changes{groups_gone(step), groups_remade(step)};
  if (changes.remade.start_ns >= changes.remade.stop_ns || raw.empty()) return;
  // All of it, not only what is made anew: a rate: may reach far back to the point before.
  const Aggregates aggregates(*plan, raw, step, raw.times.front());
  for (std::size_t m = 0; m < plan->methods().size(); ++m) {
    const AggregateColumn column = aggregates.column(*plan, m);
    const auto first =
        std::lower_bound(column.times.begin(), column.times.end(), changes.remade.start_ns);
    for (auto i = static_cast<std::size_t>(first - column.times.begin()); i < column.times.size();
         ++i) {
      const std::int64_t time = column.times[i];
      if (time >= changes.remade.stop_ns) break;
      if (planned.timespan && time <= column.times.back() - planned.timespan->count()) continue;
      const std::int64_t start = split_start(time, step);
      const SplitKey key{Timestamp{Timespan{start}}, planned.granularity, plan->method_names()[m]};
      Touched& split = touched.try_emplace(key, Touched{changes, false, {}}).first->second;
      split.points.times.push_back(time);
      split.points.values.push_back(column.values[i]);
    }
  }
}

bool MeasureRemoval::State::is_open(std::int64_t split_ns, std::int64_t step) const noexcept {
  return partial_writes && !raw.empty() &&
         next_split(split_ns, step) > first_block_ns(*plan, raw.times.back());
}

MeasureRemoval::MeasureRemoval(const AggregationPlan& plan, MetricId metric, const TimeRange& range,
                               bool partial_writes)
    : state_(std::make_unique<State>(plan, metric, range, partial_writes)) {}
MeasureRemoval::MeasureRemoval(MeasureRemoval&&) noexcept = default;
MeasureRemoval& MeasureRemoval::operator=(MeasureRemoval&&) noexcept = default;
MeasureRemoval::~MeasureRemoval() = default;

void MeasureRemoval::start(std::optional<BytesView> raw) {
  State& state = *state_;
  if (!raw) return;
  try {
    state.raw = decode_raw(*raw);
  } catch (const Error& error) {
    throw Error(error.code(), object_name({state.metric, std::nullopt}) + ": " + error.what());
  }
  state.had_raw = true;
  if (state.raw.empty()) return;
  // What the back window has dropped, it dropped in whole blocks.
  state.complete_from_ns = floor_time(state.raw.times.front(), state.plan->block_size().count());
  for (const std::int64_t time : state.raw.times) {
    if (!state.range.contains(time)) continue;
    if (!state.first_gone_ns) state.first_gone_ns = time;
    state.last_gone_ns = time;
  }
  cut(state.raw, state.range);
}

void MeasureRemoval::take_split_list(std::span<const SplitKey> stored) {
  State& state = *state_;
  state.touched.clear();
  state.reads.clear();
  const auto granularities = state.plan->granularities();
  const auto names = state.plan->method_names();
  for (const SplitKey& key : stored) {
    const std::int64_t step = key.granularity.count();
    const std::int64_t start = nearest_split(key.start.time_since_epoch().count(), step);
    const bool planned =
        std::any_of(granularities.begin(), granularities.end(),
                    [&](const auto& g) { return g.granularity == key.granularity; });
    const bool known = planned && std::find(names.begin(), names.end(), key.method) != names.end();
    GroupChanges changes{state.groups_gone(step), {0, 0}};
    if (known) changes.remade = state.groups_remade(step);
    const TimeRange span{start, next_split(start, step)};
    if (!changes.touches(span)) continue;
    state.touched[{Timestamp{Timespan{start}}, key.granularity, key.method}] = {
        changes, !changes.covers(span), {}};
  }
  for (std::size_t g = 0; g < granularities.size(); ++g) state.add_remade(g);
  for (const auto& [key, split] : state.touched) {
    if (split.read) state.reads.push_back(key);
  }
}

const std::vector<SplitKey>& MeasureRemoval::reads() const noexcept { return state_->reads; }

MetricWrites MeasureRemoval::finish(std::span<const std::optional<StoredObject>> objects) const {
  const State& state = *state_;
  MetricWrites writes;
  writes.metric = state.metric;
  std::size_t read = 0;
  for (const auto& [key, split] : state.touched) {
    const std::int64_t step = key.granularity.count();
    const SplitGrid grid{key.start.time_since_epoch().count(), step};
    Series kept;
    if (split.read && objects[read++]) {
      try {
        decode_split(objects[read - 1]->data, grid, kept);
      } catch (const Error& error) {
        throw Error(error.code(), object_name({state.metric, key}) + ": " + error.what());
      }
      cut(kept, split.changes.gone);
      cut(kept, split.changes.remade);
    }
    const Series points = merge(split.points, std::move(kept));
    if (points.empty()) {
      writes.removals.push_back(key);
      continue;
    }
    writes.splits.push_back({key, std::nullopt,
                             state.is_open(grid.start_ns, step)
                                 ? encode_padded_whole(grid, points.times, points.values)
                                 : encode_compressed(grid, points.times, points.values)});
  }
  if (state.had_raw) writes.raw = encode_raw(state.raw);
  return writes;
}

}  // namespace gnocchi::timeseries
