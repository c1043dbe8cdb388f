#include "core/query/moving_average.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace gnocchi::query {
namespace {

// A window takes in its left edge but not its right one, which 3.0 says with a millisecond.
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr double kNoMean = std::numeric_limits<double>::quiet_NaN();

/// Sums of stretches of a list, by way of the sums of its blocks: nothing is subtracted, so that
/// neither huge values nor infinities spoil what is beside them.
class Sums {
 public:
  explicit Sums(const std::vector<double>& values) : values_(values) {
    for (std::size_t at = 0; at + kBlock <= values.size(); at += kBlock) {
      double sum = 0;
      for (std::size_t i = at; i < at + kBlock; ++i) sum += values[i];
      blocks_.push_back(sum);
    }
  }

  double of(std::size_t begin, std::size_t end) const {
    double sum = 0;
    while (begin < end) {
      const bool whole = begin % kBlock == 0 && begin + kBlock <= end;
      sum += whole ? blocks_[begin / kBlock] : values_[begin];
      begin += whole ? kBlock : 1;
    }
    return sum;
  }

 private:
  static constexpr std::size_t kBlock = 64;
  const std::vector<double>& values_;
  std::vector<double> blocks_;
};

timeseries::Series without_nans(const timeseries::Series& data) {
  timeseries::Series kept;
  kept.times.reserve(data.size());
  kept.values.reserve(data.size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (std::isnan(data.values[i])) continue;
    kept.times.push_back(data.times[i]);
    kept.values.push_back(data.values[i]);
  }
  return kept;
}

class Windows {
 public:
  explicit Windows(const timeseries::Series& data) : data_(data), sums_(data.values) {}

  /// How many points there are from `first` to `last`, both included.
  std::size_t count(std::int64_t first, std::int64_t last) const {
    return at(last + 1) - std::min(at(first), at(last + 1));
  }
  /// Their mean; NaN if there are none.
  double mean(std::int64_t first, std::int64_t last) const {
    const std::size_t begin = at(first);
    const std::size_t end = at(last + 1);
    return begin < end ? sums_.of(begin, end) / static_cast<double>(end - begin) : kNoMean;
  }

 private:
  std::size_t at(std::int64_t time) const {
    const auto found = std::lower_bound(data_.times.begin(), data_.times.end(), time);
    return static_cast<std::size_t>(found - data_.times.begin());
  }

  const timeseries::Series& data_;
  const Sums sums_;
};

}  // namespace

timeseries::Series moving_average(const timeseries::Series& data, Timespan granularity,
                                  const MovingAverage& how) {
  const timeseries::Series points = without_nans(data);
  timeseries::Series result;
  if (points.empty()) return result;
  const Windows windows(points);
  const std::int64_t left = how.centred ? how.window.count() / 2 : 0;
  const std::int64_t right = how.window.count() - left - kMillisecond;
  const std::int64_t end = points.times.back() + granularity.count();
  for (const std::int64_t time : points.times) {
    if (time - left < points.times.front() || time + right > end) continue;
    double mean = kNoMean;
    if (how.centred && windows.count(time - left, time + right) % 2 == 0) {
      const auto shifted = [&](std::int64_t by) {
        return windows.mean(time + by - left, time + by + right);
      };
      mean = (shifted(-kMillisecond) + shifted(kMillisecond)) / 2;
    } else {
      mean = windows.mean(time - left, time + right);
    }
    if (std::isnan(mean)) continue;
    result.times.push_back(time);
    result.values.push_back(mean);
  }
  return result;
}

}  // namespace gnocchi::query
