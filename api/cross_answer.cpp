#include "api/cross_answer.h"

#include <cmath>
#include <cstdint>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "api/measure_rows.h"

namespace gnocchi::api {
namespace {

void add_rows(MeasureRows& rows, const query::Frame& frame, std::span<const std::int64_t> times,
              std::span<const double> values) {
  const std::string sampling = json_sampling(frame.sampling);
  if (frame.truth_values)
    rows.add_truths(times, values, sampling);
  else
    rows.add(times, values, sampling);
}

timeseries::Series finite_points(const query::Frame& frame, const std::vector<double>& column) {
  timeseries::Series finite;
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (!std::isfinite(column[i])) continue;
    finite.times.push_back(frame.times[i]);
    finite.values.push_back(column[i]);
  }
  return finite;
}

/// add(frame, times, values) for the points of one column in each frame.
template <typename Add>
void each_frame(const std::vector<query::Frame>& frames, std::size_t column, bool drop, Add add) {
  for (const auto& frame : frames) {
    if (column >= frame.columns.size()) continue;
    if (drop) {
      const auto finite = finite_points(frame, frame.columns[column]);
      add(frame, std::span(finite.times), std::span(finite.values));
    } else {
      add(frame, std::span(frame.times), std::span(frame.columns[column]));
    }
  }
}

/// A series to be written, and how much of its path is left.
struct Placed {
  SeriesPath path;
  std::size_t column = 0;
};

using Places = std::vector<const Placed*>;

class SeriesWriter {
 public:
  SeriesWriter(JsonWriter& json, const std::vector<query::Frame>& frames, bool drop)
      : json_(json), frames_(frames), drop_(drop) {}

  void write(const Places& places, std::size_t depth) {
    if (depth == places.front()->path.size()) {
      std::string rows;
      write_rows(rows, frames_, places.front()->column, drop_);
      json_.raw(rows);
      return;
    }
    std::unordered_map<std::string_view, std::size_t> positions;
    std::vector<std::pair<std::string_view, Places>> members;
    for (const Placed* place : places) {
      const std::string_view name = place->path[depth];
      const auto [at, added] = positions.try_emplace(name, members.size());
      if (added) members.push_back({name, {}});
      members[at->second].second.push_back(place);
    }
    json_.begin_object();
    for (const auto& [name, below] : members) {
      json_.key(name);
      write(below, depth + 1);
    }
    json_.end_object();
  }

 private:
  JsonWriter& json_;
  const std::vector<query::Frame>& frames_;
  bool drop_;
};

}  // namespace

void write_rows(std::string& out, const std::vector<query::Frame>& frames, std::size_t column,
                bool drop) {
  MeasureRows rows(out);
  each_frame(frames, column, drop, [&](const auto& frame, auto times, auto values) {
    add_rows(rows, frame, times, values);
  });
  rows.end();
}

void write_measures(JsonWriter& json, const std::vector<query::Frame>& frames,
                    const std::vector<std::size_t>& chosen, const SeriesPaths& paths, bool drop) {
  if (frames.front().aggregated) {
    json.begin_object();
    json.key("aggregated");
    std::string rows;
    write_rows(rows, frames, 0, drop);
    json.raw(rows);
    json.end_object();
    return;
  }
  std::vector<Placed> series;
  series.reserve(chosen.size());
  for (const std::size_t column : chosen) {
    series.push_back({paths(frames.front().sources[column]), column});
  }
  Places places;
  for (const Placed& one : series) places.push_back(&one);
  if (places.empty()) {
    json.begin_object();
    json.end_object();
    return;
  }
  SeriesWriter(json, frames, drop).write(places, 0);
}

CrossTable::CrossTable(RowForm form, std::vector<std::string> groupby,
                       std::vector<std::string> series, Response& response)
    : form_(form), groupby_(std::move(groupby)), series_(std::move(series)), response_(response) {}

PointTable& CrossTable::table(bool aggregated) {
  if (!table_) {
    table_.emplace(form_, groupby_, aggregated ? std::vector<std::string>{} : series_, response_);
  }
  return *table_;
}

void CrossTable::add(const std::vector<Value>& key, const std::vector<query::Frame>& frames,
                     const std::vector<std::size_t>& chosen, const SeriesPaths& paths, bool drop) {
  const bool aggregated = frames.front().aggregated;
  PointTable& rows = table(aggregated);
  const auto add_column = [&](std::size_t column) {
    each_frame(frames, column, drop, [&](const auto& frame, auto times, auto values) {
      rows.add(times, values, frame.sampling, frame.truth_values);
    });
  };
  if (aggregated) {
    rows.set_keys(key, {});
    return add_column(0);
  }
  std::set<SeriesPath> written;
  for (const std::size_t column : chosen) {
    const SeriesPath path = paths(frames.front().sources[column]);
    if (!written.insert(path).second) continue;
    rows.set_keys(key, path);
    add_column(column);
  }
}

void write_group_key(JsonWriter& json, const std::vector<std::string>& names,
                     const std::vector<Value>& key) {
  json.begin_object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    json.key(names[i]);
    json.value(key[i]);
  }
  json.end_object();
}

}  // namespace gnocchi::api
