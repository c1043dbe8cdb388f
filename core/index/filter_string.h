#pragma once

#include <string_view>

#include "core/index/filter_tree.h"

namespace gnocchi::index {

/// Parses the string form of a search:
///
///   expression  all of: not EXPR | EXPR and EXPR (also U+2227) | EXPR or EXPR (U+2228) | (EXPR) |
///               FIELD OPERATOR VALUE; `not` binds closest, then `and`, then `or`
///   FIELD       a word (letter, then letters, digits, '_') or a quoted string
///   OPERATOR    = != < > <= >= eq ne lt gt le ge like in, U+2260, U+2264, U+2265
///   VALUE       'text', "text" (no escapes), number, uuid, true, false, null, none, a word, which
///               is text, or, of `in`, [VALUE, ...]
///
/// Throws Refused{invalid_value, none, "Invalid filter: Expected ..."} naming the place.
FilterTree parse_filter(std::string_view text);

}  // namespace gnocchi::index
