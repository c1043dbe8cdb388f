#include "core/timeseries/split_changes.h"

#include <algorithm>

#include "core/timeseries/time_grid.h"

namespace gnocchi::timeseries {
namespace {

std::int64_t newest_time(const AggregationPlan& plan, const Aggregates& aggregates) noexcept {
  std::int64_t newest = kEarliest;
  for (std::size_t m = 0; m < plan.methods().size(); ++m) {
    const AggregateColumn column = aggregates.column(plan, m);
    if (!column.empty()) newest = std::max(newest, column.times.back());
  }
  return newest;
}

}  // namespace

SplitChanges::SplitChanges(const AggregationPlan& plan, std::span<const Aggregates> aggregates,
                           const BackWindow& window, bool close_splits)
    : close_splits_(close_splits),
      borders_(aggregates.size()),
      has_points_(aggregates.size() * plan.methods().size()) {
  changes_.reserve(has_points_.size());
  for (std::size_t g = 0; g < aggregates.size(); ++g) collect(plan, g, aggregates[g], window);
}

void SplitChanges::collect(const AggregationPlan& plan, std::size_t granularity,
                           const Aggregates& aggregates, const BackWindow& window) {
  const PlannedGranularity& planned = plan.granularities()[granularity];
  const std::int64_t step = planned.granularity.count();
  const std::int64_t newest = newest_time(plan, aggregates);
  if (newest == kEarliest) return;

  Borders& borders = borders_[granularity];
  if (planned.timespan) {
    borders.oldest_kept = split_start(newest - planned.timespan->count(), step);
  }
  if (window.previous_ns && (planned.timespan || close_splits_)) {
    const std::int64_t previous = split_start(*window.previous_ns, step);
    borders.first_open = split_start(window.current_ns, step);
    if (previous != borders.first_open) borders.first_closed = previous;
  }
  for (std::size_t m = 0; m < plan.methods().size(); ++m) {
    const AggregateColumn column = aggregates.column(plan, m);
    if (column.empty()) continue;
    has_points_[granularity * plan.methods().size() + m] = true;
    collect_column(granularity, m, column, planned);
  }
}

void SplitChanges::collect_column(std::size_t granularity, std::size_t method,
                                  const AggregateColumn& column,
                                  const PlannedGranularity& planned) {
  const std::int64_t step = planned.granularity.count();
  const auto times = column.times;
  auto at = times.begin();
  if (planned.timespan) {
    at = std::upper_bound(at, times.end(), times.back() - planned.timespan->count());
  }
  while (at != times.end()) {
    const std::int64_t start = split_start(*at, step);
    const std::int64_t next = next_split(start, step);
    const auto end = next == kLatest ? times.end() : std::lower_bound(at, times.end(), next);
    if (!borders_[granularity].oldest_kept || start >= *borders_[granularity].oldest_kept) {
      changes_.push_back({granularity, method, start, static_cast<std::size_t>(at - times.begin()),
                          static_cast<std::size_t>(end - times.begin())});
    }
    at = end;
  }
}

bool SplitChanges::wants_split_list() const noexcept {
  return std::any_of(borders_.begin(), borders_.end(),
                     [](const Borders& borders) { return borders.first_closed.has_value(); });
}

SplitFilter SplitChanges::wanted_splits(const AggregationPlan& plan) const {
  std::int64_t first = kLatest;
  std::int64_t last = kEarliest;
  SplitFilter filter;
  for (std::size_t g = 0; g < borders_.size(); ++g) {
    const Borders& borders = borders_[g];
    if (!borders.first_closed) continue;
    filter.granularities.push_back(plan.granularities()[g].granularity);
    first = std::min(first, borders.oldest_kept ? kEarliest : *borders.first_closed);
    last = std::max({last, borders.first_open, borders.oldest_kept.value_or(kEarliest)});
  }
  filter.first = Timestamp(Timespan(first));
  filter.last = Timestamp(Timespan(last));
  return filter;
}

void SplitChanges::take_split_list(const AggregationPlan& plan, std::span<const SplitKey> stored) {
  const auto granularities = plan.granularities();
  const auto names = plan.method_names();
  std::vector<SplitChange> closed;
  for (const SplitKey& key : stored) {
    const auto planned =
        std::find_if(granularities.begin(), granularities.end(),
                     [&](const auto& item) { return item.granularity == key.granularity; });
    const auto name = std::find(names.begin(), names.end(), key.method);
    if (planned == granularities.end() || name == names.end()) continue;
    const auto g = static_cast<std::size_t>(planned - granularities.begin());
    const auto m = static_cast<std::size_t>(name - names.begin());
    const Borders& borders = borders_[g];
    if (!has_points_[g * names.size() + m] || !borders.first_closed) continue;

    const std::int64_t start =
        nearest_split(key.start.time_since_epoch().count(), key.granularity.count());
    if (borders.oldest_kept && start < *borders.oldest_kept) {
      removals_.push_back({Timestamp{Timespan{start}}, key.granularity, key.method});
    } else if (close_splits_ && start >= *borders.first_closed && start < borders.first_open) {
      closed.push_back({g, m, start, 0, 0});
    }
  }
  const auto same_split = [](const SplitChange& a, const SplitChange& b) {
    return a.granularity == b.granularity && a.method == b.method && a.start_ns == b.start_ns;
  };
  // Of a split that is closed and has new points, the change with the points stays.
  for (const SplitChange& change : closed) {
    const bool known = std::any_of(changes_.begin(), changes_.end(), [&](const SplitChange& other) {
      return same_split(change, other);
    });
    if (!known) changes_.push_back(change);
  }
  std::sort(changes_.begin(), changes_.end());
  std::sort(removals_.begin(), removals_.end());
}

}  // namespace gnocchi::timeseries
