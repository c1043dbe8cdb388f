#include "core/timeseries/series.h"

#include <algorithm>
#include <utility>

namespace gnocchi::timeseries {
namespace {

void append(Series& to, const Points& from, std::size_t begin) {
  const auto at = static_cast<std::ptrdiff_t>(begin);
  to.times.insert(to.times.end(), from.times.begin() + at, from.times.end());
  to.values.insert(to.values.end(), from.values.begin() + at, from.values.end());
}

void erase(Series& series, std::size_t begin, std::size_t end) {
  const auto first = static_cast<std::ptrdiff_t>(begin);
  const auto last = static_cast<std::ptrdiff_t>(end);
  series.times.erase(series.times.begin() + first, series.times.begin() + last);
  series.values.erase(series.values.begin() + first, series.values.begin() + last);
}

std::size_t position_of(const Points& points, std::int64_t time) {
  return static_cast<std::size_t>(std::lower_bound(points.times.begin(), points.times.end(), time) -
                                  points.times.begin());
}

}  // namespace

Points between(const Points& points, std::int64_t start_ns, std::int64_t stop_ns) {
  const std::size_t begin = position_of(points, start_ns);
  const std::size_t end = std::max(begin, position_of(points, stop_ns));
  return {points.times.subspan(begin, end - begin), points.values.subspan(begin, end - begin)};
}

Points since(const Points& points, std::int64_t start_ns) {
  const std::size_t begin = position_of(points, start_ns);
  return {points.times.subspan(begin), points.values.subspan(begin)};
}

Series merge(const Points& newer, Series older) {
  if (newer.empty()) return older;
  // Nearly always the new points come last, or reach back but a little: what is before them stays.
  const std::size_t untouched = position_of(older, newer.times.front());
  if (untouched == older.size()) {
    append(older, newer, 0);
    return older;
  }
  Series tail;
  append(tail, older, untouched);
  older.times.resize(untouched);
  older.values.resize(untouched);
  older.times.reserve(untouched + tail.size() + newer.size());
  older.values.reserve(untouched + tail.size() + newer.size());
  std::size_t n = 0;
  std::size_t o = 0;
  while (n < newer.size() && o < tail.size()) {
    const bool take_newer = newer.times[n] <= tail.times[o];
    if (newer.times[n] == tail.times[o]) ++o;
    const Points from = take_newer ? newer : Points(tail);
    std::size_t& at = take_newer ? n : o;
    older.times.push_back(from.times[at]);
    older.values.push_back(from.values[at]);
    ++at;
  }
  append(older, newer, n);
  append(older, tail, o);
  return older;
}

void truncate(Series& series, Timespan timespan) {
  if (series.empty()) return;
  const std::int64_t oldest = series.times.back() - timespan.count();
  if (series.times.front() > oldest) return;
  const auto kept = std::upper_bound(series.times.begin(), series.times.end(), oldest);
  erase(series, 0, static_cast<std::size_t>(kept - series.times.begin()));
}

void drop_before(Series& series, std::int64_t oldest_ns) {
  erase(series, 0, position_of(series, oldest_ns));
}

void restrict_to(Series& series, std::int64_t start_ns, std::int64_t stop_ns) {
  // Nearly always all of it is kept.
  if (series.empty() || (series.times.front() >= start_ns && series.times.back() < stop_ns)) return;
  erase(series, position_of(series, stop_ns), series.size());
  drop_before(series, start_ns);
}

}  // namespace gnocchi::timeseries
