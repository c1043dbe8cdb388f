#include "core/query/reduction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace gnocchi::query {
namespace {

using Base = Reduction::Base;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::pair<std::string_view, Base>, 8> kNames{{
    {"mean", Base::mean},
    {"median", Base::median},
    {"std", Base::std},
    {"min", Base::min},
    {"max", Base::max},
    {"sum", Base::sum},
    {"var", Base::var},
    {"count", Base::count},
}};

double median_of(std::vector<double>& numbers) {
  if (numbers.empty()) return kNone;
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  if (numbers.size() % 2 == 1) return *middle;
  return (*std::max_element(numbers.begin(), middle) + *middle) / 2;
}

double count_of(std::span<const double> values) noexcept {
  return static_cast<double>(
      std::count_if(values.begin(), values.end(), [](double value) { return !std::isnan(value); }));
}

/// The better one of two, by `Before`; a number if one of them is. As std::fmin and std::fmax, but
/// for loops over many.
template <class Before>
double pick(double best, double value) noexcept {
  return Before{}(value, best) || std::isnan(best) ? value : best;
}

/// The least (or the greatest) number; NaN if there is none.
template <class Before>
double extreme_of(std::span<const double> values) noexcept {
  double best = kNone;
  for (const double value : values) best = pick<Before>(best, value);
  return best;
}

/// Reduces values that lie side by side. Keeps its buffer between calls.
class SideBySide {
 public:
  double reduce(Base base, std::span<const double> values) {
    switch (base) {
      case Base::count: return count_of(values);
      case Base::min: return extreme_of<std::less<>>(values);
      case Base::max: return extreme_of<std::greater<>>(values);
      case Base::sum: return sum(values);
      case Base::mean: return sum(values) / count_of(values);
      case Base::var: return variance(values);
      case Base::std: return std::sqrt(variance(values));
      case Base::median: break;
    }
    buffer_.clear();
    for (const double value : values) {
      if (!std::isnan(value)) buffer_.push_back(value);
    }
    return median_of(buffer_);
  }

 private:
  double sum(std::span<const double> values) {
    buffer_.assign(values.begin(), values.end());
    for (double& value : buffer_) value = std::isnan(value) ? 0 : value;
    return pairwise_sum(buffer_);
  }

  double variance(std::span<const double> values) {
    const double count = count_of(values);
    const double mean = sum(values) / count;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double distance = buffer_[i] - mean;
      buffer_[i] = std::isnan(values[i]) ? 0 : distance * distance;
    }
    return pairwise_sum(buffer_) / count;
  }

  std::vector<double> buffer_;
};

/// Reduces rows by going through the columns one after the other, as numpy does.
class Rows {
 public:
  Rows(std::span<const std::vector<double>> columns, std::size_t rows)
      : columns_(columns), rows_(rows) {}

  std::vector<double> reduce(Base base) const {
    switch (base) {
      case Base::count: return counts();
      case Base::min: return extremes<std::less<>>();
      case Base::max: return extremes<std::greater<>>();
      case Base::sum: return sums();
      case Base::mean: return means();
      case Base::var: return variances();
      case Base::std: return deviations();
      case Base::median: break;
    }
    return medians();
  }

 private:
  template <class F>
  std::vector<double> add_up(F term) const {
    std::vector<double> totals(rows_);
    for (const auto& column : columns_) {
      for (std::size_t i = 0; i < rows_; ++i) totals[i] += term(column[i], i);
    }
    return totals;
  }

  std::vector<double> counts() const {
    return add_up([](double value, std::size_t) { return std::isnan(value) ? 0.0 : 1.0; });
  }

  std::vector<double> sums() const {
    return add_up([](double value, std::size_t) { return std::isnan(value) ? 0.0 : value; });
  }

  /// Sums and counts in one way through the columns, of which there may be more than the
  /// processor's cache holds.
  std::vector<double> means() const {
    std::vector<double> totals(rows_);
    std::vector<double> n(rows_);
    for (const auto& column : columns_) {
      for (std::size_t i = 0; i < rows_; ++i) {
        const bool none = std::isnan(column[i]);
        totals[i] += none ? 0.0 : column[i];
        n[i] += none ? 0.0 : 1.0;
      }
    }
    for (std::size_t i = 0; i < rows_; ++i) totals[i] /= n[i];
    return totals;
  }

  std::vector<double> variances() const {
    const std::vector<double> middle = means();
    return divided(add_up([&](double value, std::size_t i) {
      const double distance = value - middle[i];
      return std::isnan(value) ? 0.0 : distance * distance;
    }));
  }

  std::vector<double> deviations() const {
    std::vector<double> results = variances();
    for (double& result : results) result = std::sqrt(result);
    return results;
  }

  std::vector<double> divided(std::vector<double> totals) const {
    const std::vector<double> n = counts();
    for (std::size_t i = 0; i < rows_; ++i) totals[i] /= n[i];
    return totals;
  }

  template <class Before>
  std::vector<double> extremes() const {
    std::vector<double> results(rows_, kNone);
    for (const auto& column : columns_) {
      for (std::size_t i = 0; i < rows_; ++i) results[i] = pick<Before>(results[i], column[i]);
    }
    return results;
  }

  std::vector<double> medians() const {
    std::vector<double> results(rows_);
    std::vector<double> numbers;
    for (std::size_t i = 0; i < rows_; ++i) {
      numbers.clear();
      for (const auto& column : columns_) {
        if (!std::isnan(column[i])) numbers.push_back(column[i]);
      }
      results[i] = median_of(numbers);
    }
    return results;
  }

  std::span<const std::vector<double>> columns_;
  std::size_t rows_;
};

}  // namespace

std::optional<Reduction> Reduction::parse(std::string_view name) noexcept {
  constexpr std::string_view kRate = "rate:";
  const bool rate = name.starts_with(kRate);
  if (rate) name.remove_prefix(kRate.size());
  for (const auto& [known, base] : kNames) {
    if (known == name) return Reduction{base, rate};
  }
  return std::nullopt;
}

double pairwise_sum(std::span<const double> values) noexcept {
  constexpr std::size_t kBlock = 128;
  const std::size_t n = values.size();
  if (n < 8) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum;
  }
  if (n > kBlock) {
    const std::size_t half = n / 2 - n / 2 % 8;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  std::array<double, 8> lanes{};
  std::copy_n(values.begin(), 8, lanes.begin());
  std::size_t i = 8;
  for (; i + 8 <= n; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) lanes[lane] += values[i + lane];
  }
  double sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
               ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  for (; i < n; ++i) sum += values[i];
  return sum;
}

std::vector<double> reduce_rows(Base base, std::span<const std::vector<double>> columns,
                                std::size_t rows) {
  if (rows != 1) return Rows(columns, rows).reduce(base);
  // The values of a single row lie side by side to numpy, which then adds them up in pairs.
  std::vector<double> row;
  row.reserve(columns.size());
  for (const auto& column : columns) row.push_back(column.front());
  return {SideBySide().reduce(base, row)};
}

std::vector<double> reduce_windows(Base base, std::span<const double> values, std::size_t window) {
  std::vector<double> results;
  results.reserve(values.size() - window + 1);
  SideBySide side_by_side;
  for (std::size_t i = 0; i + window <= values.size(); ++i) {
    results.push_back(side_by_side.reduce(base, values.subspan(i, window)));
  }
  return results;
}

}  // namespace gnocchi::query
