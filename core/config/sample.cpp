#include "core/config/sample.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "core/config/core_options.h"
#include "core/config/values.h"

namespace gnocchi::config {
namespace {

constexpr std::size_t kWidth = 79;

/// The text as comment lines that break at spaces.
void add_comment(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t end = text.size();
    if (end > kWidth - 2) {
      end = text.rfind(' ', kWidth - 2);
      if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
    }
    out.append("# ").append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void add_title(std::string& out, std::string_view title) {
  out.append("#\n# From ").append(title).append("\n#\n\n");
}

std::string number(double value) {
  return value == std::floor(value) ? std::to_string(static_cast<long long>(value))
                                    : std::to_string(value);
}

const char* type_name(plugin::OptionType type, bool list, bool repeatable) {
  if (repeatable) return "multi valued";
  if (list) return "list value";
  switch (type) {
    case plugin::OptionType::text: return "string value";
    case plugin::OptionType::integer: return "integer value";
    case plugin::OptionType::real: return "floating point value";
    case plugin::OptionType::boolean: return "boolean value";
    case plugin::OptionType::duration: return "duration: 30, 30s, 2m";
    case plugin::OptionType::path: return "path";
    case plugin::OptionType::url: return "URL";
  }
  return "";
}

void add_old_name(std::string& out, std::string_view group, std::string_view name) {
  out.append("# Deprecated group/name - [").append(group).append("]/").append(name).append("\n");
}

void add_option(std::string& out, const std::string& group, const plugin::OptionSpec& spec,
                const CoreOption* core, const std::string& default_text) {
  add_comment(out, std::string(spec.help) + " (" +
                       type_name(spec.type, core != nullptr && core->list,
                                 core != nullptr && core->repeatable) +
                       (spec.required && default_text == "<None>" ? ", required)" : ")"));
  if (spec.min != 0 || spec.max != 0) {
    out += "# Minimum value: " + number(spec.min) + "\n";
    if (spec.max >= spec.min) out += "# Maximum value: " + number(spec.max) + "\n";
  }
  if (core != nullptr) {
    if (!core->choices.empty()) {
      std::string all;
      for (const char* choice : core->choices) all.append(all.empty() ? "" : ", ").append(choice);
      add_comment(out, "Possible values: " + all);
    }
    if (core->allowed != nullptr)
      add_comment(out, std::string("Possible values: ") + core->allowed);
    if (core->default_note != nullptr) {
      add_comment(out, std::string("Default: ") + core->default_note);
    }
    if (core->environment != nullptr) {
      add_comment(out, std::string("Environment variable: ") + core->environment);
    }
    for (const OldName& old : core->old_names) add_old_name(out, old.group, old.name);
  }
  if (spec.was != nullptr) add_old_name(out, group, spec.was);
  out.append("#").append(spec.name).append(" =");
  if (!default_text.empty()) out.append(" ").append(default_text);
  out += "\n\n";
}

std::string default_of(const plugin::OptionSpec& spec) {
  return spec.default_text == nullptr ? "<None>" : spec.default_text;
}

/// Incoming takes what it is not told itself from [storage].
std::string driver_default(const SampleDriver& driver, const plugin::OptionSpec& spec,
                           std::span<const SampleDriver> drivers) {
  if (driver.group == "incoming") {
    for (const SampleDriver& other : drivers) {
      if (other.group != "storage") continue;
      for (const plugin::OptionSpec& same : other.specs) {
        if (std::string_view(same.name) == spec.name)
          return std::string("${storage.") + spec.name + "}";
      }
    }
  }
  return default_of(spec);
}

/// Not what core hands on from [DEFAULT], such as a coordinator's coordination_url.
bool is_set_by_operators(const plugin::OptionSpec& spec) {
  return find_core_option("DEFAULT", spec.name) == nullptr;
}

std::vector<std::string> groups_of(std::span<const SampleDriver> drivers) {
  std::set<std::string> groups;
  for (const CoreOption& option : core_options()) groups.insert(option.group);
  for (const SampleDriver& driver : drivers) {
    if (std::any_of(driver.specs.begin(), driver.specs.end(), is_set_by_operators)) {
      groups.insert(driver.group);
    }
  }
  groups.erase("DEFAULT");
  std::vector<std::string> all{"DEFAULT"};
  all.insert(all.end(), groups.begin(), groups.end());
  return all;
}

}  // namespace

std::string sample_conf(std::span<const SampleDriver> drivers) {
  std::string out;
  for (const std::string& group : groups_of(drivers)) {
    if (!out.empty()) out += "\n";
    out.append("[").append(group).append("]\n\n");
    std::set<std::string, std::less<>> printed;
    for (const CoreOption& option : core_options()) {
      if (group != option.group) continue;
      if (printed.empty()) add_title(out, "gnocchi");
      printed.insert(option.spec.name);
      add_option(out, group, option.spec, &option, default_of(option.spec));
    }
    for (const SampleDriver& driver : drivers) {
      if (driver.group != group) continue;
      bool titled = false;
      for (const plugin::OptionSpec& spec : driver.specs) {
        if (!is_set_by_operators(spec) || !printed.insert(spec.name).second) continue;
        if (!titled) add_title(out, "the driver " + driver.title);
        titled = true;
        add_option(out, group, spec, nullptr, driver_default(driver, spec, drivers));
      }
    }
  }
  return out;
}

}  // namespace gnocchi::config
