#include "core/query/measures.h"

#include <unordered_map>

#include "core/timeseries/split_codec.h"
#include "core/timeseries/time_grid.h"
#include "gnocchi/error.h"

namespace gnocchi::query {
namespace {

using timeseries::Series;

/// The stored splits of each metric asked for.
std::unordered_map<MetricId, std::vector<SplitKey>> list(StorageDriver& storage,
                                                         std::span<const AggregateRef> refs) {
  std::unordered_map<MetricId, std::vector<SplitKey>> splits;
  std::vector<MetricId> metrics;
  for (const AggregateRef& ref : refs) {
    if (splits.try_emplace(ref.metric).second) metrics.push_back(ref.metric);
  }
  auto lists = storage.list_splits(metrics);
  for (std::size_t i = 0; i < metrics.size(); ++i) splits[metrics[i]] = std::move(lists[i]);
  return splits;
}

timeseries::SplitGrid grid_of(const SplitKey& key) {
  return {key.start.time_since_epoch().count(), key.granularity.count()};
}

/// The splits of one aggregate that a range touches, in order of time.
std::vector<ObjectRef> choose(const std::vector<SplitKey>& stored, const AggregateRef& ref,
                              const Range& range) {
  std::vector<ObjectRef> chosen;
  for (const SplitKey& key : stored) {
    if (key.method != ref.method || key.granularity != ref.granularity) continue;
    const auto grid = grid_of(key);
    const std::int64_t end = timeseries::next_split(grid.start_ns, grid.granularity_ns);
    if (range.start && end <= range.start->time_since_epoch().count()) continue;
    if (range.stop && key.start > *range.stop) continue;
    chosen.push_back({ref.metric, key});
  }
  return chosen;
}

/// `granularity`: nullopt for groups of the calendar, which a start is not floored to.
void cut(Series& series, const Range& range, std::optional<Timespan> granularity) {
  std::int64_t start = timeseries::kEarliest;
  if (range.start) {
    start = range.start->time_since_epoch().count();
    if (granularity) start = timeseries::floor_time(start, granularity->count());
  }
  const std::int64_t stop =
      range.stop ? range.stop->time_since_epoch().count() : timeseries::kLatest;
  timeseries::restrict_to(series, start, stop);
}

void decode(plugin::Log& log, const ObjectRef& ref, const StoredObject& object, Series& out) {
  try {
    timeseries::decode_split(object.data, grid_of(*ref.split), out);
  } catch (const Error& error) {
    if (error.code() != Error::Code::corrupt_data) throw;
    log.error("damaged split left out metric=" + ref.metric.to_string() +
              " object=" + object_name(ref) + " reason=\"" + error.what() + "\"");
  }
}

Series resample(const Series& series, const std::string& method_name, const Resampling& by) {
  const auto method = timeseries::Method::parse(method_name);
  if (!method) throw Error(Error::Code::internal, "resample: no method " + method_name);
  return std::visit([&](const auto& step) { return timeseries::resample(series, *method, step); },
                    by);
}

}  // namespace

std::vector<Series> read_aggregates(StorageDriver& storage, plugin::Log& log,
                                    std::span<const AggregateRef> refs, const Range& range,
                                    const std::optional<Resampling>& by) {
  const auto stored = list(storage, refs);
  std::vector<ObjectRef> wanted;
  std::vector<std::size_t> ends;
  for (const AggregateRef& ref : refs) {
    for (ObjectRef& object : choose(stored.at(ref.metric), ref, range)) {
      wanted.push_back(std::move(object));
    }
    ends.push_back(wanted.size());
  }
  std::vector<std::optional<StoredObject>> objects;
  if (!wanted.empty()) objects = storage.read(wanted);

  std::vector<Series> results;
  std::size_t next = 0;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    Series series;
    for (; next < ends[i]; ++next) {
      if (objects[next]) decode(log, wanted[next], *objects[next], series);
    }
    // A split is removed as a whole only, so points that the policy no longer keeps may be there.
    if (refs[i].timespan) timeseries::truncate(series, *refs[i].timespan);
    std::optional<Timespan> granularity = refs[i].granularity;
    if (by) {
      series = resample(series, refs[i].method, *by);
      const auto* span = std::get_if<Timespan>(&*by);
      granularity = span ? std::optional(*span) : std::nullopt;
    }
    cut(series, range, granularity);
    results.push_back(std::move(series));
  }
  return results;
}

}  // namespace gnocchi::query
