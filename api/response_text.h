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

/// An answer as it goes over the wire: status line, the response's own headers, Content-Length,
/// Date, Connection where it is needed, body. Line ends in header values become spaces.
std::string response_text(const Response& response, const ResponseForm& form);

}  // namespace gnocchi::api
