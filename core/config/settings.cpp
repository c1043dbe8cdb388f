#include "core/config/settings.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "core/config/core_options.h"
#include "gnocchi/error.h"

namespace gnocchi::config {
namespace {

constexpr int kMostReferences = 200;  // in one value; more of them go round in a circle
constexpr char kUnknownReference[] =
    "holds a reference to an unknown option; write $$ for a dollar sign";

std::string bracketed(std::string_view group, std::string_view name) {
  return "[" + std::string(group) + "] " + std::string(name);
}

[[noreturn]] void no_such_option(std::string_view group, std::string_view name) {
  throw Error(Error::Code::internal, "no option " + bracketed(group, name) + " of this type");
}

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool name_char(char c) { return letter(c) || c == '.' || (c >= '0' && c <= '9'); }

/// The length of a name at the start of `text`, as references write it; 0: none.
std::size_t name_length(std::string_view text) {
  if (text.empty() || !letter(text.front())) return 0;
  return static_cast<std::size_t>(
      std::distance(text.begin(), std::find_if_not(text.begin(), text.end(), name_char)));
}

/// Why a list or a choice does not allow the text; empty: it does.
std::string refusal(const CoreOption& option, const std::string& text) {
  const std::vector<std::string> parts =
      option.list ? split_list(text) : std::vector<std::string>{text};
  for (const std::string& part : parts) {
    if (option.accepts != nullptr && !option.accepts(part)) {
      return std::string("unknown (possible: ") + option.allowed + ")";
    }
    if (option.choices.empty()) continue;
    if (std::none_of(option.choices.begin(), option.choices.end(),
                     [&part](const char* choice) { return part == choice; })) {
      std::string all;
      for (const char* choice : option.choices) all.append(all.empty() ? "" : ", ").append(choice);
      return "unknown (possible: " + all + ")";
    }
  }
  return {};
}

std::optional<Value> checked(const CoreOption& option, const std::string& text,
                             std::string& problem) {
  std::optional<Value> value = parse_value(option.spec, text, problem);
  if (!value) return std::nullopt;
  problem = refusal(option, text);
  if (!problem.empty()) return std::nullopt;
  return value;
}

/// An option of these types that is set to nothing counts as not set, as in oslo.
bool empty_means_unset(const CoreOption& option) {
  return option.spec.type != plugin::OptionType::text || !option.choices.empty() ||
         (option.accepts != nullptr && !option.list);
}

}  // namespace

Settings::Settings(Sources sources, Faults& faults) : sources_(std::move(sources)) {
  for (const CoreOption& option : core_options()) resolve(option, faults);
  note_unknown_keys();
}

std::optional<Settings::Raw> Settings::set_value(std::string_view group,
                                                 std::string_view name) const {
  for (auto it = sources_.command_line.rbegin(); it != sources_.command_line.rend(); ++it) {
    if (it->name == name && same_group(it->group, group)) {
      return Raw{it->group, it->name, it->value, {"command line", 0}};
    }
  }
  for (auto it = sources_.entries.rbegin(); it != sources_.entries.rend(); ++it) {
    if (it->name == name && same_group(it->group, group)) {
      return Raw{it->group, it->name, it->value, it->where};
    }
  }
  return std::nullopt;
}

std::optional<Settings::Raw> Settings::program_default(std::string_view group,
                                                       std::string_view name) const {
  for (const Assignment& one : sources_.defaults) {
    if (one.name == name && same_group(one.group, group)) {
      return Raw{one.group, one.name, one.value, {}};
    }
  }
  return std::nullopt;
}

std::optional<Settings::Raw> Settings::find(const CoreOption& option) const {
  const auto usable = [&option](const std::optional<Raw>& raw) {
    return raw && (!raw->value.empty() || !empty_means_unset(option));
  };
  std::optional<Raw> current = set_value(option.group, option.spec.name);
  if (option.environment != nullptr && !(current && current->where.file == "command line")) {
    const auto variable = sources_.environment.find(option.environment);
    if (variable != sources_.environment.end() && !variable->second.empty()) {
      const std::string place = std::string("environment ") + option.environment;
      return Raw{option.group, option.spec.name, variable->second, {place, 0}};
    }
  }
  if (usable(current)) {
    if (option.repeatable) current->value = all_values(option.group, option.spec.name);
    return current;
  }
  if (option.spec.was != nullptr) {
    if (auto old = set_value(option.group, option.spec.was); usable(old)) return old;
  }
  for (const OldName& old_name : option.old_names) {
    if (auto old = set_value(old_name.group, old_name.name); usable(old)) return old;
  }
  return std::nullopt;
}

std::string Settings::all_values(std::string_view group, std::string_view name) const {
  std::string all;
  for (const Entry& entry : sources_.entries) {
    if (entry.name != name || !same_group(entry.group, group)) continue;
    all.append(all.empty() ? "" : ",").append(entry.value);
  }
  return all;
}

std::optional<Settings::Raw> Settings::find_default(const CoreOption& option) const {
  if (auto own = program_default(option.group, option.spec.name)) return own;
  if (option.spec.default_text != nullptr) {
    return Raw{option.group, option.spec.name, option.spec.default_text, {}};
  }
  if (auto computed = computed_default(option)) {
    return Raw{option.group, option.spec.name, *computed, {}};
  }
  return std::nullopt;
}

void Settings::resolve(const CoreOption& option, Faults& faults) {
  Resolved& slot = resolved_[{option.group, option.spec.name}];
  slot.option = &option;
  const auto take = [&](const Raw& raw) {
    std::string problem;
    try {
      int left = kMostReferences;
      const std::string text = expand(raw.value, raw.group, {}, left);
      if (text.empty() && empty_means_unset(option)) return true;
      slot.value = checked(option, text, problem);
      if (slot.value) return true;
    } catch (const std::invalid_argument& fault) {
      problem = option.spec.secret ? kUnknownReference : fault.what();
    }
    const std::string_view shown = option.spec.secret ? kHidden : std::string_view(raw.value);
    faults.add_value(raw.where, raw.group, raw.name, shown, problem);
    return false;
  };
  bool good = true;
  if (const auto raw = find(option)) {
    slot.set = true;
    if (raw->name != option.spec.name || !same_group(raw->group, option.group)) {
      notices_.push_back(
          {plugin::Log::Level::warning, raw->where.text() + " " + bracketed(raw->group, raw->name) +
                                            " is an old name: write " +
                                            bracketed(option.group, option.spec.name)});
    }
    good = take(*raw);
  }
  if (!slot.value) {
    if (const auto preset = find_default(option)) take(*preset);
  }
  if (!slot.value && option.spec.required && good) {
    faults.add(must_be_set(option.group, option.spec));
  }
}

std::string Settings::substitute(std::string_view text, std::string_view group,
                                 std::span<const plugin::OptionSpec> others) const {
  int left = kMostReferences;
  return expand(text, group, others, left);
}

std::string Settings::expand(std::string_view text, std::string_view group,
                             std::span<const plugin::OptionSpec> others, int& left) const {
  std::string out;
  while (!text.empty()) {
    const std::size_t at = text.find_first_of("$\\");
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    if (text.starts_with("\\$") || text.starts_with("$$")) {
      out += '$';
      text.remove_prefix(2);
      continue;
    }
    const bool braces = text.starts_with("${");
    const std::size_t length =
        text.front() == '$' ? name_length(text.substr(braces ? 2 : 1)) : std::size_t{0};
    if (length == 0 || (braces && text.substr(2 + length, 1) != "}")) {
      out += text.front();  // no reference: stays as it is
      text.remove_prefix(1);
      continue;
    }
    out += reference(text.substr(braces ? 2 : 1, length), group, others, left);
    text.remove_prefix(length + (braces ? 3 : 1));
  }
  return out;
}

std::string Settings::reference(std::string_view name, std::string_view group,
                                std::span<const plugin::OptionSpec> others, int& left) const {
  if (left-- == 0) {
    throw std::invalid_argument("the references go round in a circle");
  }
  const auto look = [&](std::string_view in, std::string_view key) -> std::optional<std::string> {
    if (const CoreOption* option = find_core_option(in, key)) {
      auto raw = find(*option);
      if (!raw) raw = find_default(*option);
      return raw ? expand(raw->value, raw->group, others, left) : std::string();
    }
    auto raw = set_value(in, key);
    if (!raw) raw = program_default(in, key);
    if (raw) return expand(raw->value, raw->group, others, left);
    for (const plugin::OptionSpec& spec : others) {
      if (key != spec.name) continue;
      return spec.default_text == nullptr ? std::string()
                                          : expand(spec.default_text, in, others, left);
    }
    return std::nullopt;
  };
  std::optional<std::string> found;
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) {
    found = look(group, name);
    if (!found) found = look("DEFAULT", name);
  } else {
    found = look(name.substr(0, dot), name.substr(dot + 1));
  }
  if (found) return *found;
  throw std::invalid_argument("$" + std::string(name) +
                              " names no option; write $$ for a dollar sign");
}

