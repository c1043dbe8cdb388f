#include "api/application.h"

#include <chrono>

#include "api/accept.h"
#include "api/error_pages.h"
#include "api/errors.h"
#include "api/proxy_headers.h"
#include "core/log/log.h"
#include "gnocchi/error.h"
#include "gnocchi/types.h"

namespace gnocchi::api {
namespace {

// Enough for a database to be restarted or a lock to be given back; clients add their own back-off.
constexpr char kRetryAfterSeconds[] = "2";

/// Where a controller has not chosen itself: Gnocchi's statuses.
int status_of(const Refused& refused) {
  using Reason = Refused::Reason;
  using Subject = Refused::Subject;
  switch (refused.reason()) {
    case Reason::already_exists: return 409;
    case Reason::no_such_parent:
      // A policy that a metric or a rule names is a fault of the body, anything else of the URL.
      return refused.subject() == Subject::archive_policy ? 400 : 404;
    case Reason::still_in_use:
    case Reason::invalid_state:
    case Reason::invalid_value: break;
  }
  return 400;
}

HttpError busy(std::string sentence = {}) {
  Headers headers;
  headers.set("Retry-After", kRetryAfterSeconds);
  return HttpError(503, Detail{std::move(sentence)}, std::move(headers));
}

bool may_pass(const Error& error) {
  return error.code() == Error::Code::unavailable || error.code() == Error::Code::timed_out;
}

std::string outline(const Request& request) {
  return "method=" + request.method + " path=" + request.raw_path;
}

std::string failure(const Request& request, const Error& error) {
  return "request failed " + outline(request) + " code=" + to_string(error.code()) + " reason=\"" +
         error.what() + "\"";
}

/// Answers of controllers get what they left out. An empty 200 is a 204, as everywhere in Gnocchi.
void complete(Response& response) {
  // A form without rows is no absence of an answer.
  const bool nothing = response.body.empty() && !response.headers.get("Content-Type");
  if (response.status == 200 && nothing) response.status = 204;
  if (response.status == 204 || response.status == 304) {
    response.headers.remove("Content-Type");
  } else if (!response.headers.get("Content-Type")) {
    response.headers.set("Content-Type", "application/json");
  }
}

/// What Accept says of answers. From then on errors are in JSON, as who asks for rows wants them.
void choose_form(Request& request, bool rows) {
  const auto accept = request.headers.get("Accept");
  if (rows) request.form = preferred_rows(accept);
  if (request.form != RowForm::json) {
    request.headers.set("Accept", "application/json");
  } else if (!accepts_json(accept)) {
    throw HttpError(406);
  }
}

}  // namespace

Application::Application(const config::Config& config, AuthenticatorDriver& authenticator,
                         Router router, plugin::Log& log)
    : authenticator_(authenticator),
      router_(std::move(router)),
      stats_(router_.routes()),
      cors_(config),
      log_(log),
      proxy_headers_(config.boolean("api", "enable_proxy_headers_parsing")) {}

Response Application::handle(Request request) {
  const auto begin = std::chrono::steady_clock::now();
  request.request_id = "req-" + Uuid::random().to_string();
  if (proxy_headers_) apply_proxy_headers(request);
  Response response;
  std::optional<std::size_t> route;
  const log::RequestScope scope(request.request_id);
  try {
    response = dispatch(request, route);
  } catch (const HttpError& error) {
    response = render_error(request, error);
  } catch (const Refused& refused) {
    response = render_error(request, HttpError(status_of(refused), refused.what()));
  } catch (const Error& error) {
    log_.error(failure(request, error));
    response = render_error(request, may_pass(error) ? busy() : HttpError(500));
  } catch (const std::exception& error) {
    log_.error("request failed " + outline(request) + " code=internal reason=\"" + error.what() +
               "\"");
    response = render_error(request, HttpError(500));
  }
  cors_.decorate(request, response);
  response.headers.set("X-Openstack-Request-Id", request.request_id);
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  stats_.count(route, request.method, response.status, elapsed);
  log_access(request, response,
             std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
  return response;
}

Response Application::dispatch(Request& request, std::optional<std::size_t>& route) {
  Response response;
  if (request.method == "OPTIONS") return response;
  const auto match = router_.find(request.method, request.raw_path);
  route = match.route;
  // Deletions answer without content, so that any Accept will do.
  const bool open_form = match.open || request.method == "DELETE";
  if (!open_form) choose_form(request, match.rows);
  if (!match.open) {
    if (auto refusal = authenticate(request)) return std::move(*refusal);
  }
  (*match.handler)(request, match.arguments, response);
  if (!match.open) complete(response);
  return response;
}

std::optional<Response> Application::authenticate(Request& request) {
  auto verdict = ask_authenticator(request);
  auto* challenge = std::get_if<Challenge>(&verdict);
  if (challenge == nullptr) {
    request.identity = std::get<Identity>(std::move(verdict));
    return std::nullopt;
  }
  Headers headers;
  for (auto& [name, value] : challenge->headers) headers.add(name, std::move(value));
  if (challenge->body.empty()) {
    throw HttpError(challenge->status, Detail{std::move(challenge->message), false},
                    std::move(headers));
  }
  return Response{challenge->status, std::move(headers), std::move(challenge->body)};
}

std::variant<Identity, Challenge> Application::ask_authenticator(const Request& request) {
  RequestHead head{request.method, request.raw_path, {}};
  head.headers.reserve(request.headers.all().size());
  for (const auto& [name, value] : request.headers.all()) head.headers.emplace_back(name, value);
  try {
    return authenticator_.authenticate(head);
  } catch (const Error& error) {
    if (!may_pass(error)) throw;
    // Clients shall not take it for an overload of Gnocchi's own.
    log_.error(failure(request, error));
    throw busy("The identity service is temporarily unavailable.");
  }
}

void Application::log_access(const Request& request, const Response& response,
                             long long elapsed_us) {
  const auto level = response.status >= 500 ? plugin::Log::Level::info : plugin::Log::Level::debug;
  if (!log_.enabled(level)) return;
  log_.write(level, "peer=" + request.peer + " method=" + request.method +
                        " path=" + request.raw_path + " status=" + std::to_string(response.status) +
                        " bytes=" + std::to_string(response.body.size()) +
                        " elapsed_us=" + std::to_string(elapsed_us));
}

}  // namespace gnocchi::api
