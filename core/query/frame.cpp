#include "core/query/frame.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <span>
#include <string>
#include <utility>

namespace gnocchi::query {
namespace {

std::vector<double> laid_out(std::vector<double> values, std::span<const std::int64_t> of,
                             std::span<const std::int64_t> times, double filler) {
  if (values.size() == times.size()) return values;
  std::vector<double> column(times.size(), filler);
  std::size_t at = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    while (times[at] != of[i]) ++at;
    column[at] = values[i];
  }
  return column;
}

}  // namespace

FrameBuilder::FrameBuilder(Sampling sampling, std::size_t columns)
    : sampling_(sampling), columns_(columns) {}

void FrameBuilder::add(std::size_t column, const timeseries::Points& points) {
  if (points.times.empty()) return;
  columns_[column].assign(points.values.begin(), points.values.end());
  if (times_.empty()) times_.assign(points.times.begin(), points.times.end());
  if (!std::ranges::equal(points.times, times_)) {
    other_times_[column].assign(points.times.begin(), points.times.end());
  }
}

std::vector<std::int64_t> FrameBuilder::all_times(std::size_t max_points) const {
  const auto check = [&](const std::vector<std::int64_t>& times) {
    if (columns_.empty() || times.size() <= max_points / columns_.size()) return;
    throw TooManyPoints(std::to_string(columns_.size()) + " series over " +
                        std::to_string(times.size()) + " points of time or more");
  };
  std::vector<std::int64_t> all = times_;
  check(all);
  std::vector<std::int64_t> merged;
  for (const auto& [column, times] : other_times_) {
    if (times == all) continue;
    merged.clear();
    std::ranges::set_union(all, times, std::back_inserter(merged));
    all.swap(merged);
    check(all);
  }
  return all;
}

const std::vector<std::int64_t>& FrameBuilder::times_of(std::size_t column) const {
  const auto other = other_times_.find(column);
  return other == other_times_.end() ? times_ : other->second;
}

Frame FrameBuilder::take(double filler, std::size_t max_points) {
  Frame frame;
  frame.sampling = sampling_;
  frame.times = all_times(max_points);
  frame.columns.reserve(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    frame.columns.push_back(
        laid_out(std::exchange(columns_[i], {}), times_of(i), frame.times, filler));
  }
  frame.sources.resize(frame.columns.size());
  std::iota(frame.sources.begin(), frame.sources.end(), std::size_t{0});
  columns_.clear();
  return frame;
}

}  // namespace gnocchi::query
