#include "api/archive_policy_body.h"

#include <charconv>
#include <cmath>

#include "api/utf8.h"
#include "core/index/timespan.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

// The columns' width in the index.
constexpr std::size_t kMaxNameCharacters = 255;
constexpr std::int64_t kMaxBackWindow = INT32_MAX;

/// What Python's int() makes of a text.
std::optional<std::int64_t> parse_int(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\r\f\v";
  const auto begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// An int, or what can be made one: a float is cut, a text read, true is 1.
std::int64_t read_int(const JsonView& view, std::int64_t min, std::int64_t max) {
  const auto& value = view.value();
  std::optional<std::int64_t> number;
  if (value.IsBool()) {
    number = value.GetBool() ? 1 : 0;
  } else if (value.IsInt64()) {
    number = value.GetInt64();
  } else if (value.IsNumber() && std::isfinite(value.GetDouble())) {
    const double real = value.GetDouble();
    number = real >= 9.2e18    ? INT64_MAX
             : real <= -9.2e18 ? INT64_MIN
                               : static_cast<std::int64_t>(real);
  } else if (value.IsString()) {
    number = parse_int({value.GetString(), value.GetStringLength()});
  }
  if (!number) view.refuse("expected int");
  if (*number < min) view.refuse("value must be at least " + std::to_string(min));
  if (*number > max) view.refuse("value must be at most " + std::to_string(max));
  return *number;
}

Timespan read_timespan(const JsonView& view) {
  const auto& value = view.value();
  try {
    if (value.IsString()) {
      return index::to_timespan(std::string_view(value.GetString(), value.GetStringLength()));
    }
    if (value.IsNumber()) return index::to_timespan(value.GetDouble());
    if (value.IsBool()) return index::to_timespan(value.GetBool() ? 1.0 : 0.0);
  } catch (const Refused& refused) {
    view.refuse(refused.what());
  }
  view.refuse(value.IsNull() ? "Invalid timespan" : "Unable to parse timespan");
}

index::DefinitionItem read_item(const JsonView& view) {
  index::DefinitionItem item;
  view.each_member([&](std::string_view name, const JsonView& value) {
    if (name == "granularity") {
      item.granularity = read_timespan(value);
    } else if (name == "points") {
      item.points = static_cast<std::uint64_t>(read_int(value, 1, INT64_MAX));
    } else if (name == "timespan") {
      item.timespan = read_timespan(value);
    } else {
      throw invalid_input("extra keys not allowed", value.path());
    }
  });
  return item;
}

std::vector<index::DefinitionItem> read_definition(const JsonView& view) {
  std::vector<index::DefinitionItem> items;
  view.each_item([&](const JsonView& item) { items.push_back(read_item(item)); });
  if (items.empty()) view.refuse("length of value must be at least 1");
  return items;
}

std::uint32_t read_back_window(const JsonView& view) {
  return static_cast<std::uint32_t>(read_int(view, 0, kMaxBackWindow));
}

std::vector<std::string> read_methods(const JsonView& view) {
  std::vector<std::string> methods;
  view.each_item([&](const JsonView& item) {
    const auto& value = item.value();
    if (!value.IsString() || !index::is_aggregation_choice(value.GetString())) {
      item.refuse("not a valid value");
    }
    methods.emplace_back(value.GetString());
  });
  return methods;
}

}  // namespace

std::string read_name(const JsonView& value) {
  std::string name = value.text();
  std::size_t characters = 0;
  for (std::string_view rest = name; !rest.empty(); ++characters) {
    rest.remove_prefix(decode_utf8(rest).size);
  }
  if (characters == 0) value.refuse("length of value must be at least 1");
  if (characters > kMaxNameCharacters) {
    value.refuse("length of value must be at most " + std::to_string(kMaxNameCharacters));
  }
  return name;
}

ArchivePolicyBody read_archive_policy(const JsonView& body) {
  ArchivePolicyBody policy;
  body.each_member([&](std::string_view name, const JsonView& value) {
    if (name == "name") {
      policy.name = read_name(value);
    } else if (name == "back_window") {
      policy.back_window = read_back_window(value);
    } else if (name == "aggregation_methods") {
      policy.aggregation_methods = read_methods(value);
    } else if (name == "definition") {
      policy.definition = read_definition(value);
    } else {
      throw invalid_input("extra keys not allowed", value.path());
    }
  });
  static_cast<void>(body.member("name"));
  static_cast<void>(body.member("definition"));
  return policy;
}

ArchivePolicyChange read_archive_policy_change(const JsonView& body) {
  ArchivePolicyChange change;
  body.each_member([&](std::string_view name, const JsonView& value) {
    if (name == "definition") {
      change.definition = read_definition(value);
    } else if (name == "back_window") {
      change.back_window = read_back_window(value);
    } else {
      throw invalid_input("extra keys not allowed", value.path());
    }
  });
  if (!change.back_window) static_cast<void>(body.member("definition"));
  return change;
}

}  // namespace gnocchi::api
