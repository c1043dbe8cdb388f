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

[[noreturn]] void reject(const ArchivePolicy& policy, const std::string& why) {
  throw Error(Error::Code::corrupt_data, "archive policy " + policy.name + ": " + why);
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
      reject(policy, "granularity of " + std::to_string(item.granularity.count()) + " ns");
    }
    granularities_.push_back({item.granularity, item.timespan});
  }
  if (granularities_.empty()) reject(policy, "no granularity");
  const auto finer = [](const auto& a, const auto& b) { return a.granularity < b.granularity; };
  const auto same = [](const auto& a, const auto& b) { return a.granularity == b.granularity; };
  std::stable_sort(granularities_.begin(), granularities_.end(), finer);
  granularities_.erase(std::unique(granularities_.begin(), granularities_.end(), same),
                       granularities_.end());

  method_names_ = policy.aggregation_methods;
  std::sort(method_names_.begin(), method_names_.end());
  method_names_.erase(std::unique(method_names_.begin(), method_names_.end()), method_names_.end());
  const auto rates =
      std::stable_partition(method_names_.begin(), method_names_.end(),
                            [](const std::string& name) { return !name.starts_with(kRatePrefix); });
  plain_method_count_ = static_cast<std::size_t>(rates - method_names_.begin());
  for (const std::string& name : method_names_) {
    const auto method = Method::parse(name);
    if (!method) reject(policy, "unknown aggregation method " + name);
    methods_.push_back(*method);
  }
  back_window_blocks_ = std::int64_t{policy.back_window} + (rate_methods().empty() ? 0 : 1);
}

}  // namespace gnocchi::timeseries
