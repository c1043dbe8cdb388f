#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "core/query/aggregate_ref.h"
#include "core/stats/counter.h"
#include "core/stats/text.h"
#include "core/timeseries/resample.h"
#include "core/timeseries/series.h"
#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"
#include "gnocchi/types.h"

namespace gnocchi::query {

/// How points are grouped: by a span of time or of the calendar.
using Sampling = std::variant<Timespan, timeseries::CalendarGroup>;

inline constexpr std::size_t kAnyNumberOfPoints = std::numeric_limits<std::size_t>::max();

/// What a query was answered.
struct Reading {
  std::vector<timeseries::Series> series;  ///< one per ref, in order; empty where there is nothing
  bool pending_left_out = false;           ///< too much was pending to be looked at
};

/// Reads aggregates back as they are once everything accepted is processed: what is stored, and
/// what pending measures make of it (Pending). Any thread.
class Reader {
 public:
  /// `incoming`: null, and only what is stored is read. `max_pending_bytes`: of pending measures
  /// that one call considers, some six times as much in memory; with more, they are left out.
  Reader(StorageDriver& storage, IncomingDriver* incoming, std::size_t max_pending_bytes,
         plugin::Log& log)
      : storage_(storage), incoming_(incoming), max_pending_bytes_(max_pending_bytes), log_(log) {}

  /// Given the series of a ref, by its place; may take it.
  using Taker = std::function<void(std::size_t ref, timeseries::Series& series)>;

  /// Hands on the series of each ref, in order, empty where there is nothing; one at a time is in
  /// memory. With `by`, each is grouped anew by its own method before the range is cut out of it.
  /// One batched listing for all (none for a range with both ends that so few splits can be in that
  /// they are read at once), a batched read for each few hundred splits, and what Pending::read()
  /// costs. A split that cannot be decoded is logged with its metric and left out. False: too much
  /// was pending to be looked at. Throws TooManyPoints as soon as more than `max_points` points
  /// were read.
  [[nodiscard]] bool each(std::span<const AggregateRef> refs, const Range& range,
                          const std::optional<Sampling>& by, std::size_t max_points,
                          const Taker& take);

  /// The same, all at once.
  Reading read(std::span<const AggregateRef> refs, const Range& range,
               const std::optional<Sampling>& by = std::nullopt,
               std::size_t max_points = kAnyNumberOfPoints);

  void describe(stats::Text& text) const;

 private:
  StorageDriver& storage_;
  IncomingDriver* incoming_;
  std::size_t max_pending_bytes_;
  plugin::Log& log_;
  stats::Counter with_pending_;  ///< queries that found pending measures
  stats::Counter left_out_;
};

/// The points of the range. A start is floored to `granularity`; nullopt: it is not, as for groups
/// of the calendar.
timeseries::Points within(const timeseries::Series& series, const Range& range,
                          std::optional<Timespan> granularity);

}  // namespace gnocchi::query
