#include "core/index/resource_schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "core/index/resource_id.h"
#include "core/index/timestamps.h"
#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

constexpr std::size_t kMaxAttributeName = 63;
constexpr std::size_t kMaxTypeName = 255;

// Columns or JSON keys that every resource has.
constexpr std::array<std::string_view, 15> kReserved{"id",
                                                     "type",
                                                     "metrics",
                                                     "revision",
                                                     "revision_start",
                                                     "revision_end",
                                                     "started_at",
                                                     "ended_at",
                                                     "user_id",
                                                     "project_id",
                                                     "created_by_user_id",
                                                     "created_by_project_id",
                                                     "get_metric",
                                                     "creator",
                                                     "original_resource_id"};

[[noreturn]] void refuse(const std::string& reason) {
  throw Refused(Refused::Reason::invalid_value, Refused::Subject::attribute, reason);
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

Value check_string(const AttributeSpec& spec, const GivenValue& given) {
  const auto* text = given ? std::get_if<std::string>(&*given) : nullptr;
  if (!text) refuse("expected str");
  const std::size_t length = count_characters(*text);
  if (spec.min_length && length < *spec.min_length) {
    refuse("length of value must be at least " + std::to_string(*spec.min_length));
  }
  if (spec.max_length && length > *spec.max_length) {
    refuse("length of value must be at most " + std::to_string(*spec.max_length));
  }
  return *text;
}

Value check_number(const AttributeSpec& spec, const GivenValue& given) {
  double number = 0;
  if (!given) refuse("expected Real");
  if (const auto* real = std::get_if<double>(&*given)) {
    number = *real;
  } else if (const auto* whole = std::get_if<std::int64_t>(&*given)) {
    number = static_cast<double>(*whole);
  } else if (const auto* truth = std::get_if<bool>(&*given)) {
    number = *truth ? 1 : 0;
  } else {
    refuse("expected Real");
  }
  if (!std::isfinite(number)) refuse("expected Real, not NaN or infinity");
  if (spec.min && number < *spec.min) refuse("value must be at least " + number_text(*spec.min));
  if (spec.max && number > *spec.max) refuse("value must be at most " + number_text(*spec.max));
  return number;
}

Value check_uuid(const GivenValue& given) {
  if (given) {
    if (const auto* id = std::get_if<Uuid>(&*given)) return *id;
    const auto* text = std::get_if<std::string>(&*given);
    if (const auto id = text ? Uuid::parse(*text) : std::nullopt) return *id;
  }
  refuse("badly formed hexadecimal UUID string");
}

}  // namespace

Timestamp check_datetime(const GivenValue& given, Timestamp now) {
  if (!given) refuse("Unable to convert timestamps");
  std::string text;
  if (const auto* given_text = std::get_if<std::string>(&*given)) {
    text = *given_text;
  } else if (const auto* whole = std::get_if<std::int64_t>(&*given)) {
    text = std::to_string(*whole);
  } else if (const auto* real = std::get_if<double>(&*given)) {
    std::array<char, 32> digits{};
    text.assign(digits.data(), std::to_chars(digits.begin(), digits.end(), *real).ptr);
  } else if (const auto* time = std::get_if<Timestamp>(&*given)) {
    return *time;
  } else {
    refuse("Unable to convert timestamps");
  }
  try {
    return to_datetime(text, now);
  } catch (const Refused& fault) {
    refuse(fault.what());
  }
}

Value check_attribute(const AttributeSpec& spec, const GivenValue& given, Timestamp now) {
  switch (spec.type) {
    case AttributeType::string: return check_string(spec, given);
    case AttributeType::uuid: return check_uuid(given);
    case AttributeType::number: return check_number(spec, given);
    case AttributeType::boolean:
      if (!given || !std::holds_alternative<bool>(*given)) refuse("expected bool");
      return *given;
    case AttributeType::datetime: return check_datetime(given, now);
  }
  throw Error(Error::Code::internal, "attribute of a type that this version does not know");
}

void check_attribute_name(std::string_view name) {
  const bool characters = std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.' || c == ' ';
  });
  const std::string folded = lower(name);
  // Names of columns have no case: "ID" would clash with the table's own id.
  const bool reserved = std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end() ||
                        folded == "id" || folded == "revision";
  if (name.empty() || name.size() > kMaxAttributeName || !is_letter_or_digit(name[0]) ||
      !characters || name.back() == ' ' || reserved) {
    refuse("Resource attribute name " + std::string(name) + " is invalid");
  }
}

void check_attribute_names(const std::map<std::string, AttributeSpec>& attributes) {
  std::set<std::string> seen;
  for (const auto& [name, spec] : attributes) {
    if (!seen.insert(lower(name)).second) {
      refuse("Resource attribute name " + name + " is invalid: another differs in case only");
    }
  }
}

void check_attribute_bounds(const AttributeSpec& spec) {
  std::string low;
  std::string high;
  if (spec.type == AttributeType::string && spec.min_length && spec.max_length &&
      *spec.min_length > *spec.max_length) {
    low = std::to_string(*spec.min_length);
    high = std::to_string(*spec.max_length);
  } else if (spec.type == AttributeType::number && spec.min && spec.max && *spec.min > *spec.max) {
    low = number_text(*spec.min);
    high = number_text(*spec.max);
  } else {
    return;
  }
  refuse("Resource attribute value min (or min_length) " + low +
         " must be less  than or equal to max (or max_length) " + high + "!");
}

Value check_fill(std::string_view name, const AttributeSpec& spec, const GivenValue& fill,
                 Timestamp now) {
  const std::string prefix =
      "Option 'fill' of resource attribute " + std::string(name) + " is invalid: ";
  if (fill && std::holds_alternative<std::monostate>(*fill)) {
    if (spec.required) refuse(prefix + "must not be empty if required=True");
    return {};
  }
  try {
    return check_attribute(spec, fill, now);
  } catch (const Refused& fault) {
    refuse(prefix + fault.what());
  }
}

void check_type_name(std::string_view name) {
  if (name.empty()) refuse("length of value must be at least 1");
  if (count_characters(name) > kMaxTypeName) refuse("length of value must be at most 255");
  if (name.find('/') != std::string_view::npos) {
    refuse("'/' is not supported in resource type name");
  }
}

std::string number_text(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  return {digits.data(), end};
}

}  // namespace gnocchi::index
