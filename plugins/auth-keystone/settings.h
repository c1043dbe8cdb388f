#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deadline.h"
#include "gnocchi/plugin/context.h"
#include "socket.h"
#include "tls_context.h"

namespace gnocchi::keystone {

/// Who the service is: what it sends to Keystone to get a token of its own.
struct ServiceUser {
  std::string auth_url;
  std::string user_id, username, password;
  std::string user_domain_id, user_domain_name;
  std::string project_id, project_name, project_domain_id, project_domain_name;
  std::string domain_id, domain_name, system_scope, trust_id;  // scopes other than a project
  bool by_application_credential = false;
  std::string credential_id, credential_name, credential_secret;

  /// For messages, no secrets: "user gnocchi (project service)".
  std::string text() const;
};

/// keystonemiddleware's enforce_token_bind.
struct TokenBind {
  enum class Mode { disabled, permissive, strict, required, named };
  Mode mode = Mode::permissive;
  std::string name;  ///< of the binding that must be there, for `named`
};

struct MemcachedSettings {
  enum class Strategy { none, mac, encrypt };
  std::vector<Place> servers;
  Strategy strategy = Strategy::none;
  std::string secret;
  Duration timeout{};                ///< of one operation, connecting included
  Duration dead_retry{};             ///< how long a server that did not answer is left alone
  Duration unused{};                 ///< idle connections older than this are closed
  std::size_t most_connections = 0;  ///< to one server
};

/// What [keystone_authtoken] says, checked and with older names resolved.
struct Settings {
  ServiceUser user;
  TlsFiles tls;
  std::string www_authenticate_uri;
  std::string interface, region;  ///< of the identity endpoint in the catalogue; region may be ""
  bool include_catalog = true;
  bool delay_auth_decision = false;
  std::vector<std::string> service_roles;
  bool service_roles_required = false;
  std::string service_type;
  TokenBind bind;
  Duration request_timeout{};  ///< of one exchange, all attempts included
  int retries = 0;
  Duration cache_time{};  ///< zero or less: nothing is cached
  MemcachedSettings memcached;
};

/// Throws Error{invalid_config}; what is odd but works is a warning in the log.
Settings read_settings(const plugin::Options& options, plugin::Log& log);

/// "host", "host:port", "[v6]:port", "inet6:[v6]:port", "unix:/path", "/path". Throws
/// Error{invalid_config}.
Place parse_server(const std::string& text);

}  // namespace gnocchi::keystone
