#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/policy/rule.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::config {
class Config;
}

namespace gnocchi::policy {

/// Where rules come from; later ones replace earlier ones of the same name.
struct Sources {
  /// Tried in order, the first that exists counts; none: the defaults of 4.7 alone.
  std::vector<std::filesystem::path> files;
  /// Every file in them, by name, hidden ones left out; absent folders are skipped.
  std::vector<std::filesystem::path> directories;
  std::string default_rule = "default";
};

/// [oslo_policy] policy_file, policy_dirs and policy_default_rule. Relative names are looked up in
/// `folders` (those of the configuration files). Where policy_file is not set, policy.yaml, then
/// policy.json.
Sources sources_from(const config::Config& config,
                     const std::vector<std::filesystem::path>& folders);

using Rules = std::map<std::string, Check, std::less<>>;

struct PolicyFiles {
  Rules rules;
  std::string names;  ///< of the files read, for messages
};

/// The defaults, then the files over them. JSON or YAML: a mapping of names to rules, as text or as
/// lists of lists; null is as "". Throws Error{invalid_config} naming file and rule.
///
/// A file in the form of Gnocchi 3.0, told by its rule "list all metric", means by "list metric"
/// who may list metrics of his own; that is kept.
PolicyFiles read_rules(const Sources& sources, plugin::Log& log);

}  // namespace gnocchi::policy