std::string Settings::origin(std::string_view group, std::string_view name) const {
  const CoreOption* option = find_core_option(group, name);
  std::optional<Raw> raw = option != nullptr ? find(*option) : set_value(group, name);
  if (!raw && option != nullptr) raw = find_default(*option);
  if (!raw) return bracketed(group, name);
  std::string text = raw->where.file.empty() ? "default" : raw->where.text();
  text += " " + bracketed(raw->group, raw->name);
  if (option == nullptr) return text;  // whether it is secret only the driver knows
  const Resolved& known = resolved(group, name);
  if (option->spec.secret) return text.append(" = ").append(kHidden);
  const auto* value = known.value ? std::get_if<std::string>(&*known.value) : nullptr;
  return text + " = " + (value != nullptr ? *value : raw->value);
}

const Settings::Resolved& Settings::resolved(std::string_view group, std::string_view name) const {
  for (const auto& [key, slot] : resolved_) {
    if (key.second == name && same_group(key.first, group)) return slot;
  }
  no_such_option(group, name);
}

template <class T>
const T& Settings::get(std::string_view group, std::string_view name) const {
  const Resolved& slot = resolved(group, name);
  const T* value = slot.value ? std::get_if<T>(&*slot.value) : nullptr;
  if (value == nullptr) no_such_option(group, name);
  return *value;
}

std::string Settings::text(std::string_view group, std::string_view name) const {
  return get<std::string>(group, name);
}
std::int64_t Settings::integer(std::string_view group, std::string_view name) const {
  return get<std::int64_t>(group, name);
}
double Settings::real(std::string_view group, std::string_view name) const {
  return get<double>(group, name);
}
bool Settings::boolean(std::string_view group, std::string_view name) const {
  return get<bool>(group, name);
}
std::chrono::nanoseconds Settings::duration(std::string_view group, std::string_view name) const {
  return get<std::chrono::nanoseconds>(group, name);
}
std::vector<std::string> Settings::list(std::string_view group, std::string_view name) const {
  return has(group, name) ? split_list(text(group, name)) : std::vector<std::string>{};
}
bool Settings::has(std::string_view group, std::string_view name) const {
  return resolved(group, name).value.has_value();
}
bool Settings::is_set(std::string_view group, std::string_view name) const {
  const Resolved& slot = resolved(group, name);
  return slot.set && slot.value.has_value();
}

}  // namespace gnocchi::config
