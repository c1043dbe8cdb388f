#include "api/revisions.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <variant>

#include "core/timeseries/time_grid.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

// The fields that add_validity() appends, from the end.
constexpr std::size_t kStart = 3;
constexpr std::size_t kEnd = 2;
constexpr std::size_t kRevision = 1;

const Value& field(const ResourceMetric& row, std::size_t from_end) {
  return row.values[row.values.size() - from_end];
}

std::optional<Timestamp> time_of(const Value& value) {
  const auto* time = std::get_if<Timestamp>(&value);
  return time ? std::optional(*time) : std::nullopt;
}

[[noreturn]] void refuse_history(const char* reason) {
  throw Refused{Refused::Reason::invalid_value, Refused::Subject::none, reason};
}

std::int64_t ns_of(Timestamp time) { return time.time_since_epoch().count(); }

/// The part of [time, time + granularity) that lies in the window.
double share(std::int64_t time, std::int64_t granularity, const query::Range& window) {
  const std::int64_t end = timeseries::saturating_add(time, granularity);
  const std::int64_t from = window.start ? std::max(time, ns_of(*window.start)) : time;
  const std::int64_t to = window.stop ? std::min(end, ns_of(*window.stop)) : end;
  return static_cast<double>(to - from) / static_cast<double>(granularity);
}

/// Sorted by time, equal times added up.
query::Frame added_up(Timespan granularity, std::vector<std::pair<std::int64_t, double>> points) {
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  query::Frame frame;
  frame.sampling = granularity;
  frame.aggregated = true;
  auto& column = frame.columns.emplace_back();
  for (const auto& [time, value] : points) {
    if (!frame.times.empty() && frame.times.back() == time) {
      column.back() += value;
    } else {
      frame.times.push_back(time);
      column.push_back(value);
    }
  }
  return frame;
}

}  // namespace

void add_validity(ResourceMetricQuery& query, const query::Range& range) {
  std::vector<Filter> valid;
  if (range.stop) {
    valid.push_back(Filter::compare(Filter::Op::lt, "revision_start", *range.stop));
  }
  if (range.start) {
    valid.push_back(
        Filter::any({Filter::compare(Filter::Op::ge, "revision_end", *range.start),
                     Filter::compare(Filter::Op::eq, "revision_end", std::monostate{})}));
  }
  if (query.filter) valid.push_back(std::move(*query.filter));
  query.filter = Filter::all(std::move(valid));
  for (const char* name : {"revision_start", "revision_end", "revision"}) {
    query.fields.emplace_back(name);
  }
}

Revisions::Revisions(std::span<const ResourceMetric> rows, const query::Range& range)
    : rows_(rows) {
  struct Revision {
    ResourceId resource;
    Timestamp start;
    std::optional<Timestamp> end;
    std::int64_t number;
  };
  std::vector<Revision> revisions;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto [resource, number] = key_of(i);
    if (!windows_.try_emplace({resource, number}).second) continue;
    revisions.push_back({resource, time_of(field(rows[i], kStart)).value_or(Timestamp{}),
                         time_of(field(rows[i], kEnd)), number});
  }
  std::sort(revisions.begin(), revisions.end(), [](const Revision& a, const Revision& b) {
    return std::tie(a.resource, a.start) < std::tie(b.resource, b.start);
  });
  std::optional<ResourceId> last;
  for (const Revision& revision : revisions) {
    query::Range& window = windows_[{revision.resource, revision.number}];
    window = range;
    if (last == revision.resource) {
      window.start = range.start ? std::max(*range.start, revision.start) : revision.start;
    }
    if (revision.end)
      window.stop = range.stop ? std::min(*range.stop, *revision.end) : revision.end;
    last = revision.resource;
  }
}

Revisions::Key Revisions::key_of(std::size_t row) const {
  return {*rows_[row].metric.resource_id, number_of(rows_[row])};
}

std::int64_t Revisions::number_of(const ResourceMetric& row) {
  const auto* number = std::get_if<std::int64_t>(&field(row, kRevision));
  return number ? *number : -1;
}

std::vector<Stay> Revisions::stays_of(const MetricGroup& group) const {
  std::map<Key, Stay> by_revision;
  for (const FoundMetric& found : group.found) {
    const Key key = key_of(found.row);
    Stay& stay = by_revision[key];
    stay.window = windows_.at(key);
    stay.found.push_back(found);
  }
  // A resource's in order of time, the one that is open at the start first.
  std::vector<std::pair<ResourceId, Stay>> in_order;
  in_order.reserve(by_revision.size());
  for (auto& [key, stay] : by_revision) in_order.emplace_back(key.first, std::move(stay));
  std::stable_sort(in_order.begin(), in_order.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.window.start) < std::tie(b.first, b.second.window.start);
  });
  std::vector<Stay> stays;
  std::optional<ResourceId> last;
  for (auto& [resource, stay] : in_order) {
    const auto& window = stay.window;
    if (window.start && window.stop && *window.start >= *window.stop) continue;
    if (last == resource && stays.back().window.stop == window.start) {
      stays.back().window.stop = window.stop;
    } else {
      stays.push_back(std::move(stay));
    }
    last = resource;
  }
  return stays;
}

void WeightedSum::add(const std::vector<query::Frame>& frames, const query::Range& window,
                      bool drop) {
  for (const query::Frame& frame : frames) {
    if (!frame.aggregated) refuse_history("With use_history the operations must aggregate");
    const auto* granularity = std::get_if<Timespan>(&frame.sampling);
    if (!granularity) refuse_history("With use_history points cannot be of groups of the calendar");
    if (frame.columns.empty()) continue;
    Points& points = points_[*granularity];
    for (std::size_t i = 0; i < frame.times.size(); ++i) {
      const double value = frame.columns.front()[i];
      if (drop && !std::isfinite(value)) continue;
      points.emplace_back(frame.times[i],
                          value * share(frame.times[i], granularity->count(), window));
    }
  }
}

std::vector<query::Frame> WeightedSum::take() {
  std::vector<query::Frame> frames;
  for (auto& [granularity, points] : points_) {
    if (!points.empty()) frames.push_back(added_up(granularity, std::move(points)));
  }
  return frames;
}

}  // namespace gnocchi::api
