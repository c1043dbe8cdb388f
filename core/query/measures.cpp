#include "core/query/measures.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "core/query/pending.h"
#include "core/timeseries/add_once.h"
#include "core/timeseries/split_codec.h"
#include "core/timeseries/time_grid.h"
#include "gnocchi/error.h"

namespace gnocchi::query {
namespace {

using timeseries::AggregatePreview;
using timeseries::Series;

/// The metrics of the refs, each once.
class Metrics {
 public:
  explicit Metrics(std::span<const AggregateRef> refs) {
    for (const AggregateRef& ref : refs) {
      if (places_.try_emplace(ref.metric, ids_.size()).second) ids_.push_back(ref.metric);
    }
  }
  const std::vector<MetricId>& ids() const noexcept { return ids_; }
  std::size_t place_of(const MetricId& metric) const { return places_.at(metric); }

 private:
  std::unordered_map<MetricId, std::size_t> places_;
  std::vector<MetricId> ids_;
};

/// Admits every split that the range touches of an aggregate asked for.
SplitFilter filter_for(std::span<const AggregateRef> refs, const Range& range) {
  SplitFilter filter;
  std::int64_t longest = 0;
  for (const AggregateRef& ref : refs) {
    timeseries::add_once(filter.methods, ref.method);
    timeseries::add_once(filter.granularities, ref.granularity);
    longest = std::max(longest, timeseries::next_split(0, ref.granularity.count()));
  }
  if (range.start) {
    const std::int64_t start = range.start->time_since_epoch().count();
    filter.first = Timestamp(Timespan(timeseries::saturating_add(start, 1 - longest)));
  }
  if (range.stop) filter.last = *range.stop;
  return filter;
}

timeseries::SplitGrid grid_of(const SplitKey& key) {
  return {key.start.time_since_epoch().count(), key.granularity.count()};
}

/// So few splits of an aggregate are read without a look at which there are.
constexpr std::size_t kFewSplits = 2;

/// The splits that there may be of an aggregate in a range with both ends, in order of time;
/// nullopt: more than a few.
std::optional<std::vector<SplitKey>> few_possible(const AggregateRef& ref, const Range& range) {
  if (!range.start || !range.stop) return std::nullopt;
  const std::int64_t step = ref.granularity.count();
  const std::int64_t first =
      std::max<std::int64_t>(range.start->time_since_epoch().count(), 0);  // no split is before
  const std::int64_t last = range.stop->time_since_epoch().count();
  std::vector<SplitKey> possible;
  for (std::int64_t start = timeseries::split_start(first, step); start <= last;) {
    if (possible.size() == kFewSplits) return std::nullopt;
    possible.push_back({Timestamp(Timespan(start)), ref.granularity, ref.method});
    const std::int64_t next = timeseries::next_split(start, step);
    if (next == timeseries::kLatest) break;
    start = next;
  }
  return possible;
}

/// The same of each ref; empty: there are more than a few of one.
std::vector<std::vector<SplitKey>> few_possible(std::span<const AggregateRef> refs,
                                                const Range& range) {
  std::vector<std::vector<SplitKey>> all;
  for (const AggregateRef& ref : refs) {
    auto possible = few_possible(ref, range);
    if (!possible) return {};
    all.push_back(std::move(*possible));
  }
  return all;
}

/// Whether a pass removes the split.
bool goes(const SplitKey& key, const AggregatePreview& pending) {
  if (pending.removed.empty()) return false;
  const std::int64_t start =
      timeseries::nearest_split(key.start.time_since_epoch().count(), key.granularity.count());
  return std::binary_search(pending.removed.begin(), pending.removed.end(), start);
}

/// The splits of one aggregate that a range touches, in order of time.
std::vector<ObjectRef> choose(const std::vector<SplitKey>& stored, const AggregateRef& ref,
                              const Range& range, const AggregatePreview& pending) {
  std::vector<ObjectRef> chosen;
  for (const SplitKey& key : stored) {
    if (key.method != ref.method || key.granularity != ref.granularity) continue;
    if (goes(key, pending)) continue;
    const auto grid = grid_of(key);
    const std::int64_t end = timeseries::next_split(grid.start_ns, grid.granularity_ns);
    if (range.start && end <= range.start->time_since_epoch().count()) continue;
    if (range.stop && key.start > *range.stop) continue;
    chosen.push_back({ref.metric, key});
  }
  return chosen;
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

/// Reads splits in order, many in one call.
class SplitReader {
 public:
  SplitReader(StorageDriver& storage, plugin::Log& log, std::span<const ObjectRef> wanted,
              std::size_t max_points)
      : storage_(storage), log_(log), wanted_(wanted), max_points_(max_points) {}

  /// `series` becomes the points of the splits from where the last call ended up to `end`, splits
  /// of one series.
  void read_until(std::size_t end, Series& series) {
    series.times.clear();
    series.values.clear();
    for (; next_ < end; ++next_) {
      if (next_ == read_) read_more();
      auto& object = objects_[next_ - first_];
      if (!object) continue;
      const std::size_t before = series.size();
      decode(log_, wanted_[next_], *object, series);
      object.reset();
      points_ += series.size() - before;
      if (points_ > max_points_) {
        throw TooManyPoints("more than " + std::to_string(max_points_) + " stored points");
      }
    }
  }

 private:
  // Few enough that splits are decoded while they are still in the processor's cache; enough for
  // a driver to have many operations on the way.
  static constexpr std::size_t kSplitsPerRead = 64;

  void read_more() {
    first_ = read_;
    const auto piece = wanted_.subspan(first_, std::min(kSplitsPerRead, wanted_.size() - first_));
    objects_ = storage_.read(piece);
    read_ += piece.size();
  }

  StorageDriver& storage_;
  plugin::Log& log_;
  std::span<const ObjectRef> wanted_;
  std::size_t max_points_;
  std::vector<std::optional<StoredObject>> objects_;  ///< of wanted_, from first_ up to read_
  std::size_t first_ = 0;
  std::size_t read_ = 0;
  std::size_t next_ = 0;
  std::size_t points_ = 0;
};

Series resample(const Series& series, const std::string& method_name, const Sampling& by) {
  const auto method = timeseries::Method::parse(method_name);
  if (!method) throw Error(Error::Code::internal, "resample: no method " + method_name);
  return std::visit([&](const auto& step) { return timeseries::resample(series, *method, step); },
                    by);
}

/// Of what both tell: from the first on, before the second.
struct TimeRange {
  std::int64_t start = timeseries::kEarliest;
  std::int64_t stop = timeseries::kLatest;
};

TimeRange times_of(const Range& range, std::optional<Timespan> granularity) {
  TimeRange times;
  if (range.start) {
    times.start = range.start->time_since_epoch().count();
    if (granularity) times.start = timeseries::floor_time(times.start, granularity->count());
  }
  if (range.stop) times.stop = range.stop->time_since_epoch().count();
  return times;
}

}  // namespace

timeseries::Points within(const Series& series, const Range& range,
                          std::optional<Timespan> granularity) {
  const TimeRange times = times_of(range, granularity);
  return timeseries::between(series, times.start, times.stop);
}

bool Reader::each(std::span<const AggregateRef> refs, const Range& range,
                  const std::optional<Sampling>& by, std::size_t max_points, const Taker& take) {
  bool complete = true;
  const Metrics metrics(refs);
  const SplitFilter filter = filter_for(refs, range);
  Pending pending(storage_, log_, refs, range, filter);
  if (incoming_ != nullptr) {
    complete = pending.read(*incoming_, metrics.ids(), max_pending_bytes_, max_points);
    if (!complete) left_out_.add();
    if (!pending.empty()) with_pending_.add();
  }
  const auto possible = few_possible(refs, range);
  std::vector<std::vector<SplitKey>> stored;
  if (possible.empty()) stored = storage_.list_splits(metrics.ids(), filter);
  std::vector<ObjectRef> wanted;
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto& splits = possible.empty() ? stored[metrics.place_of(refs[i].metric)] : possible[i];
    auto chosen = choose(splits, refs[i], range, pending.of(i));
    std::move(chosen.begin(), chosen.end(), std::back_inserter(wanted));
    ends.push_back(wanted.size());
  }
  SplitReader splits(storage_, log_, wanted, max_points);
  Series series;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    splits.read_until(ends[i], series);
    series = timeseries::merge(pending.of(i).points, std::move(series));
    // A split is removed as a whole only, so points that the policy no longer keeps may be there.
    if (refs[i].timespan) timeseries::truncate(series, *refs[i].timespan);
    std::optional<Timespan> granularity = refs[i].granularity;
    if (by) {
      series = resample(series, refs[i].method, *by);
      const auto* span = std::get_if<Timespan>(&*by);
      granularity = span ? std::optional(*span) : std::nullopt;
    }
    const TimeRange times = times_of(range, granularity);
    timeseries::restrict_to(series, times.start, times.stop);
    take(i, series);
  }
  return complete;
}

Reading Reader::read(std::span<const AggregateRef> refs, const Range& range,
                     const std::optional<Sampling>& by, std::size_t max_points) {
  Reading reading;
  reading.series.reserve(refs.size());
  reading.pending_left_out =
      !each(refs, range, by, max_points, [&](std::size_t, timeseries::Series& series) {
        reading.series.push_back(std::exchange(series, {}));
      });
  return reading;
}

void Reader::describe(stats::Text& text) const {
  text.counter("gnocchi_queries_with_pending_total",
               "Queries that included measures not processed yet.")
      .add({}, with_pending_);
  text.counter("gnocchi_queries_without_pending_total",
               "Queries that left pending measures out: they were too many.")
      .add({}, left_out_);
}

}  // namespace gnocchi::query
