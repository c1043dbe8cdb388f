#include "core/timeseries/pass.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "core/timeseries/aggregates.h"
#include "core/timeseries/bound_series.h"
#include "core/timeseries/raw_codec.h"
#include "core/timeseries/short_vector.h"
#include "core/timeseries/split_changes.h"
#include "core/timeseries/split_codec.h"
#include "core/timeseries/time_grid.h"
#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

/// Adds the object's name to what decoding it throws.
template <typename Decode>
auto decode_object(const MetricId& metric, const std::optional<SplitKey>& split, Decode decode) {
  try {
    return decode();
  } catch (const Error& error) {
    throw Error(error.code(), object_name({metric, split}) + ": " + error.what());
  }
}

/// Whether `fresh` has a point that `stored` has not, or has otherwise.
bool adds_to(const Points& fresh, const Series& stored) {
  if (fresh.empty()) return false;
  auto at = std::lower_bound(stored.times.begin(), stored.times.end(), fresh.times.front());
  for (std::size_t i = 0; i < fresh.size(); ++i, ++at) {
    while (at != stored.times.end() && *at < fresh.times[i]) ++at;
    if (at == stored.times.end() || *at != fresh.times[i]) return true;
    const auto place = static_cast<std::size_t>(at - stored.times.begin());
    // Of NaN too, of which none equals another.
    if (std::bit_cast<std::uint64_t>(stored.values[place]) !=
        std::bit_cast<std::uint64_t>(fresh.values[i])) {
      return true;
    }
  }
  return false;
}

}  // namespace

struct MetricPass::State {
  State(const AggregationPlan& plan_in, MetricId metric_in, bool partial_writes_in)
      : plan(&plan_in), metric(metric_in), partial_writes(partial_writes_in) {}

  /// How a split is written.
  enum class Form { patch, padded, compressed };

  Form form_of(const SplitChange& change) const noexcept;
  SplitGrid grid_of(const SplitChange& change) const noexcept;
  SplitKey key_of(const SplitChange& change) const;
  void choose_reads();
  SplitWrite write_of(const SplitChange& change, const StoredObject* stored) const;

  const AggregationPlan* plan;
  MetricId metric;
  bool partial_writes;
  bool changes_raw = false;
  bool whole = false;  ///< no patches: one of them met a compressed split
  BackWindow window;
  Series raw;  ///< as it is to be stored; empty: there is nothing to be done
  ShortVector<Aggregates, 1> aggregates;
  std::optional<SplitChanges> changes;
  std::vector<SplitKey> reads;
};

MetricPass::State::Form MetricPass::State::form_of(const SplitChange& change) const noexcept {
  const std::int64_t step = plan->granularities()[change.granularity].granularity.count();
  const bool left =
      change.begin == change.end || next_split(change.start_ns, step) <= window.current_ns;
  if (!partial_writes || left) return Form::compressed;
  return whole ? Form::padded : Form::patch;
}

SplitGrid MetricPass::State::grid_of(const SplitChange& change) const noexcept {
  return {change.start_ns, plan->granularities()[change.granularity].granularity.count()};
}

SplitKey MetricPass::State::key_of(const SplitChange& change) const {
  return {Timestamp{Timespan{change.start_ns}},
          plan->granularities()[change.granularity].granularity,
          plan->method_names()[change.method]};
}

void MetricPass::State::choose_reads() {
  reads.clear();
  if (!changes) return;
  for (const SplitChange& change : changes->changes()) {
    if (form_of(change) != Form::patch) reads.push_back(key_of(change));
  }
}

/// `stored`: what the split holds so far, null if nothing, or if it is patched. Without any point
/// the data stays empty.
SplitWrite MetricPass::State::write_of(const SplitChange& change,
                                       const StoredObject* stored) const {
  SplitWrite write{key_of(change), std::nullopt, {}};
  const SplitGrid grid = grid_of(change);
  const AggregateColumn column = aggregates[change.granularity].column(*plan, change.method);
  const auto times = column.times.subspan(change.begin, change.end - change.begin);
  const auto values = column.values.subspan(change.begin, change.end - change.begin);
  const Form form = form_of(change);
  if (form == Form::patch) {
    PaddedCells cells = encode_padded(grid, times, values);
    write.offset = cells.offset_bytes;
    write.data = std::move(cells.data);
    return write;
  }
  Series merged;
  if (stored != nullptr) {
    decode_object(metric, write.key, [&] { decode_split(stored->data, grid, merged); });
  }
  merged = merge({times, values}, std::move(merged));
  if (merged.empty()) return write;
  write.data = form == Form::padded ? encode_padded_whole(grid, merged.times, merged.values)
                                    : encode_compressed(grid, merged.times, merged.values);
  return write;
}

