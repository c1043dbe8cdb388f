#include "core/query/rolling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/timeseries/differences.h"

namespace gnocchi::query {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kRate = "rate:";

// Each takes values without NaNs, which it may reorder.
using Reduction = double (*)(std::vector<double>& values);

double sum(std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}
double mean(std::vector<double>& values) {
  return values.empty() ? kNone : sum(values) / static_cast<double>(values.size());
}
double variance(std::vector<double>& values) {
  const double middle = mean(values);
  for (double& value : values) value = (value - middle) * (value - middle);
  return mean(values);
}
double median(std::vector<double>& values) {
  if (values.empty()) return kNone;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}
double smallest(std::vector<double>& values) {
  return values.empty() ? kNone : *std::min_element(values.begin(), values.end());
}
double largest(std::vector<double>& values) {
  return values.empty() ? kNone : *std::max_element(values.begin(), values.end());
}

constexpr std::array<std::pair<std::string_view, Reduction>, 8> kReductions{{
    {"mean", mean},
    {"median", median},
    {"std", [](std::vector<double>& values) { return std::sqrt(variance(values)); }},
    {"min", smallest},
    {"max", largest},
    {"sum", sum},
    {"var", variance},
    {"count", [](std::vector<double>& values) { return static_cast<double>(values.size()); }},
}};

Reduction reduction_of(std::string_view method) noexcept {
  if (method.starts_with(kRate)) method.remove_prefix(kRate.size());
  for (const auto& [name, reduction] : kReductions) {
    if (name == method) return reduction;
  }
  return nullptr;
}

}  // namespace

bool is_rolling_method(std::string_view method) noexcept { return reduction_of(method) != nullptr; }

std::vector<double> rolling(std::string_view method, std::span<const double> values,
                            std::size_t window) {
  const Reduction reduce = reduction_of(method);
  std::vector<double> results;
  std::vector<double> taken;
  for (std::size_t i = 0; i + window <= values.size(); ++i) {
    taken.clear();
    for (const double value : values.subspan(i, window)) {
      if (!std::isnan(value)) taken.push_back(value);
    }
    results.push_back(reduce(taken));
  }
  return method.starts_with(kRate) ? timeseries::differences(results) : results;
}

}  // namespace gnocchi::query
