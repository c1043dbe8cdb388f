#include "core/timeseries/reduce.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gnocchi::timeseries {
namespace {

using Base = Method::Base;

/// What the methods need to know of a group.
struct Needs {
  bool sum = false;
  bool extremes = false;
  bool squares = false;
  bool order = false;
};

Needs needs_of(std::span<const Method> methods) noexcept {
  Needs needs;
  for (const Method& method : methods) {
    switch (method.base) {
      case Base::std: needs.squares = true; [[fallthrough]];
      case Base::mean:
      case Base::sum: needs.sum = true; break;
      case Base::min:
      case Base::max: needs.extremes = true; break;
      case Base::median:
      case Base::percentile: needs.order = true; break;
      case Base::first:
      case Base::last:
      case Base::count: break;
    }
  }
  return needs;
}

/// Sorts as numpy's stable sort does: NaN last, equal values in the order they were in. Equal
/// values that can be told apart are zeros of either sign and NaNs only.
void sort_like_numpy(std::span<const double> group, std::vector<double>& sorted) {
  sorted.clear();
  for (const double value : group) {
    if (!std::isnan(value)) sorted.push_back(value);
  }
  const auto numbers_end = sorted.end();
  std::sort(sorted.begin(), numbers_end);
  auto zero = std::lower_bound(sorted.begin(), numbers_end, 0.0);
  if (zero != numbers_end && *zero == 0.0) {
    for (const double value : group) {
      if (value == 0.0) *zero++ = value;
    }
  }
  if (sorted.size() == group.size()) return;
  for (const double value : group) {
    if (std::isnan(value)) sorted.push_back(value);
  }
}

/// Facts about the group at hand.
class GroupFacts {
 public:
  explicit GroupFacts(const Needs& needs) noexcept : needs_(needs) {}

  /// `begin`: the group's position among all points grouped.
  void look_at(std::span<const double> group, std::size_t begin) {
    group_ = group;
    begin_ = begin;
    if (needs_.sum) add_up();
    if (needs_.squares) add_up_squares();
    if (needs_.extremes) find_extremes();
    if (needs_.order) sort_like_numpy(group, sorted_);
  }

  double value(const Method& method) const noexcept {
    switch (method.base) {
      case Base::mean: return mean_;
      case Base::sum: return sum_;
      case Base::last: return group_.back();
      case Base::max: return max_;
      case Base::min: return min_;
      case Base::std: return std::sqrt(squares_ / static_cast<double>(group_.size() - 1));
      case Base::median: return median();
      case Base::first: return group_.front();
      case Base::count: return static_cast<double>(group_.size());
      case Base::percentile: return quantile(method.percentile);
    }
    return 0;
  }

 private:
  void add_up() noexcept {
    double sum = 0;
    for (const double value : group_) sum = sum + value;
    sum_ = sum;
    mean_ = sum_ / static_cast<double>(group_.size());
  }

  void add_up_squares() noexcept {
    double squares = 0;
    for (const double value : group_) {
      const double distance = value - mean_;
      squares = squares + distance * distance;
    }
    squares_ = squares;
  }

  /// As the ends of a stable sort with NaN last: NaN is the greatest, and of equals (zeros of
  /// either sign) the first is the least, the last the greatest.
  void find_extremes() noexcept {
    min_ = max_ = group_.front();
    for (const double value : group_.subspan(1)) {
      if (value < min_ || (std::isnan(min_) && !std::isnan(value))) min_ = value;
      if (value >= max_ || std::isnan(value)) max_ = value;
    }
  }

  double median() const noexcept {
    const std::size_t n = sorted_.size();
    const std::size_t lower = n - 1 - n / 2;
    const std::size_t upper = lower + (n + 1) % 2;
    return (sorted_[lower] + sorted_[upper]) / 2.0;
  }

  double quantile(int percent) const noexcept {
    // The position counts from the first of all points, not from the group's: with the rounding
    // that this brings.
    const double last = static_cast<double>(sorted_.size() - 1);
    const double position = static_cast<double>(begin_) + last * (percent / 100.0);
    const double lower = std::floor(position);
    const double upper = std::ceil(position);
    const double at_lower = sorted_[static_cast<std::size_t>(lower) - begin_];
    if (lower == upper) return at_lower;
    const double at_upper = sorted_[static_cast<std::size_t>(upper) - begin_];
    return at_lower * (upper - position) + at_upper * (position - lower);
  }

  Needs needs_;
  std::span<const double> group_;
  std::size_t begin_ = 0;
  double sum_ = 0;
  double mean_ = 0;
  double squares_ = 0;
  double min_ = 0;
  double max_ = 0;
  std::vector<double> sorted_;
};

}  // namespace

Reduced reduce(std::span<const double> values, Groups groups, std::span<const Method> methods) {
  Reduced reduced;
  const std::size_t size = groups.size();
  reduced.values.resize(size * methods.size());
  const Needs needs = needs_of(methods);
  if (needs.squares) reduced.std_times.reserve(size);
  GroupFacts facts(needs);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t end = groups.ends[i];
    facts.look_at(values.subspan(begin, end - begin), begin);
    const std::size_t std_at = reduced.std_times.size();
    const bool has_std = end - begin > 1;
    for (std::size_t m = 0; m < methods.size(); ++m) {
      const bool is_std = methods[m].base == Base::std;
      if (is_std && !has_std) continue;
      reduced.values[m * size + (is_std ? std_at : i)] = facts.value(methods[m]);
    }
    if (needs.squares && has_std) reduced.std_times.push_back(groups.times[i]);
    begin = end;
  }
  reduced.times = std::move(groups.times);
  return reduced;
}

}  // namespace gnocchi::timeseries
