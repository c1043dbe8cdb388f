#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/json.h"
#include "core/index/archive_policy_rules.h"

/// Bodies of requests about archive policies, checked against their schema: HttpError 400
/// "Invalid input" names the fault and where it is.
namespace gnocchi::api {

struct ArchivePolicyBody {
  std::string name;
  std::uint32_t back_window = 0;
  std::vector<index::DefinitionItem> definition;
  std::optional<std::vector<std::string>> aggregation_methods;  ///< nullopt: the defaults
};

ArchivePolicyBody read_archive_policy(const JsonView& body);

/// At least one of the two is there.
struct ArchivePolicyChange {
  std::optional<std::uint32_t> back_window;
  std::optional<std::vector<index::DefinitionItem>> definition;
};

ArchivePolicyChange read_archive_policy_change(const JsonView& body);

/// The name of a policy or a rule, or a pattern: 1 to 255 characters.
std::string read_name(const JsonView& value);

}  // namespace gnocchi::api
