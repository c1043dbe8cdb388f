#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnocchi/auth.h"

namespace gnocchi::keystone {

/// One request that an application credential with access rules may make.
struct AccessRule {
  std::string method, path, service;
};

/// What Keystone says of a token.
struct Token {
  /// As policy rules see its holder.
  Identity identity;
  std::chrono::system_clock::time_point expires_at;
  /// Of an application credential that is restricted; nullopt: not restricted.
  std::optional<std::vector<AccessRule>> access_rules;
  /// Types of the services in the catalogue; read for restricted tokens only.
  std::optional<std::vector<std::string>> catalog_types;
  /// Ways of authentication that the token is bound to, by name.
  std::vector<std::string> bindings;

  bool expired() const { return expires_at <= std::chrono::system_clock::now(); }
};

using TokenPtr = std::shared_ptr<const Token>;

/// Reads {"token": {...}}; null: that is no token's data.
TokenPtr parse_token(std::string_view json);

/// What rules see of the service that sent a request on a user's behalf: service_user_id,
/// service_roles and so on.
std::vector<std::pair<std::string, std::string>> service_attributes(const Token& token);

/// "2026-11-26T14:00:00.000000Z".
std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text);

}  // namespace gnocchi::keystone
