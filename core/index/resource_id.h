#pragma once

#include <string_view>

#include "gnocchi/types.h"

namespace gnocchi::index {

/// The id under which a resource is stored that its client calls `original`: the UUID that it is,
/// or else a name-based one (version 5) of name and creator, so that two creators may use one name.
/// Throws Refused{invalid_value, resource} for names with '/' and for names over 255 characters.
ResourceId resource_id(std::string_view original, std::string_view creator);

/// Characters, not bytes, of a UTF-8 text.
std::size_t count_characters(std::string_view utf8) noexcept;

}  // namespace gnocchi::index
