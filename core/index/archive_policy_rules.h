#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/archive_policy.h"

/// What makes an archive policy valid, and which one a metric gets. Pure functions; any thread.
/// Those that throw throw Refused{invalid_value, archive_policy} with Gnocchi's sentences.
namespace gnocchi::index {

/// One line of a definition as the user gives it; at least two of the three are needed, or the
/// granularity alone for a series that is kept for ever.
struct DefinitionItem {
  std::optional<Timespan> granularity;
  std::optional<std::uint64_t> points;
  std::optional<Timespan> timespan;
};

/// Every method that a policy may name: mean, sum, last, max, min, std, median, first, count, 1pct
/// to 99pct, and "rate:" of each; sorted.
const std::vector<std::string>& all_aggregation_methods();

/// Whether a policy's list may hold it: a method, "+" or "-" and a method, or "*".
bool is_aggregation_choice(std::string_view text);

/// The methods that a list of choices means, sorted: "*" is all of them; choices that are all "+x"
/// or
/// "-x" (or none at all) change the defaults.
std::vector<std::string> resolve_aggregation_methods(const std::vector<std::string>& choices,
                                                     const std::vector<std::string>& defaults);

/// The missing third is computed. Refused: what contradicts itself, is not above zero, lasts longer
/// than the 292 years of 64-bit nanoseconds, or has a granularity of no whole nanoseconds.
ArchivePolicyItem build_item(const DefinitionItem& item);

/// Items in the order given. Refused besides: the same granularity twice.
std::vector<ArchivePolicyItem> build_definition(std::span<const DefinitionItem> items);

/// The policy with a new definition. Only points and timespans may change; else Refused ("Archive
/// policy low does not support change: ...").
ArchivePolicy change_definition(const ArchivePolicy& policy,
                                std::vector<ArchivePolicyItem> definition);

/// The rule that gives a metric of this name its policy: the first that matches, in the order of
/// ArchivePolicyIndex::list_rules (so the more special of "disk.*" and "disk.read.*"). nullptr:
/// none.
const ArchivePolicyRule* match_rule(std::span<const ArchivePolicyRule> rules,
                                    std::string_view metric_name);

}  // namespace gnocchi::index
