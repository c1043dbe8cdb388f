#pragma once

#include <string>

#include "http_client.h"
#include "socket.h"

namespace gnocchi::keystone {

/// The bytes of a request for `path` at `host` ("keystone:5000").
std::string request_text(const HttpRequest& request, const std::string& host,
                         const std::string& path);

struct ReceivedAnswer {
  HttpAnswer answer;
  bool reusable = false;  ///< the server keeps the connection
};

/// Reads one answer. Throws NetworkFailure for what is no HTTP, or too large.
ReceivedAnswer receive_answer(Socket& socket);

}  // namespace gnocchi::keystone
