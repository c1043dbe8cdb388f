#pragma once

#include <string_view>

namespace gnocchi::index {

/// Python's fnmatch.fnmatchcase: '*', '?', '[a-z]', '[!a-z]', no escape character. Both are UTF-8
/// and are compared by characters. Linear in the name for each '*'. Pure; any thread.
bool fnmatch(std::string_view name, std::string_view pattern) noexcept;

}  // namespace gnocchi::index
