#include "core/query/measures.h"

#include <algorithm>
#include <unordered_map>

#include "core/timeseries/split_codec.h"
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

/// The splits of one aggregate that a range touches, in order of time.
std::vector<ObjectRef> choose(const std::vector<SplitKey>& stored, const AggregateRef& ref,
                              const Range& range) {
  const Timespan length = ref.granularity * timeseries::kPointsPerSplit;
  std::vector<ObjectRef> chosen;
  for (const SplitKey& key : stored) {
    if (key.method != ref.method || key.granularity != ref.granularity) continue;
    if (range.start && key.start + length <= *range.start) continue;
    if (range.stop && key.start > *range.stop) continue;
    chosen.push_back({ref.metric, key});
  }
  return chosen;
}

void append(Series& series, const Series& more) {
  series.times.insert(series.times.end(), more.times.begin(), more.times.end());
  series.values.insert(series.values.end(), more.values.begin(), more.values.end());
}

void erase_front(Series& series, std::size_t count) {
  series.times.erase(series.times.begin(), series.times.begin() + static_cast<std::ptrdiff_t>(count));
  series.values.erase(series.values.begin(),
                      series.values.begin() + static_cast<std::ptrdiff_t>(count));
}

/// Leaves out points that the archive policy no longer keeps: a split is only removed as a whole.
void truncate(Series& series, Timespan timespan) {
  if (series.empty()) return;
  const std::int64_t oldest = series.times.back() - timespan.count();
  const auto first = std::upper_bound(series.times.begin(), series.times.end(), oldest);
  erase_front(series, static_cast<std::size_t>(first - series.times.begin()));
}

void cut(Series& series, const Range& range, std::optional<Timespan> granularity) {
  if (range.stop) {
    const auto end = std::lower_bound(series.times.begin(), series.times.end(),
                                      range.stop->time_since_epoch().count());
    series.values.resize(static_cast<std::size_t>(end - series.times.begin()));
    series.times.resize(series.values.size());
  }
  if (range.start) {
    std::int64_t start = range.start->time_since_epoch().count();
    if (granularity) start -= ((start % granularity->count()) + granularity->count()) % granularity->count();
    const auto first = std::lower_bound(series.times.begin(), series.times.end(), start);
    erase_front(series, static_cast<std::size_t>(first - series.times.begin()));
  }
}

Series decode(plugin::Log& log, const ObjectRef& ref, const StoredObject& object) {
  try {
    return timeseries::decode_split(*ref.split, object.data);
  } catch (const Error& error) {
    if (error.code() != Error::Code::corrupt_data) throw;
    log.error("damaged split left out metric=" + ref.metric.to_string() +
              " object=" + object_name(ref) + " reason=\"" + error.what() + "\"");
    return {};
  }
}

}  // namespace

std::vector<Series> read_aggregates(StorageDriver& storage, plugin::Log& log,
                                    std::span<const AggregateRef> refs, const Range& range,
                                    const std::optional<timeseries::Resampling>& resample) {
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
      if (objects[next]) append(series, decode(log, wanted[next], *objects[next]));
    }
    if (refs[i].timespan) truncate(series, *refs[i].timespan);
    std::optional<Timespan> granularity = refs[i].granularity;
    if (resample) {
      const auto method = timeseries::Method::parse(refs[i].method);
      series = timeseries::resample(series, *method, *resample);
      granularity = timeseries::fixed_granularity(*resample);
    }
    cut(series, range, granularity);
    results.push_back(std::move(series));
  }
  return results;
}

}  // namespace gnocchi::query
