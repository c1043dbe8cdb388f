#include "core/index/default_policies.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gnocchi::index {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr hours kDay{24};
constexpr hours kYear = 365 * kDay;

ArchivePolicyItem keep(Timespan granularity, Timespan timespan) {
  return {granularity, static_cast<std::uint64_t>(timespan / granularity), timespan};
}

ArchivePolicy policy(std::string name, std::vector<ArchivePolicyItem> definition,
                     std::span<const std::string> methods) {
  ArchivePolicy made;
  made.name = std::move(name);
  made.definition = std::move(definition);
  made.aggregation_methods.assign(methods.begin(), methods.end());
  std::sort(made.aggregation_methods.begin(), made.aggregation_methods.end());
  return made;
}

std::vector<ArchivePolicy> current_policies(std::span<const std::string> methods) {
  const std::string last[] = {"last"};
  ArchivePolicy boolean = policy("bool", {keep(seconds(1), kYear)}, last);
  boolean.back_window = 3600;  // blocks of a second: changes may come an hour late
  return {std::move(boolean), policy("low", {keep(minutes(5), 30 * kDay)}, methods),
          policy("medium", {keep(minutes(1), 7 * kDay), keep(hours(1), kYear)}, methods),
          policy("high",
                 {keep(seconds(1), hours(1)), keep(minutes(1), 7 * kDay), keep(hours(1), kYear)},
                 methods)};
}

std::vector<ArchivePolicy> policies_of_3_0(std::span<const std::string> methods) {
  return {policy("low", {keep(minutes(5), hours(1)), keep(hours(1), kDay), keep(kDay, 30 * kDay)},
                 methods),
          policy("medium", {keep(minutes(1), kDay), keep(hours(1), 7 * kDay), keep(kDay, kYear)},
                 methods),
          policy("high",
                 {keep(seconds(1), hours(1)), keep(minutes(1), 7 * kDay), keep(hours(1), kYear)},
                 methods)};
}

}  // namespace

std::vector<ArchivePolicy> default_archive_policies(DefaultPolicies which,
                                                    std::span<const std::string> methods) {
  return which == DefaultPolicies::current ? current_policies(methods) : policies_of_3_0(methods);
}

std::vector<std::string> default_methods_of_3_0() {
  return {"mean", "min", "max", "sum", "std", "median", "count", "95pct"};
}

ArchivePolicyRule default_archive_policy_rule() { return {"default", "*", "low"}; }

}  // namespace gnocchi::index
