#pragma once

#include "api/http.h"
#include "core/query/operations.h"

namespace gnocchi::api {

/// {"operations": text or nested lists}. Throws HttpError 415 and 400: {"cause": "Invalid
/// operations", ...} for a text that cannot be parsed, {"cause": "Invalid input", ...} for what is
/// no operation, {"cause": "Operations is invalid", ...} where there is no metric in it.
query::Operation read_operations(const Request& request);

}  // namespace gnocchi::api
