#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "api/cors.h"
#include "api/http.h"
#include "api/route_stats.h"
#include "api/router.h"
#include "api/server.h"
#include "core/config/config.h"
#include "gnocchi/auth.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::api {

/// Everything between the socket and the controllers: request ids, proxy headers, CORS,
/// authentication, routing, the form of errors, the log. No sockets here: a server hands requests
/// over, and so do tests.
///
/// Any number of threads may call its methods at once. Config, drivers and log outlive it.
class Application {
 public:
  Application(const config::Config& config, AuthenticatorDriver& authenticator,
              IncomingDriver& incoming, Router router, plugin::Log& log);

  /// The answer, whatever happens: it does not throw, short of memory running out. The body of an
  /// answer to HEAD is left in, for its length; the server sends none.
  Response handle(Request request);
  /// The same in two steps: an answer that brings a few measures is left unfinished, for these to
  /// be kept together with those of other requests.
  Handled begin(Request request);
  void finish(std::span<Handled> answers);

  /// Requests by route, method and status. Any thread.
  void describe(stats::Text& text) const { stats_.describe(text); }

 private:
  struct Begun;

  template <class Work>
  Response guard(const Request& request, Work work);
  void keep(std::span<Handled> answers);
  void keep_alone(Handled& answer, std::span<const Bundle> measures);
  void fail(Handled& answer);
  void finish(const Begun& begun, Response& response);
  Response dispatch(Request& request, std::optional<std::size_t>& route);
  /// The whole answer, where the authenticator gives one; else the identity is the request's.
  std::optional<Response> authenticate(Request& request);
  std::variant<Identity, Challenge> ask_authenticator(const Request& request);
  void log_access(const Request& request, const Response& response, long long elapsed_us);

  AuthenticatorDriver& authenticator_;
  IncomingDriver& incoming_;
  const Router router_;
  RouteStats stats_;
  const Cors cors_;
  plugin::Log& log_;
  const bool proxy_headers_;
};

}  // namespace gnocchi::api