MetricPass::MetricPass(const AggregationPlan& plan, MetricId metric, bool partial_writes)
    : state_(std::make_unique<State>(plan, metric, partial_writes)) {}
MetricPass::MetricPass(MetricPass&&) noexcept = default;
MetricPass& MetricPass::operator=(MetricPass&&) noexcept = default;
MetricPass::~MetricPass() = default;

void MetricPass::start(std::optional<BytesView> raw, std::span<const Measure> measures) {
  Series stored;
  if (raw) stored = decode_object(state_->metric, std::nullopt, [&] { return decode_raw(*raw); });
  start_from(std::move(stored), measures);
}

void MetricPass::start_from(Series stored, std::span<const Measure> measures) {
  State& state = *state_;
  const AggregationPlan& plan = *state.plan;
  const FreshPoints all = sorted(measures);
  Points fresh = all.points();
  if (fresh.empty()) return;

  const std::int64_t oldest_measure = fresh.times.front();
  if (!stored.empty()) {
    state.window.previous_ns = first_block_ns(plan, stored.times.back());
    fresh = since(fresh, *state.window.previous_ns);
  }
  state.changes_raw = adds_to(fresh, stored);
  state.raw = merge(fresh, std::move(stored));
  state.window.current_ns = first_block_ns(plan, state.raw.times.back());
  const std::int64_t changed = std::max(state.raw.times.front(), oldest_measure);
  state.aggregates.reserve(plan.granularities().size());
  for (const PlannedGranularity& planned : plan.granularities()) {
    state.aggregates.emplace_back(plan, state.raw, planned.granularity.count(), changed);
  }
  state.changes.emplace(plan, state.aggregates, state.window, state.partial_writes);
  state.choose_reads();
  drop_before(state.raw, state.window.current_ns);
}

bool MetricPass::wants_split_list() const noexcept {
  return state_->changes && state_->changes->wants_split_list();
}

SplitFilter MetricPass::wanted_splits() const {
  return state_->changes->wanted_splits(*state_->plan);
}

void MetricPass::take_split_list(std::span<const SplitKey> stored) {
  if (!state_->changes) return;
  state_->changes->take_split_list(*state_->plan, stored);
  state_->choose_reads();
}

const std::vector<SplitKey>& MetricPass::reads() const noexcept { return state_->reads; }

MetricWrites MetricPass::finish(std::span<const std::optional<StoredObject>> objects) {
  const State& state = *state_;
  MetricWrites writes;
  writes.metric = state.metric;
  if (objects.size() != state.reads.size()) {
    throw Error(Error::Code::internal, "pass of " + state.metric.to_string() + ": " +
                                           std::to_string(objects.size()) + " objects for " +
                                           std::to_string(state.reads.size()) + " reads");
  }
  if (!state.changes) return writes;
  writes.removals = state.changes->removals();
  writes.splits.reserve(state.changes->changes().size());
  std::size_t read = 0;
  for (const SplitChange& change : state.changes->changes()) {
    const StoredObject* stored = nullptr;
    if (state.form_of(change) != State::Form::patch) {
      const auto& object = objects[read++];
      if (object) stored = &*object;
    }
    SplitWrite write = state.write_of(change, stored);
    if (!write.data.empty()) writes.splits.push_back(std::move(write));
  }
  writes.raw = encode_raw(state.raw);
  return writes;
}

Series MetricPass::take_raw() noexcept { return std::move(state_->raw); }

bool MetricPass::changes_raw() const noexcept { return state_->changes_raw; }

AggregatePreview MetricPass::preview(Timespan granularity, std::string_view method) const {
  const State& state = *state_;
  AggregatePreview preview;
  if (!state.changes) return preview;
  for (const SplitChange& change : state.changes->changes()) {
    if (state.plan->granularities()[change.granularity].granularity != granularity ||
        state.plan->method_names()[change.method] != method) {
      continue;
    }
    const AggregateColumn column =
        state.aggregates[change.granularity].column(*state.plan, change.method);
    const auto times = column.times.subspan(change.begin, change.end - change.begin);
    const auto values = column.values.subspan(change.begin, change.end - change.begin);
    preview.points.times.insert(preview.points.times.end(), times.begin(), times.end());
    preview.points.values.insert(preview.points.values.end(), values.begin(), values.end());
  }
  for (const SplitKey& key : state.changes->removals()) {
    if (key.granularity != granularity || key.method != method) continue;
    preview.removed.push_back(key.start.time_since_epoch().count());
  }
  return preview;
}

void MetricPass::rewrite_whole() {
  state_->whole = true;
  state_->choose_reads();
}

}  // namespace gnocchi::timeseries
