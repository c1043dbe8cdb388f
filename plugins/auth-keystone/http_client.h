#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deadline.h"
#include "socket.h"
#include "tls_context.h"

namespace gnocchi::keystone {

struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< JSON; empty: none
};

struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The first header of this name, in any case.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// HTTP/1.1 with JSON, over connections that are kept. Any thread.
///
/// A kept connection that the server has closed meanwhile is replaced at once. Other failures of
/// the network are tried again, with growing pauses, as often as `retries` and the deadline allow.
class HttpClient {
 public:
  /// `tls` may be null until an https URL is asked for.
  HttpClient(const TlsContext* tls, int retries) : tls_(tls), retries_(retries) {}

  /// Throws Error{unavailable|timed_out}; an answer of any status is an answer.
  HttpAnswer send(const HttpRequest& request, const Deadline& deadline);

 private:
  struct Target;
  using SocketPtr = std::unique_ptr<Socket>;
  struct Idle {
    SocketPtr socket;
    std::chrono::steady_clock::time_point since;
  };

  HttpAnswer attempt(const Target& target, const HttpRequest& request, const Deadline& deadline);
  /// Null: none is kept that still lives.
  SocketPtr take(const std::string& origin);
  void keep(const std::string& origin, SocketPtr socket);
  void forget(const std::string& origin);

  const TlsContext* tls_;
  const int retries_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Idle>> idle_;
};

}  // namespace gnocchi::keystone
