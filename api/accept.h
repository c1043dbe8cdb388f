#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "api/http.h"

namespace gnocchi::api {

/// The media type among `offers` that an Accept header likes best; of equally liked ones the first
/// offered. No header, or one that is malformed, likes all; nullopt: none will do. Parameters other
/// than q are not compared.
std::optional<std::string_view> negotiate(std::optional<std::string_view> accept,
                                          std::span<const std::string_view> offers);

/// The form of rows that an Accept header likes best: application/x-ndjson, text/csv, or JSON, also
/// where it likes JSON as well or none of the three.
RowForm preferred_rows(std::optional<std::string_view> accept);

/// Whether an answer in JSON will do. Gnocchi's framework takes a browser's "text/html,..." as
/// content with anything, and so do we.
bool accepts_json(std::optional<std::string_view> accept);

/// The value of a parameter of the first media range, quotes taken off; nullopt: it has none.
std::optional<std::string_view> accept_parameter(std::string_view accept, std::string_view name);

}  // namespace gnocchi::api
