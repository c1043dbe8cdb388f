#include "own_token.h"

#include <algorithm>
#include <utility>

#include "discovery.h"
#include "json.h"
#include "login.h"
#include "token.h"

namespace gnocchi::keystone {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

// keystoneauth's: a token that ends within two minutes is as good as ended.
constexpr auto kStale = std::chrono::seconds{120};
// So long nobody asks again after a failure, and a new token is not doubted: passwords that are
// wrong lock accounts.
constexpr auto kPause = std::chrono::seconds{1};

/// What Keystone says in an error; "" if it is not in Keystone's form.
std::string reason_in(const std::string& body) {
  const auto document = parse_json(body);
  if (document.HasParseError()) return {};
  const auto* error = member(document, "error");
  return error == nullptr ? std::string() : std::string(text_member(*error, "message"));
}

[[noreturn]] void refuse(const ServiceUser& user, const std::string& url,
                         const HttpAnswer& answer) {
  std::string what = "POST " + url + ": status " + std::to_string(answer.status);
  if (auto reason = reason_in(answer.body); !reason.empty()) what += ": " + reason;
  if (answer.status >= 400 && answer.status < 500) {
    what += "; Keystone does not accept the service's " + user.text() +
            ": check name, password or secret, domains and project in [keystone_authtoken]";
  }
  throw Error(Error::Code::unavailable, what);
}

}  // namespace

OwnToken::OwnToken(const Settings& settings, HttpClient& http, plugin::Log& log)
    : settings_(settings), http_(http), log_(log) {}

GrantPtr OwnToken::get(const Deadline& deadline) {
  std::unique_lock guard(mutex_);
  for (;;) {
    const auto now = system_clock::now();
    if (current_ && now < current_->renew_at) return current_;
    const bool usable = current_ && now < current_->expires_at;
    const bool just_failed = steady_clock::now() - failed_at_ < kPause;
    if (usable && (renewing_ || just_failed)) return current_;
    if (just_failed) throw Error(failed_code_, failed_reason_);
    if (!renewing_) {
      renewing_ = true;
      GrantPtr old = usable ? current_ : nullptr;
      guard.unlock();
      return renew(std::move(old), deadline);
    }
    if (renewed_.wait_until(guard, deadline.at()) == std::cv_status::timeout) {
      throw Error(Error::Code::timed_out, "waiting for a token of the service's own: timed out");
    }
  }
}

bool OwnToken::refused(const GrantPtr& grant) {
  const std::scoped_lock guard(mutex_);
  if (current_ != grant) return true;
  if (steady_clock::now() - grant->since < kPause) return false;
  current_ = nullptr;
  return true;
}

GrantPtr OwnToken::renew(GrantPtr old, const Deadline& deadline) {
  try {
    GrantPtr grant = log_in(deadline);
    const std::scoped_lock guard(mutex_);
    current_ = grant;
    failed_at_ = {};
    renewing_ = false;
    renewed_.notify_all();
    return grant;
  } catch (const Error& error) {
    note_failure(error.code(), error.what());
    if (!old) throw;
    log_.warning(std::string("event=keystone_renewal_failed reason=\"") + error.what() + "\"");
    return old;
  } catch (const std::exception& error) {
    note_failure(Error::Code::internal, error.what());
    throw;
  }
}

void OwnToken::note_failure(Error::Code code, const char* reason) {
  const std::scoped_lock guard(mutex_);
  failed_at_ = steady_clock::now();
  failed_code_ = code;
  failed_reason_ = reason;
  renewing_ = false;
  renewed_.notify_all();
}

GrantPtr OwnToken::log_in(const Deadline& deadline) {
  const std::string base = v3_url(http_, settings_.user.auth_url, deadline);
  const std::string url = base + "/auth/tokens";
  const HttpAnswer answer = http_.send({"POST", url, {}, login_body(settings_.user)}, deadline);
  if (answer.status != 201 && answer.status != 200) refuse(settings_.user, url, answer);
  const auto id = answer.header("X-Subject-Token");
  const TokenPtr token = parse_token(answer.body);
  if (!id || id->empty() || !token) {
    throw Error(Error::Code::unavailable, "POST " + url + ": the answer of " +
                                              std::to_string(answer.body.size()) +
                                              " bytes is no token's; is there a Keystone?");
  }
  Grant grant;
  grant.token = *id;
  grant.expires_at = token->expires_at;
  grant.since = steady_clock::now();
  const auto life = token->expires_at - system_clock::now();
  grant.renew_at = token->expires_at - std::min<system_clock::duration>(kStale, life / 4);
  const std::string endpoint =
      identity_endpoint(answer.body, settings_.interface, settings_.region);
  grant.endpoint = endpoint.empty() ? base : v3_url(http_, endpoint, deadline);
  log_.info("event=keystone_login as=\"" + settings_.user.text() + "\" auth_url=" + base +
            " endpoint=" + grant.endpoint);
  return std::make_shared<const Grant>(std::move(grant));
}

}  // namespace gnocchi::keystone
