#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gnocchi/plugin/context.h"
#include "http_client.h"
#include "outage.h"
#include "own_token.h"
#include "settings.h"

namespace gnocchi::keystone {

/// Keystone, as the service sees it. Any thread.
class IdentityService {
 public:
  /// All outlive it.
  IdentityService(const Settings& settings, HttpClient& http, plugin::Log& log);

  /// What Keystone says of a token, {"token": {...}}; nullopt: that it is none. `allow_expired`:
  /// also of one that has ended. Takes no longer than http_connect_timeout. Throws
  /// Error{unavailable|timed_out}, whatever else it answers.
  std::optional<std::string> validate(std::string_view token, bool allow_expired);

  /// Gets a token for the service, so that what is wrong shows. Throws as validate() does.
  void log_in();

 private:
  struct Asked {
    GrantPtr grant;
    HttpAnswer answer;
  };
  /// Keeps account of outages around `call`.
  template <class Call>
  auto watched(Call call);
  Asked ask(std::string_view token, bool allow_expired, const Deadline& deadline);
  HttpAnswer request(const Grant& grant, std::string_view token, bool allow_expired,
                     const Deadline& deadline);

  const Settings& settings_;
  HttpClient& http_;
  plugin::Log& log_;
  OwnToken own_token_;
  Outage outage_;
};

}  // namespace gnocchi::keystone
