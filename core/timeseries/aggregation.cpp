#include "core/timeseries/aggregation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

constexpr std::string_view kRatePrefix = "rate:";
constexpr std::string_view kPercentileSuffix = "pct";

using Base = Method::Base;

constexpr std::array<std::pair<std::string_view, Base>, 9> kNames{{
    {"mean", Base::mean},
    {"sum", Base::sum},
    {"last", Base::last},
    {"max", Base::max},
    {"min", Base::min},
    {"std", Base::std},
    {"median", Base::median},
    {"first", Base::first},
    {"count", Base::count},
}};

/// 1 to 99 of "1pct" to "99pct", no leading zero; 0: something else.
std::uint8_t parse_percentile(std::string_view name) noexcept {
  if (!name.ends_with(kPercentileSuffix)) return 0;
  const std::string_view digits = name.substr(0, name.size() - kPercentileSuffix.size());
  if (digits.empty() || digits.size() > 2 || digits.front() == '0') return 0;
  std::uint8_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return code == std::errc{} && end == digits.data() + digits.size() ? value : std::uint8_t{0};
}

std::vector<std::string> all_method_names() {
  std::vector<std::string> names;
  for (const std::string_view prefix : {std::string_view{}, kRatePrefix}) {
    for (const auto& [name, base] : kNames)
      names.push_back(std::string(prefix) + std::string(name));
    for (int n = 1; n <= 99; ++n) {
      names.push_back(std::string(prefix) + std::to_string(n) + std::string(kPercentileSuffix));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

[[noreturn]] void reject(const std::string& policy, const std::string& why) {
  throw Error(Error::Code::corrupt_data, "archive policy " + policy + ": " + why);
}

template <typename T>
bool contains(std::span<const T> all, const T& wanted) {
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

/// Of one point there is no std, and of the first no rate.
bool has_every_group(const Method& method) noexcept {
  return !method.rate && method.base != Base::std;
}

int cost_of(const Method& method) noexcept {
  if (!has_every_group(method)) return 2;
  return method.base == Base::median || method.base == Base::percentile ? 1 : 0;
}

}  // namespace

std::optional<Method> Method::parse(std::string_view name) noexcept {
  Method method;
  if (name.starts_with(kRatePrefix)) {
    method.rate = true;
    name.remove_prefix(kRatePrefix.size());
  }
  for (const auto& [text, base] : kNames) {
    if (text == name) {
      method.base = base;
      return method;
    }
  }
  method.percentile = parse_percentile(name);
  if (method.percentile == 0) return std::nullopt;
  method.base = Base::percentile;
  return method;
}

std::string Method::to_string() const {
  std::string name(rate ? kRatePrefix : std::string_view{});
  if (base == Base::percentile) {
    return name + std::to_string(percentile) + std::string(kPercentileSuffix);
  }
  for (const auto& [text, value] : kNames) {
    if (value == base) name += text;
  }
  return name;
}

const std::vector<std::string>& valid_methods() {
  static const std::vector<std::string> names = all_method_names();
  return names;
}

AggregationPlan::AggregationPlan(const ArchivePolicy& policy) {
  for (const ArchivePolicyItem& item : policy.definition) {
    if (item.granularity <= Timespan::zero()) {
      reject(policy.name, "granularity of " + std::to_string(item.granularity.count()) + " ns");
    }
    granularities_.push_back({item.granularity, item.timespan});
  }
  if (granularities_.empty()) reject(policy.name, "no granularity");
  const auto finer = [](const auto& a, const auto& b) { return a.granularity < b.granularity; };
  const auto same = [](const auto& a, const auto& b) { return a.granularity == b.granularity; };
  std::stable_sort(granularities_.begin(), granularities_.end(), finer);
  granularities_.erase(std::unique(granularities_.begin(), granularities_.end(), same),
                       granularities_.end());

  block_size_ = granularities_.back().granularity;
  set_methods(policy.aggregation_methods, policy.name);
  back_window_blocks_ = std::int64_t{policy.back_window} + (rate_methods().empty() ? 0 : 1);
}

void AggregationPlan::set_methods(std::vector<std::string> names, const std::string& policy) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const auto rates = std::stable_partition(
      names.begin(), names.end(), [](const auto& name) { return !name.starts_with(kRatePrefix); });
  plain_method_count_ = static_cast<std::size_t>(rates - names.begin());
  methods_.clear();
  for (const std::string& name : names) {
    const auto method = Method::parse(name);
    if (!method) reject(policy, "unknown aggregation method " + name);
    methods_.push_back(*method);
  }
  method_names_ = std::move(names);
}

AggregationPlan AggregationPlan::narrowed(std::span<const Timespan> granularities,
                                          std::span<const std::string> methods) const {
  AggregationPlan plan = *this;
  std::erase_if(plan.granularities_, [granularities](const PlannedGranularity& planned) {
    return !contains(granularities, planned.granularity);
  });
  std::vector<std::string> names;
  bool every_group = false;
  std::size_t cheapest = 0;
  for (std::size_t m = 0; m < methods_.size(); ++m) {
    if (cost_of(methods_[m]) < cost_of(methods_[cheapest])) cheapest = m;
    if (!contains(methods, method_names_[m])) continue;
    names.push_back(method_names_[m]);
    every_group = every_group || has_every_group(methods_[m]);
  }
  // How far back points are kept is counted from the newest group.
  if (!every_group && has_every_group(methods_[cheapest])) {
    names.push_back(method_names_[cheapest]);
  } else if (!every_group) {
    names = method_names_;
  }
  plan.set_methods(std::move(names), "narrowed");
  return plan;
}

}  // namespace gnocchi::timeseries
