#include "identity_service.h"

#include "gnocchi/error.h"

namespace gnocchi::keystone {
namespace {

[[noreturn]] void refuse(const Grant& grant, int status, const std::string& hint) {
  throw Error(Error::Code::unavailable, "validate a token at " + grant.endpoint + ": status " +
                                            std::to_string(status) + hint);
}

}  // namespace

IdentityService::IdentityService(const Settings& settings, HttpClient& http, plugin::Log& log)
    : settings_(settings), http_(http), log_(log), own_token_(settings, http, log) {}

template <class Call>
auto IdentityService::watched(Call call) {
  const Outage::Role role = outage_.enter();
  const auto began = Outage::Clock::now();
  try {
    auto result = call(Deadline(settings_.request_timeout));
    outage_.succeeded(role);
    return result;
  } catch (const Error& error) {
    outage_.failed(role, began, error);
    throw;
  } catch (...) {
    outage_.failed(role, began, Error(Error::Code::internal, "validating a token failed"));
    throw;
  }
}

std::optional<std::string> IdentityService::validate(std::string_view token, bool allow_expired) {
  // An answer of any status ends an outage: a token that makes Keystone stumble is nobody else's
  // trouble.
  auto [grant, answer] =
      watched([&](const Deadline& deadline) { return ask(token, allow_expired, deadline); });
  switch (answer.status) {
    case 200: return std::move(answer.body);
    case 404: return std::nullopt;
    case 401: refuse(*grant, 401, ": it refuses the token that it has just given the service");
    case 403:
      refuse(*grant, 403,
             ": the service's " + settings_.user.text() +
                 " may not validate tokens; it needs the role admin (or service)");
    default: refuse(*grant, answer.status, "");
  }
}

void IdentityService::log_in() {
  watched([&](const Deadline& deadline) { return own_token_.get(deadline); });
}

IdentityService::Asked IdentityService::ask(std::string_view token, bool allow_expired,
                                            const Deadline& deadline) {
  GrantPtr grant = own_token_.get(deadline);
  HttpAnswer answer = request(*grant, token, allow_expired, deadline);
  if (answer.status == 401 && own_token_.refused(grant)) {
    log_.info("event=keystone_token_refused endpoint=" + grant->endpoint);
    grant = own_token_.get(deadline);
    answer = request(*grant, token, allow_expired, deadline);
  }
  return {std::move(grant), std::move(answer)};
}

HttpAnswer IdentityService::request(const Grant& grant, std::string_view token, bool allow_expired,
                                    const Deadline& deadline) {
  std::string url = grant.endpoint + "/auth/tokens";
  if (!settings_.include_catalog) url += "?nocatalog";
  if (allow_expired) url += settings_.include_catalog ? "?allow_expired=1" : "&allow_expired=1";
  // Who enforces access rules says so; others are not told of tokens that have some.
  return http_.send({"GET",
                     std::move(url),
                     {{"X-Auth-Token", grant.token},
                      {"X-Subject-Token", std::string(token)},
                      {"OpenStack-Identity-Access-Rules", "1"}},
                     {}},
                    deadline);
}

}  // namespace gnocchi::keystone
