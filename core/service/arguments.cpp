#include "core/service/arguments.h"

#include <algorithm>
#include <utility>

#include "core/config/names.h"
#include "core/config/values.h"
#include "gnocchi/error.h"

namespace gnocchi::service {
namespace {

bool is_switch(const CommandOption& option) {
  return option.spec.type == plugin::OptionType::boolean;
}

std::string with_hyphens(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

}  // namespace

Arguments::Arguments(std::span<const CommandOption> options, bool operands_allowed, int argc,
                     const char* const* argv)
    : options_(options.begin(), options.end()) {
  const std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--") continue;
    if (word.starts_with("--")) {
      i += take(word.substr(2), words.subspan(i + 1));
    } else if (word.size() > 1 && word.front() == '-') {
      i += take_letters(word.substr(1), words.subspan(i + 1));
    } else if (operands_allowed) {
      operands_.emplace_back(word);
    } else {
      throw UsageError("unexpected argument: " + std::string(word));
    }
  }
}

std::size_t Arguments::take(std::string_view word, std::span<const char* const> rest) {
  const std::size_t equals = word.find('=');
  const std::string name = with_hyphens(word.substr(0, equals));
  const auto named = [](const std::string& wanted) {
    return [wanted](const CommandOption& option) { return option.spec.name == wanted; };
  };
  auto option = std::find_if(options_.begin(), options_.end(), named(name));
  bool negated = false;
  if (option == options_.end() && name.starts_with("no")) {
    option = std::find_if(options_.begin(), options_.end(), named(name.substr(2)));
    negated = option != options_.end() && is_switch(*option);
    if (!negated) option = options_.end();
  }
  if (option == options_.end()) {
    std::vector<std::string> names;
    names.reserve(options_.size());
    for (const CommandOption& known : options_) names.emplace_back(known.spec.name);
    const std::string near = config::nearest_name(name, names);
    throw UsageError("unknown option --" + name +
                     (near.empty() ? "" : "; did you mean --" + near + "?"));
  }
  if (is_switch(*option)) {
    if (equals != std::string_view::npos) throw UsageError("--" + name + " takes no value");
    set(*option, negated ? "false" : "true");
    return 0;
  }
  if (equals != std::string_view::npos) {
    set(*option, std::string(word.substr(equals + 1)));
    return 0;
  }
  if (rest.empty() || std::string_view(rest.front()) == "--") {
    throw UsageError("--" + name + " needs a value");
  }
  set(*option, rest.front());
  return 1;
}

std::size_t Arguments::take_letters(std::string_view letters, std::span<const char* const> rest) {
  while (!letters.empty()) {
    const char letter = letters.front();
    letters.remove_prefix(1);
    const auto option =
        std::find_if(options_.begin(), options_.end(),
                     [letter](const CommandOption& known) { return known.letter == letter; });
    if (option == options_.end()) throw UsageError(std::string("unknown option -") + letter);
    if (is_switch(*option)) {
      set(*option, "true");
    } else if (!letters.empty()) {
      set(*option, std::string(letters));
      return 0;
    } else if (!rest.empty() && std::string_view(rest.front()) != "--") {
      set(*option, rest.front());
      return 1;
    } else {
      throw UsageError(std::string("-") + letter + " needs a value");
    }
  }
  return 0;
}

void Arguments::set(const CommandOption& option, std::string value) {
  std::string problem;
  if (!config::parse_value(option.spec, value, problem)) {
    throw UsageError("--" + std::string(option.spec.name) + " " + value + ": " + problem);
  }
  values_[option.spec.name].push_back(std::move(value));
}

const CommandOption& Arguments::find(std::string_view name) const {
  for (const CommandOption& option : options_) {
    if (name == option.spec.name) return option;
  }
  throw Error(Error::Code::internal, "this program has no option --" + std::string(name));
}

bool Arguments::given(std::string_view name) const {
  return values_.contains(std::string(find(name).spec.name));
}

std::optional<std::string> Arguments::value(std::string_view name) const {
  const CommandOption& option = find(name);
  const auto it = values_.find(name);
  if (it != values_.end()) return it->second.back();
  if (option.spec.default_text == nullptr) return std::nullopt;
  return std::string(option.spec.default_text);
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto it = values_.find(find(name).spec.name);
  return it == values_.end() ? std::vector<std::string>{} : it->second;
}

bool Arguments::flag(std::string_view name) const { return value(name) == "true"; }

std::int64_t Arguments::integer(std::string_view name) const {
  std::string problem;
  const auto text = value(name);
  if (!text) throw Error(Error::Code::internal, "--" + std::string(name) + " is not set");
  return std::get<std::int64_t>(config::parse_value(find(name).spec, *text, problem).value());
}

std::string help_text(std::string_view program, std::string_view summary, std::string_view operands,
                      std::span<const CommandOption> options) {
  constexpr std::size_t kColumn = 42;
  std::string out = "usage: " + std::string(program) + " [options]";
  if (!operands.empty()) out.append(" ").append(operands);
  out.append("\n\n").append(summary).append("\n\noptions:\n");
  for (const CommandOption& option : options) {
    std::string line = "  ";
    if (option.letter != 0) line.append("-").append(1, option.letter).append(", ");
    line.append("--").append(option.spec.name);
    if (!is_switch(option)) line.append(" ").append(option.value_name);
    line.append(line.size() < kColumn - 1 ? kColumn - line.size() : 2, ' ');
    out.append(line).append(option.spec.help);
    if (!is_switch(option) && option.spec.default_text != nullptr) {
      out.append(" (default: ").append(option.spec.default_text).append(")");
    }
    out += '\n';
  }
  return out;
}

}  // namespace gnocchi::service
