#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "api/metric_search.h"
#include "core/query/frame.h"

/// Groups by what attributes of resources were at the time of each point.
namespace gnocchi::api {

/// A search of revisions: those that are valid at some time of the range, and when they are.
/// Call it after all other fields were asked for.
void add_validity(ResourceMetricQuery& query, const query::Range& range);

/// Metrics of one resource while it belongs to one group.
struct Stay {
  query::Range window;
  std::vector<FoundMetric> found;
};

/// When each row of a search with add_validity() is valid, within the range. The first revision
/// found of a resource is taken to be valid before too.
class Revisions {
 public:
  Revisions(std::span<const ResourceMetric> rows, const query::Range& range);

  /// The stays of all resources of a group: one for each time that a resource has come into it.
  std::vector<Stay> stays_of(const MetricGroup& group) const;
  /// The number of a row's revision; -1: the current one.
  static std::int64_t number_of(const ResourceMetric& row);

 private:
  using Key = std::pair<ResourceId, std::int64_t>;
  Key key_of(std::size_t row) const;

  std::span<const ResourceMetric> rows_;
  std::map<Key, query::Range> windows_;
};

/// Adds up aggregated series of stays: points of the same time are added, and each counts for as
/// much as the stay takes of the time from the point to the next one.
class WeightedSum {
 public:
  /// `drop`: leave out points that are no finite numbers. Throws Refused{invalid_value} for series
  /// that are not aggregated, or by groups of the calendar.
  void add(const std::vector<query::Frame>& frames, const query::Range& window, bool drop);
  /// One column each, coarsest granularity first; none without points.
  std::vector<query::Frame> take();

 private:
  using Points = std::vector<std::pair<std::int64_t, double>>;
  std::map<Timespan, Points, std::greater<>> points_;
};

}  // namespace gnocchi::api
