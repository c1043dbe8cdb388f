#pragma once

#include <string_view>

#include "api/errors.h"
#include "api/http.h"

namespace gnocchi::api {

/// "Not Found", ...; "" for statuses that are not in use here.
std::string_view status_title(int status) noexcept;

/// The answer to a request that ended in `error`, in the form that its Accept header asks for:
/// {"code", "title", "description"} where JSON is preferred, an HTML page for browsers and "*/*",
/// plain text where there is no Accept header or none fits. Never throws.
Response render_error(const Request& request, const HttpError& error);

}  // namespace gnocchi::api
