#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace gnocchi::api {

/// The media type among `offers` that an Accept header likes best; of equally liked ones the first
/// offered. No header, or one that is malformed, likes all; nullopt: none will do. Parameters other
/// than q are not compared.
std::optional<std::string_view> negotiate(std::optional<std::string_view> accept,
                                          std::span<const std::string_view> offers);

/// Whether an answer in JSON will do. Gnocchi's framework takes a browser's "text/html,..." as
/// content with anything, and so do we.
bool accepts_json(std::optional<std::string_view> accept);

}  // namespace gnocchi::api
