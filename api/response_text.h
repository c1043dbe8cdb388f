#pragma once

#include <string>
#include <string_view>

#include "api/http.h"

namespace gnocchi::api {

struct ResponseForm {
  bool without_body = false;  ///< the answer to HEAD: Content-Length tells of a body not sent
  bool keep_alive = true;
  bool http_1_0 = false;
};

/// What goes over the wire before the body: status line, the response's own headers,
/// Content-Length, Date, Connection where it is needed, an empty line. Line ends in header values
/// become spaces.
std::string response_head(const Response& response, const ResponseForm& form);
/// Whether the body is sent as well.
bool has_body(const Response& response, const ResponseForm& form);

}  // namespace gnocchi::api
