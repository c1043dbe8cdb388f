#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace gnocchi::policy {

/// The rules in force where no policy file says otherwise: those of Gnocchi 4.7, name and text.
std::span<const std::pair<std::string_view, std::string_view>> default_rules() noexcept;

}  // namespace gnocchi::policy
