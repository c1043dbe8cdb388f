#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gnocchi/resource.h"
#include "gnocchi/types.h"

/// What resource types may look like, and what their attributes may hold. Pure functions; every
/// refusal is Refused{invalid_value, attribute} with Gnocchi's reason ("expected str", ...).
namespace gnocchi::index {

/// Longest string that an attribute may be declared with: what Gnocchi 4.7 allows (4.4: 255).
inline constexpr std::uint32_t kMaxStringLength = 256;
/// The one of strings declared without.
inline constexpr std::uint32_t kDefaultMaxStringLength = 255;

/// Lists and objects are nullopt: no attribute takes them.
using GivenValue = std::optional<Value>;

/// The value of an attribute as it is stored. `now`: what relative times count from.
Value check_attribute(const AttributeSpec& spec, const GivenValue& given, Timestamp now);

/// A point in time as resources keep it: text in any form that measures take, or seconds.
Timestamp check_datetime(const GivenValue& given, Timestamp now);

/// "Resource attribute name X is invalid": reserved, empty, over 63 characters, or not made of
/// letters, digits, '_', '-', '.' and ' ' with a letter or digit first.
void check_attribute_name(std::string_view name);

/// Two attributes whose names differ in case only cannot both be columns.
void check_attribute_names(const std::map<std::string, AttributeSpec>& attributes);

/// "Resource attribute value min (or min_length) ... must be less than or equal to max ...".
void check_attribute_bounds(const AttributeSpec& spec);

/// The value for existing resources when attribute `name` is added to their type; monostate if none
/// is given and none is needed. Refusals start "Option 'fill' of resource attribute NAME ...".
Value check_fill(std::string_view name, const AttributeSpec& spec, const GivenValue& fill,
                 Timestamp now);

/// Names of resource types are path segments: not empty, no '/', at most 255 characters.
void check_type_name(std::string_view name);

/// 10, 2.5: the shortest digits, whole numbers without a point.
std::string number_text(double value);

}  // namespace gnocchi::index
