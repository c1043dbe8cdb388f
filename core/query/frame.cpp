#include "core/query/frame.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>
#include <utility>

namespace gnocchi::query {
namespace {

std::vector<std::int64_t> all_times(const std::vector<timeseries::Series>& series,
                                    std::size_t max_points) {
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> merged;
  for (const auto& one : series) {
    // Most series of one granularity have the same times.
    if (one.times == times) continue;
    merged.clear();
    std::set_union(times.begin(), times.end(), one.times.begin(), one.times.end(),
                   std::back_inserter(merged));
    times.swap(merged);
    if (times.size() > max_points / series.size()) {
      throw TooManyPoints(std::to_string(series.size()) + " series over " +
                          std::to_string(times.size()) + " points of time or more");
    }
  }
  return times;
}

std::vector<double> laid_out(timeseries::Series series, const std::vector<std::int64_t>& times,
                             double filler) {
  if (series.size() == times.size()) return std::move(series.values);
  std::vector<double> column(times.size(), filler);
  std::size_t at = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    while (times[at] != series.times[i]) ++at;
    column[at] = series.values[i];
  }
  return column;
}

}  // namespace

Frame align(Sampling sampling, std::vector<timeseries::Series> series, double filler,
            std::size_t max_points) {
  Frame frame;
  frame.sampling = sampling;
  frame.times = all_times(series, max_points);
  frame.columns.reserve(series.size());
  for (auto& one : series) {
    frame.columns.push_back(laid_out(std::exchange(one, {}), frame.times, filler));
  }
  frame.sources.resize(frame.columns.size());
  std::iota(frame.sources.begin(), frame.sources.end(), std::size_t{0});
  return frame;
}

}  // namespace gnocchi::query
