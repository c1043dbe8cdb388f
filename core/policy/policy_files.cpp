#include "core/policy/policy_files.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/config/config.h"
#include "core/policy/defaults.h"
#include "gnocchi/error.h"

namespace gnocchi::policy {
namespace {

namespace fs = std::filesystem;

// A policy is some kilobytes; this only keeps a wrong path from being read into memory.
constexpr std::uintmax_t kMaxFileBytes = 4 << 20;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error{Error::Code::invalid_config, "policy file " + file.string() + ": " + what};
}

std::string read_file(const fs::path& file) {
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  if (failed) refuse(file, failed.message());
  if (size > kMaxFileBytes) refuse(file, "larger than 4 MiB");
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) refuse(file, "cannot be read");
  return text.str();
}

std::vector<std::vector<std::string>> lists_of(const YAML::Node& node) {
  std::vector<std::vector<std::string>> lists;
  for (const YAML::Node& inner : node) {
    std::vector<std::string>& list = lists.emplace_back();
    if (inner.IsScalar()) {
      list.push_back(inner.Scalar());
    } else {
      for (const YAML::Node& check : inner) list.push_back(check.as<std::string>());
    }
  }
  return lists;
}

Check read_rule(const YAML::Node& node) {
  if (node.IsNull()) return parse_rule(std::string_view{});
  if (node.IsScalar()) return parse_rule(std::string_view{node.Scalar()});
  if (node.IsSequence()) return parse_rule(lists_of(node));
  throw Refused{Refused::Reason::invalid_value, Refused::Subject::none,
                "neither a text nor a list of lists"};
}

void warn_of_remote(const Check& check, const fs::path& file, const std::string& name,
                    plugin::Log& log) {
  if (check.kind == Check::Kind::remote) {
    log.warning("policy file " + file.string() + ": rule \"" + name + "\": \"" + check.subject +
                "\" asks another server, which is not supported: it denies");
  }
  for (const Check& child : check.children) warn_of_remote(child, file, name, log);
}

void read_into(Rules& rules, const fs::path& file, plugin::Log& log) {
  const std::string text = read_file(file);
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return;
    if (!root.IsMap()) refuse(file, "not a mapping of names to rules");
    for (const auto& entry : root) {
      const auto name = entry.first.as<std::string>();
      try {
        Check check = read_rule(entry.second);
        warn_of_remote(check, file, name, log);
        rules[name] = std::move(check);
      } catch (const Refused& fault) {
        refuse(file, "rule \"" + name + "\": " + fault.what());
      }
    }
  } catch (const YAML::Exception& fault) {
    refuse(file, fault.what());
  }
}

/// Gnocchi 3.0 let everybody ask ("list metric": "") and showed the asker's own metrics only,
/// unless "list all metric" held.
void keep_meaning_of_3_0(Rules& rules) {
  if (!rules.contains("list all metric")) return;
  Check seen = parse_rule(std::string_view{
      "rule:list_all or user:%(creator)s or project_id:%(created_by_project_id)s"});
  seen.children.front().subject = "list all metric";
  Check both{Check::Kind::all_of, {}, {}, {}};
  both.children.push_back(std::move(rules["list metric"]));
  both.children.push_back(std::move(seen));
  rules["list metric"] = std::move(both);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator{folder, failed}) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') && entry.is_regular_file(failed)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Sources sources_from(const config::Config& config, const std::vector<fs::path>& folders) {
  Sources sources;
  const std::string group = "oslo_policy";
  std::vector<std::string> names;
  if (config.is_set(group, "policy_file")) {
    names.push_back(config.text(group, "policy_file"));
  } else {
    names = {"policy.yaml", "policy.json"};
  }
  for (const std::string& name : names) {
    if (fs::path{name}.is_absolute())
      sources.files.emplace_back(name);
    else
      for (const auto& folder : folders) sources.files.push_back(folder / name);
  }
  for (const std::string& name : config.list(group, "policy_dirs")) {
    if (fs::path{name}.is_absolute())
      sources.directories.emplace_back(name);
    else
      for (const auto& folder : folders) sources.directories.push_back(folder / name);
  }
  sources.default_rule = config.text(group, "policy_default_rule");
  return sources;
}

PolicyFiles read_rules(const Sources& sources, plugin::Log& log) {
  PolicyFiles result;
  for (const auto& [name, text] : default_rules()) {
    result.rules[std::string{name}] = parse_rule(text);
  }
  std::vector<fs::path> files;
  const auto file = std::find_if(sources.files.begin(), sources.files.end(), [](const auto& path) {
    std::error_code absent;
    return fs::exists(path, absent);
  });
  if (file != sources.files.end()) files.push_back(*file);
  for (const auto& folder : sources.directories) {
    for (auto& path : files_in(folder)) files.push_back(std::move(path));
  }
  for (const auto& path : files) {
    read_into(result.rules, path, log);
    result.names += (result.names.empty() ? "" : ", ") + path.string();
  }
  if (files.empty()) result.names = "none, the default rules are in force";
  log.info("policy files=" + result.names);
  keep_meaning_of_3_0(result.rules);
  return result;
}

}  // namespace gnocchi::policy
