#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gnocchi::config {

/// The candidate that a mistyped name most likely means; empty if none is near.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace gnocchi::config
