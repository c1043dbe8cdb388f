#include "core/config/driver_options.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "core/config/core_options.h"
#include "core/config/names.h"
#include "core/config/profiles.h"
#include "core/config/values.h"
#include "gnocchi/error.h"

namespace gnocchi::config {
namespace {

using plugin::OptionSpec;
using plugin::OptionType;

/// Owns copies of the names, so that it outlives the specs.
class CheckedOptions final : public plugin::Options {
 public:
  void declare(const OptionSpec& spec) { values_[spec.name]; }
  void set(const OptionSpec& spec, Value value) { values_[spec.name] = std::move(value); }

  std::string text(std::string_view name) const override { return get<std::string>(name); }
  std::int64_t integer(std::string_view name) const override { return get<std::int64_t>(name); }
  double real(std::string_view name) const override { return get<double>(name); }
  bool boolean(std::string_view name) const override { return get<bool>(name); }
  std::chrono::nanoseconds duration(std::string_view name) const override {
    return get<std::chrono::nanoseconds>(name);
  }
  bool has(std::string_view name) const override { return find(name).has_value(); }

 private:
  const std::optional<Value>& find(std::string_view name) const {
    const auto it = values_.find(name);
    if (it == values_.end()) {
      throw Error(Error::Code::internal, "the driver declares no option " + std::string(name));
    }
    return it->second;
  }

  template <class T>
  const T& get(std::string_view name) const {
    const std::optional<Value>& value = find(name);
    const T* typed = value ? std::get_if<T>(&*value) : nullptr;
    if (typed == nullptr) {
      throw Error(Error::Code::internal,
                  "option " + std::string(name) + " is not set, or not of the type asked for");
    }
    return *typed;
  }

  std::map<std::string, std::optional<Value>, std::less<>> values_;
};

/// What core knows of an option that it declares in the same section.
std::optional<Settings::Raw> core_value(const Settings& settings, const std::string& section,
                                        const OptionSpec& spec, bool only_if_set) {
  if (find_core_option(section, spec.name) == nullptr) return std::nullopt;
  const bool usable =
      only_if_set ? settings.is_set(section, spec.name) : settings.has(section, spec.name);
  if (!usable) return std::nullopt;
  return Settings::Raw{section, spec.name, literal(settings.text(section, spec.name)), {}};
}

std::optional<Settings::Raw> find(const Settings& settings, const OptionSpec& spec,
                                  const std::vector<std::string>& sections) {
  const auto usable = [&spec](const std::optional<Settings::Raw>& raw) {
    return raw && (!raw->value.empty() || spec.type == OptionType::text);
  };
  for (const std::string& section : sections) {
    if (auto raw = core_value(settings, section, spec, true)) return raw;
    if (auto raw = settings.set_value(section, spec.name); usable(raw)) return raw;
    if (spec.was == nullptr) continue;
    if (auto raw = settings.set_value(section, spec.was); usable(raw)) return raw;
  }
  for (const std::string& section : sections) {
    if (auto raw = core_value(settings, section, spec, false)) return raw;
    if (auto raw = settings.program_default(section, spec.name)) return raw;
  }
  if (spec.default_text == nullptr) return std::nullopt;
  const std::string section = sections.empty() ? std::string("DEFAULT") : sections.front();
  return Settings::Raw{section, spec.name, spec.default_text, {}};
}

std::vector<std::string> names_in(const std::string& group,
                                  const std::vector<DriverKeys>& drivers) {
  std::vector<std::string> names;
  for (const CoreOption& option : core_options()) {
    if (same_group(option.group, group)) names.emplace_back(option.spec.name);
  }
  for (const DriverKeys& driver : drivers) {
    if (!same_group(driver.group, group)) continue;
    for (const OptionSpec& spec : driver.specs) {
      names.emplace_back(spec.name);
      if (spec.was != nullptr) names.emplace_back(spec.was);
    }
  }
  return names;
}

bool is_old_core_name(const Entry& entry) {
  for (const CoreOption& option : core_options()) {
    for (const OldName& old : option.old_names) {
      if (entry.name == old.name && same_group(entry.group, old.group)) return true;
    }
  }
  return false;
}

/// Gnocchi's drivers put their own name in front of their options. Those of drivers that are not
/// chosen may stand in the file; the chosen ones' are known by their specs.
bool belongs_to_another_driver(const std::string& name, const std::vector<std::string>& known) {
  static constexpr std::array<std::string_view, 6> kPrefixes{"ceph_",    "file_", "redis_",
                                                             "rocksdb_", "s3_",   "swift_"};
  for (const std::string_view prefix : kPrefixes) {
    if (!name.starts_with(prefix)) continue;
    return std::none_of(known.begin(), known.end(), [prefix](const std::string& declared) {
      return declared.starts_with(prefix);
    });
  }
  return false;
}

}  // namespace

std::unique_ptr<plugin::Options> make_driver_options(const Settings& settings,
                                                     std::span<const OptionSpec> specs,
                                                     const std::vector<std::string>& sections,
                                                     const GivenOptions& given, Faults& faults) {
  auto options = std::make_unique<CheckedOptions>();
  for (const OptionSpec& spec : specs) {
    options->declare(spec);
    std::optional<Settings::Raw> raw;
    std::string text;
    std::string problem;
    if (const auto own = given.find(spec.name); own != given.end()) {
      raw = Settings::Raw{
          sections.empty() ? "DEFAULT" : sections.front(), spec.name, own->second, {}};
      text = own->second;
    } else if ((raw = find(settings, spec, sections))) {
      try {
        text = settings.substitute(raw->value, raw->group, specs);
      } catch (const std::invalid_argument& fault) {
        problem = spec.secret ? "holds a reference to an unknown option; write $$ for a dollar sign"
                              : fault.what();
      }
    }
    if (raw && problem.empty() && (!text.empty() || spec.type == OptionType::text)) {
      if (auto value = parse_value(spec, text, problem)) options->set(spec, std::move(*value));
    }
    if (!problem.empty()) {
      faults.add_value(raw->where, raw->group, raw->name,
                       spec.secret ? kHidden : std::string_view(raw->value), problem);
    } else if (spec.required && !options->has(spec.name)) {
      faults.add_once(must_be_set(sections.empty() ? "DEFAULT" : sections.front(), spec));
    }
  }
  return options;
}

std::vector<Notice> unknown_driver_keys(const Settings& settings,
                                        const std::vector<DriverKeys>& drivers) {
  std::vector<Notice> notices;
  for (const Entry& entry : settings.sources().entries) {
    const bool read = std::any_of(drivers.begin(), drivers.end(), [&entry](const DriverKeys& keys) {
      return same_group(keys.group, entry.group);
    });
    if (!read) continue;
    const std::vector<std::string> known = names_in(entry.group, drivers);
    if (std::find(known.begin(), known.end(), entry.name) != known.end()) continue;
    if (is_old_core_name(entry) || find_ignored_option(entry.group, entry.name) != nullptr ||
        belongs_to_another_driver(entry.name, known)) {
      continue;
    }
    const std::string near = nearest_name(entry.name, known);
    notices.push_back(
        {plugin::Log::Level::warning, entry.where.text() + " [" + entry.group + "] " + entry.name +
                                          ": unknown option" +
                                          (near.empty() ? "" : "; did you mean " + near + "?")});
  }
  return notices;
}

}  // namespace gnocchi::config
