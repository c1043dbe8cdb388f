#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "api/http.h"

namespace gnocchi::api {

/// What is left to do for an answer, and is better done for several at once.
class Unfinished {
 public:
  virtual ~Unfinished() = default;
};

/// What a handler has made of a request.
struct Handled {
  // Most are complete. NOLINTNEXTLINE(google-explicit-constructor)
  Handled(Response complete) : response(std::move(complete)) {}

  Response response;
  std::unique_ptr<Unfinished> rest;  ///< null: the response is complete
};

/// Answers one request. Called by many threads at once; must not throw.
using RequestHandler = std::function<Handled(Request)>;
/// Completes answers that the handler has left unfinished. As above, though a server calls it from
/// one thread at a time: the answers that come meanwhile are the next call's.
using Finisher = std::function<void(std::span<Handled>)>;

struct ServerOptions {
  std::string host = "0.0.0.0";
  std::uint16_t port = 8041;  ///< 0: any free one
  unsigned threads = 8;       ///< that run handlers
  std::size_t max_body_bytes = std::size_t{64} << 20;
  /// Of all requests and answers in memory together. One more body is refused with 503.
  std::size_t max_buffered_bytes = std::size_t{512} << 20;
  /// Beyond, those that have been idle for longest are closed, or, if none is, new ones wait.
  std::size_t max_connections = 100'000;
  /// Complete requests that wait for a thread. One more is answered with 503.
  std::size_t max_queued_requests = 10'000;

  std::chrono::milliseconds idle_timeout{75'000};  ///< between two requests of a connection
  std::chrono::milliseconds head_timeout{
      10'000};  ///< from a request's first byte to its last header
  /// What a body, or an answer, may take besides the time that min_bytes_per_s grants it.
  std::chrono::milliseconds transfer_timeout{15'000};
  std::size_t min_bytes_per_s = 1024;
  /// A request that found no thread for so long is answered with 503: its sender has likely gone.
  std::chrono::milliseconds queue_timeout{10'000};
  std::chrono::milliseconds stop_timeout{30'000};  ///< for requests in hand when the server stops
};

/// Serves HTTP/1.1 on one port.
class Server {
 public:
  virtual ~Server() = default;
  /// Throws Error{unavailable} if the address cannot be listened on.
  virtual void start() = 0;
  /// Accepts nothing more, finishes the requests in hand, closes. Idempotent.
  virtual void stop() noexcept = 0;
  virtual std::uint16_t port() const noexcept = 0;  ///< after start()
};

}  // namespace gnocchi::api
