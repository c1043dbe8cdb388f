#pragma once

#include <string_view>

namespace gnocchi::api {

/// The OpenAPI 3.1 document of all routes, built in from api/openapi.json.
std::string_view openapi_document() noexcept;

}  // namespace gnocchi::api
