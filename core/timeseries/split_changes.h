#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/timeseries/aggregates.h"
#include "core/timeseries/aggregation.h"
#include "core/timeseries/short_vector.h"
#include "gnocchi/naming.h"
#include "gnocchi/storage.h"

namespace gnocchi::timeseries {

/// New points of one split of one aggregate: positions `begin` to `end` of its column. None: the
/// split is only to be written in its final form.
struct SplitChange {
  std::size_t granularity = 0;  ///< index of the plan's granularities
  std::size_t method = 0;       ///< index of the plan's methods
  std::int64_t start_ns = 0;
  std::size_t begin = 0;
  std::size_t end = 0;

  auto operator<=>(const SplitChange&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// The back window before and after a pass. Splits that end before it do not change any more.
struct BackWindow {
  std::optional<std::int64_t> previous_ns;  ///< nullopt: nothing was stored before
  std::int64_t current_ns = 0;
};

/// Decides which splits a pass writes, closes and removes.
class SplitChanges {
 public:
  /// `aggregates`: one per granularity of the plan. `close_splits`: splits are open, written in
  /// place, until the back window has left them; then they are to be rewritten.
  SplitChanges(const AggregationPlan& plan, std::span<const Aggregates> aggregates,
               const BackWindow& window, bool close_splits);

  /// Whether the window has moved over a border of splits, so that stored ones may have to be
  /// removed or closed.
  bool wants_split_list() const noexcept;
  /// Admits those that may matter.
  SplitFilter wanted_splits(const AggregationPlan& plan) const;
  void take_split_list(const AggregationPlan& plan, std::span<const SplitKey> stored);

  /// By granularity, method, and start.
  std::span<const SplitChange> changes() const noexcept { return changes_; }
  const std::vector<SplitKey>& removals() const noexcept { return removals_; }

 private:
  /// What holds for all splits of one granularity, in starts of splits.
  struct Borders {
    std::optional<std::int64_t> oldest_kept;   ///< older splits go
    std::optional<std::int64_t> first_closed;  ///< from here to first_open: to be closed;
    std::int64_t first_open = 0;               ///< nullopt: no need for the list
  };

  void collect(const AggregationPlan& plan, std::size_t granularity, const Aggregates& aggregates,
               const BackWindow& window);
  void collect_column(std::size_t granularity, std::size_t method, const AggregateColumn& column,
                      const PlannedGranularity& planned);

  bool close_splits_;
  ShortVector<Borders, 1> borders_;
  ShortVector<bool, 8> has_points_;  ///< by granularity and method
  ShortVector<SplitChange, 6> changes_;
  std::vector<SplitKey> removals_;
};

}  // namespace gnocchi::timeseries
