#include "api/application.h"

#include <chrono>
#include <iterator>
#include <numeric>

#include "api/accept.h"
#include "api/error_pages.h"
#include "api/errors.h"
#include "api/proxy_headers.h"
#include "api/request_id.h"
#include "core/log/log.h"
#include "gnocchi/error.h"
#include "gnocchi/types.h"

namespace gnocchi::api {
namespace {

// Enough for a database to be restarted or a lock to be given back; clients add their own back-off.
constexpr char kRetryAfterSeconds[] = "2";

// Beyond, an append costs more than what is the same for each, and who waits for others is late.
constexpr std::size_t kMostSharedBytes = 1024;

// A backend that is full, if only for one of several requests, says so at once; one that does not
// answer is not asked again for each of them.
constexpr std::chrono::milliseconds kRefusesWithin{100};

std::size_t bytes_of(std::span<const Bundle> bundles) {
  return std::accumulate(
      bundles.begin(), bundles.end(), std::size_t{0},
      [](std::size_t sum, const Bundle& bundle) { return sum + bundle.data.size(); });
}

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

/// A request whose answer is under way.
struct Application::Begun : Unfinished {
  explicit Begun(Request&& of) : request(std::move(of)) {}

  Request request;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  std::optional<std::size_t> route;
};

Application::Application(const config::Config& config, AuthenticatorDriver& authenticator,
                         IncomingDriver& incoming, Router router, plugin::Log& log)
    : authenticator_(authenticator),
      incoming_(incoming),
      router_(std::move(router)),
      stats_(router_.routes()),
      cors_(config),
      log_(log),
      proxy_headers_(config.boolean("api", "enable_proxy_headers_parsing")) {}

Response Application::handle(Request request) {
  Handled answer = begin(std::move(request));
  if (answer.rest) finish({&answer, 1});
  return std::move(answer.response);
}

Handled Application::begin(Request request) {
  auto begun = std::make_unique<Begun>(std::move(request));
  Request& mine = begun->request;
  mine.request_id = new_request_id();
  if (proxy_headers_) apply_proxy_headers(mine);
  const log::RequestScope scope(mine.request_id);
  Handled answer(guard(mine, [&] { return dispatch(mine, begun->route); }));
  if (answer.response.measures.empty()) {
    finish(*begun, answer.response);
    return answer;
  }
  answer.rest = std::move(begun);
  // Others shall not wait for what takes long.
  if (bytes_of(answer.response.measures) > kMostSharedBytes) finish({&answer, 1});
  return answer;
}

void Application::finish(std::span<Handled> answers) {
  keep(answers);
  for (Handled& answer : answers) {
    finish(static_cast<const Begun&>(*answer.rest), answer.response);
    answer.rest.reset();
  }
}

void Application::keep(std::span<Handled> answers) {
  std::vector<Bundle> all;
  std::vector<std::size_t> ends;
  for (Handled& answer : answers) {
    auto& own = answer.response.measures;
    all.insert(all.end(), std::move_iterator(own.begin()), std::move_iterator(own.end()));
    ends.push_back(all.size());
    own.clear();
  }
  const auto begin = std::chrono::steady_clock::now();
  try {
    incoming_.append(all);
  } catch (...) {
    if (answers.size() == 1 || std::chrono::steady_clock::now() - begin > kRefusesWithin) {
      for (Handled& answer : answers) fail(answer);
      return;
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const std::size_t first = i == 0 ? 0 : ends[i - 1];
      keep_alone(answers[i], std::span(all).subspan(first, ends[i] - first));
    }
  }
}

void Application::keep_alone(Handled& answer, std::span<const Bundle> measures) {
  try {
    incoming_.append(measures);
  } catch (...) {
    fail(answer);
  }
}

/// Within the handler of what has failed.
void Application::fail(Handled& answer) {
  const Request& request = static_cast<const Begun&>(*answer.rest).request;
  const log::RequestScope scope(request.request_id);
  answer.response = guard(request, []() -> Response { throw; });
}

/// The response that `work` makes, or the one that its failure calls for.
template <class Work>
Response Application::guard(const Request& request, Work work) {
  try {
    return work();
  } catch (const HttpError& error) {
    return render_error(request, error);
  } catch (const Refused& refused) {
    return render_error(request, HttpError(status_of(refused), refused.what()));
  } catch (const Error& error) {
    log_.error(failure(request, error));
    return render_error(request, may_pass(error) ? busy() : HttpError(500));
  } catch (const std::exception& error) {
    log_.error("request failed " + outline(request) + " code=internal reason=\"" + error.what() +
               "\"");
    return render_error(request, HttpError(500));
  }
}

void Application::finish(const Begun& begun, Response& response) {
  cors_.decorate(begun.request, response);
  response.headers.set("X-Openstack-Request-Id", begun.request.request_id);
  const auto elapsed = std::chrono::steady_clock::now() - begun.since;
  stats_.count(begun.route, begun.request.method, response.status, elapsed);
  log_access(begun.request, response,
             std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
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
  return Response{challenge->status, std::move(headers), std::move(challenge->body), {}};
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
