#include "core/index/archive_policy_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "core/index/fnmatch.h"
#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

[[noreturn]] void refuse_policy(const std::string& sentence, std::string name = {}) {
  throw Refused(Refused::Reason::invalid_value, Refused::Subject::archive_policy, sentence,
                std::move(name));
}

constexpr const char* kTooLong = "The timespan is longer than 292 years";

/// Python's str() of seconds as a float, for sentences: "1.0", "0.5".
std::string seconds_text(Timespan span) {
  std::array<char, 32> text{};
  const double seconds = static_cast<double>(span.count()) / 1e9;
  std::string result(text.data(),
                     std::to_chars(text.data(), text.data() + text.size(), seconds).ptr);
  if (result.find_first_of(".e") == std::string::npos) result += ".0";
  return result;
}

Timespan multiply(Timespan granularity, std::uint64_t points) {
  std::int64_t ns = 0;
  if (points > INT64_MAX ||
      __builtin_mul_overflow(granularity.count(), static_cast<std::int64_t>(points), &ns)) {
    refuse_policy(kTooLong);
  }
  return Timespan{ns};
}

Timespan divide(Timespan timespan, std::uint64_t points) {
  const auto ns = static_cast<std::uint64_t>(timespan.count());
  if (ns % points != 0) {
    refuse_policy(
        "timespan / points is no whole number of nanoseconds: give a granularity instead");
  }
  return Timespan{static_cast<std::int64_t>(ns / points)};
}

bool by_granularity(const ArchivePolicyItem& a, const ArchivePolicyItem& b) {
  return a.granularity < b.granularity;
}

}  // namespace

const std::vector<std::string>& all_aggregation_methods() {
  static const std::vector<std::string> methods = [] {
    std::vector<std::string> plain{"mean", "sum",    "last",  "max",  "min",
                                   "std",  "median", "first", "count"};
    for (int percent = 1; percent < 100; ++percent)
      plain.push_back(std::to_string(percent) + "pct");
    std::vector<std::string> all = plain;
    for (const auto& method : plain) all.push_back("rate:" + method);
    std::sort(all.begin(), all.end());
    return all;
  }();
  return methods;
}

bool is_aggregation_choice(std::string_view text) {
  if (text == "*") return true;
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const auto& methods = all_aggregation_methods();
  return std::binary_search(methods.begin(), methods.end(), text, std::less<>{});
}

std::vector<std::string> resolve_aggregation_methods(const std::vector<std::string>& choices,
                                                     const std::vector<std::string>& defaults) {
  const auto is_change = [](const std::string& choice) {
    return choice.starts_with('+') || choice.starts_with('-');
  };
  std::set<std::string> methods;
  if (std::find(choices.begin(), choices.end(), "*") != choices.end()) {
    methods.insert(all_aggregation_methods().begin(), all_aggregation_methods().end());
  } else if (std::all_of(choices.begin(), choices.end(), is_change)) {
    methods.insert(defaults.begin(), defaults.end());
  }
  for (const auto& choice : choices) {
    if (choice.starts_with('-')) {
      methods.erase(choice.substr(1));
    } else if (choice.starts_with('+')) {
      methods.insert(choice.substr(1));
    } else if (choice != "*") {
      methods.insert(choice);
    }
  }
  return {methods.begin(), methods.end()};
}

ArchivePolicyItem build_item(const DefinitionItem& item) {
  if (item.granularity && item.points && item.timespan) {
    std::int64_t ns = 0;
    const bool overflow = *item.points > INT64_MAX ||
                          __builtin_mul_overflow(item.granularity->count(),
                                                 static_cast<std::int64_t>(*item.points), &ns);
    if (overflow || Timespan{ns} != *item.timespan) {
      refuse_policy("timespan \xe2\x89\xa0 granularity \xc3\x97 points");
    }
  }
  if (item.granularity && *item.granularity <= Timespan::zero()) {
    refuse_policy("Granularity should be > 0");
  }
  if (item.points && *item.points == 0) refuse_policy("Number of points should be > 0");
  if (item.timespan && *item.timespan <= Timespan::zero()) refuse_policy("Timespan should be > 0");
  if (!item.granularity) {
    if (!item.points || !item.timespan) {
      refuse_policy("At least two of granularity/points/timespan must be provided");
    }
    return {divide(*item.timespan, *item.points), item.points, item.timespan};
  }
  const Timespan granularity = *item.granularity;
  if (item.points) return {granularity, item.points, multiply(granularity, *item.points)};
  if (!item.timespan) return {granularity, std::nullopt, std::nullopt};
  const auto points = static_cast<std::uint64_t>(item.timespan->count() / granularity.count());
  if (points == 0) refuse_policy("Calculated number of points is < 0");
  return {granularity, points, multiply(granularity, points)};
}

std::vector<ArchivePolicyItem> build_definition(std::span<const DefinitionItem> items) {
  std::vector<ArchivePolicyItem> definition;
  std::set<Timespan> granularities;
  for (const auto& item : items) {
    definition.push_back(build_item(item));
    const Timespan granularity = definition.back().granularity;
    if (!granularities.insert(granularity).second) {
      refuse_policy("More than one archive policy uses granularity `" + seconds_text(granularity) +
                    "'");
    }
  }
  return definition;
}

ArchivePolicy change_definition(const ArchivePolicy& policy,
                                std::vector<ArchivePolicyItem> definition) {
  const auto unsupported = [&policy](const std::string& why) {
    refuse_policy("Archive policy " + policy.name + " does not support change: " + why,
                  policy.name);
  };
  auto current = policy.definition;
  auto changed = definition;
  std::sort(current.begin(), current.end(), by_granularity);
  std::sort(changed.begin(), changed.end(), by_granularity);
  if (current.size() != changed.size()) unsupported("Cannot add or drop granularities");
  for (std::size_t i = 0; i < current.size(); ++i) {
    if (current[i].granularity != changed[i].granularity) {
      unsupported(seconds_text(current[i].granularity) + " granularity interval was changed");
    }
  }
  ArchivePolicy result = policy;
  result.definition = std::move(definition);
  return result;
}

const ArchivePolicyRule* match_rule(std::span<const ArchivePolicyRule> rules,
                                    std::string_view metric_name) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const ArchivePolicyRule& rule) {
    return fnmatch(metric_name, rule.metric_pattern);
  });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace gnocchi::index
