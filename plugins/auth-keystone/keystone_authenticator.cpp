#include "keystone_authenticator.h"

#include <algorithm>
#include <string>

#include "access_rules.h"
#include "gnocchi/error.h"
#include "http_client.h"
#include "identity_service.h"
#include "tls_context.h"
#include "token_validator.h"

namespace gnocchi::keystone {
namespace {

// The very words of keystonemiddleware.
constexpr char kRefusal[] = R"({"error": {"code": 401, "title": "Unauthorized", )"
                            R"("message": "The request you have made requires authentication."}})";

std::string_view stripped(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string_view user_token(const RequestHead& head) {
  const auto token = head.header("X-Auth-Token");
  return stripped(token ? *token : head.header("X-Storage-Token").value_or(""));
}

/// Only a web server that has done the authentication itself could know whether a binding holds;
/// here none has.
bool binding_holds(const Token& token, const TokenBind& wanted) {
  using Mode = TokenBind::Mode;
  switch (wanted.mode) {
    case Mode::disabled: return true;
    case Mode::permissive:
      return std::find(token.bindings.begin(), token.bindings.end(), "kerberos") ==
             token.bindings.end();
    case Mode::strict: return token.bindings.empty();
    case Mode::required:
    case Mode::named: break;
  }
  return false;
}

}  // namespace

/// What lives from start() to stop().
struct KeystoneAuthenticator::Running {
  Running(const Settings& settings, plugin::Log& log)
      : tls(settings.tls),
        http(&tls, settings.retries),
        service(settings, http, log),
        validator(settings, service, log) {}

  TlsContext tls;
  HttpClient http;
  IdentityService service;
  TokenValidator validator;
};

KeystoneAuthenticator::KeystoneAuthenticator(const plugin::Context& context)
    : settings_(read_settings(context.options, context.log)), log_(context.log) {}

KeystoneAuthenticator::~KeystoneAuthenticator() = default;

void KeystoneAuthenticator::start() {
  running_ = std::make_unique<Running>(settings_, log_);
  try {
    running_->service.log_in();
  } catch (const Error& error) {
    log_.error(std::string("event=keystone_login_failed reason=\"") + error.what() +
               "\" (requests are answered 503 until it succeeds)");
  }
}

void KeystoneAuthenticator::stop() noexcept { running_.reset(); }

std::variant<Identity, Challenge> KeystoneAuthenticator::authenticate(const RequestHead& head) {
  TokenPtr service;
  const bool service_good = check_service(head, service);
  const std::string_view text = user_token(head);
  const TokenPtr user =
      text.empty() || !service_good ? nullptr : check_user(head, text, service.get());
  if (!user) {
    if (log_.enabled(plugin::Log::Level::debug)) {
      log_.debug(std::string("event=not_authenticated reason=") + (!service_good  ? "service_token"
                                                                   : text.empty() ? "no_token"
                                                                                  : "token"));
    }
    return refuse();
  }
  Identity who = user->identity;
  if (service) {
    for (auto& attribute : service_attributes(*service)) {
      who.attributes.push_back(std::move(attribute));
    }
  }
  return who;
}

bool KeystoneAuthenticator::check_service(const RequestHead& head, TokenPtr& service) {
  const std::string_view text = stripped(head.header("X-Service-Token").value_or(""));
  if (text.empty()) return true;
  TokenPtr token = running_->validator.validate(text, false);
  if (!token || !binding_holds(*token, settings_.bind)) return false;
  if (!has_service_role(*token)) {
    if (settings_.service_roles_required) return false;
    if (!warned_of_service_.exchange(true)) {
      log_.warning(
          "event=service_token_without_role user_id=" + *token->identity.user_id +
          " reason=\"a service token has none of service_token_roles; it counts nevertheless, "
          "as service_token_roles_required is false\"");
    }
  }
  service = std::move(token);
  return true;
}

bool KeystoneAuthenticator::has_service_role(const Token& service) const {
  const auto& roles = service.identity.roles;
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
    return std::find(settings_.service_roles.begin(), settings_.service_roles.end(), role) !=
           settings_.service_roles.end();
  });
}

TokenPtr KeystoneAuthenticator::check_user(const RequestHead& head, std::string_view text,
                                           const Token* service) {
  // A service may finish what it has begun for a user whose token has ended meanwhile.
  TokenPtr token =
      running_->validator.validate(text, service != nullptr && has_service_role(*service));
  if (!token) return nullptr;
  const std::string_view path = head.path.substr(0, head.path.find('?'));
  if (!allowed_by_access_rules(*token, head.method, path, settings_.service_type,
                               service != nullptr)) {
    log_.info("event=access_rules_refuse user_id=" + *token->identity.user_id +
              " method=" + std::string(head.method) + " path=" + std::string(path) +
              " service_type=" + settings_.service_type);
    return nullptr;
  }
  // The service vouches for whom it acts for.
  if (service == nullptr && !binding_holds(*token, settings_.bind)) return nullptr;
  return token;
}

std::variant<Identity, Challenge> KeystoneAuthenticator::refuse() const {
  if (settings_.delay_auth_decision) {
    Identity nobody;
    nobody.creator = ":";  // user:project, both unknown
    return nobody;
  }
  return Challenge{401,
                   "The request you have made requires authentication.",
                   {{"WWW-Authenticate", "Keystone uri=\"" + settings_.www_authenticate_uri + "\""},
                    {"Content-Type", "application/json"}},
                   kRefusal};
}

}  // namespace gnocchi::keystone
