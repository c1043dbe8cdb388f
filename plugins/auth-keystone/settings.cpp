#include "settings.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "gnocchi/error.h"

namespace gnocchi::keystone {
namespace {

constexpr std::uint16_t kMemcachedPort = 11211;
constexpr char kDefaultDomain[] = "default";  // the id of the domain that every Keystone has

[[noreturn]] void refuse_option(const std::string& what) {
  throw Error(Error::Code::invalid_config, "[keystone_authtoken] " + what);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

/// The first of these options that is set; "" if none is.
std::string first_of(const plugin::Options& options, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (!options.has(name)) continue;
    std::string value = options.text(name);
    if (!value.empty()) return value;
  }
  return {};
}

std::string text_option(const plugin::Options& options, const char* name) {
  return first_of(options, {name});
}

std::vector<std::string> list_of(const plugin::Options& options, const char* name) {
  std::vector<std::string> parts;
  const std::string text = text_option(options, name);
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::size_t first = text.find_first_not_of(" \t\n", at);
    if (first < end) {
      const std::size_t last = text.find_last_not_of(" \t\n", end - 1);
      parts.push_back(text.substr(first, last - first + 1));
    }
    at = end + 1;
  }
  return parts;
}

/// The URL of Kilo and before: identity_uri, or the pieces of it.
std::string legacy_url(const plugin::Options& options) {
  if (auto uri = text_option(options, "identity_uri"); !uri.empty()) return uri;
  std::string host = text_option(options, "auth_host");
  if (host.empty()) return {};
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  std::string prefix = text_option(options, "auth_admin_prefix");
  if (!prefix.empty() && !prefix.starts_with('/')) prefix.insert(0, "/");
  return text_option(options, "auth_protocol") + "://" + host + ":" +
         std::to_string(options.integer("auth_port")) + prefix;
}

void read_password_user(const plugin::Options& options, ServiceUser& user) {
  user.user_id = text_option(options, "user_id");
  user.username = first_of(options, {"username", "admin_user"});
  user.password = first_of(options, {"password", "admin_password"});
  if (user.user_id.empty() && user.username.empty())
    refuse_option("username (or user_id) must be set");
  if (user.password.empty()) refuse_option("password must be set");
}

void read_scope(const plugin::Options& options, ServiceUser& user) {
  user.project_id = text_option(options, "project_id");
  user.project_name = text_option(options, "project_name");
  user.domain_id = text_option(options, "domain_id");
  user.domain_name = text_option(options, "domain_name");
  user.system_scope = text_option(options, "system_scope");
  user.trust_id = text_option(options, "trust_id");
  const bool named = !user.project_id.empty() || !user.domain_id.empty() ||
                     !user.domain_name.empty() || !user.system_scope.empty() ||
                     !user.trust_id.empty();
  if (user.project_name.empty() && !named) {
    user.project_name = text_option(options, "admin_tenant_name");
  }
}

void read_credential(const plugin::Options& options, ServiceUser& user) {
  user.by_application_credential = true;
  user.credential_id = text_option(options, "application_credential_id");
  user.credential_name = text_option(options, "application_credential_name");
  user.credential_secret = text_option(options, "application_credential_secret");
  user.user_id = text_option(options, "user_id");
  user.username = text_option(options, "username");
  if (user.credential_secret.empty()) refuse_option("application_credential_secret must be set");
  if (user.credential_id.empty() && user.credential_name.empty()) {
    refuse_option("application_credential_id (or _name) must be set");
  }
  if (user.credential_id.empty() && user.user_id.empty() && user.username.empty()) {
    refuse_option(
        "application_credential_name needs username or user_id; or set "
        "application_credential_id");
  }
}

void read_domain(const plugin::Options& options, const char* of, std::string& id,
                 std::string& name) {
  const std::string prefix = of;
  id = text_option(options, (prefix + "_domain_id").c_str());
  name = text_option(options, (prefix + "_domain_name").c_str());
  if (id.empty() && name.empty()) {
    id = text_option(options, "default_domain_id");
    name = text_option(options, "default_domain_name");
  }
  if (id.empty() && name.empty()) id = kDefaultDomain;
}

ServiceUser read_user(const plugin::Options& options) {
  ServiceUser user;
  user.auth_url = first_of(options, {"auth_url"});
  if (user.auth_url.empty()) user.auth_url = legacy_url(options);
  if (user.auth_url.empty())
    refuse_option("auth_url must be set (example: auth_url = http://host:5000)");
  const std::string scheme = user.auth_url.substr(0, user.auth_url.find(':'));
  if (lower(scheme) != "http" && lower(scheme) != "https") {
    refuse_option("auth_url = " + user.auth_url + ": not a URL of http or https");
  }
  const std::string type = lower(text_option(options, "auth_type"));
  if (type == "v3applicationcredential") {
    read_credential(options, user);
  } else if (type == "password" || type == "v3password") {
    read_password_user(options, user);
    read_scope(options, user);
  } else {
    refuse_option("auth_type = " + type +
                  ": not known here; use password, v3password or v3applicationcredential");
  }
  read_domain(options, "user", user.user_domain_id, user.user_domain_name);
  read_domain(options, "project", user.project_domain_id, user.project_domain_name);
  return user;
}

TokenBind read_bind(const plugin::Options& options) {
  using Mode = TokenBind::Mode;
  constexpr std::pair<std::string_view, Mode> kModes[] = {{"disabled", Mode::disabled},
                                                          {"permissive", Mode::permissive},
                                                          {"strict", Mode::strict},
                                                          {"required", Mode::required}};
  const std::string text = text_option(options, "enforce_token_bind");
  for (const auto& [name, mode] : kModes) {
    if (text == name) return {mode, {}};
  }
  return {Mode::named, text};
}

MemcachedSettings::Strategy read_strategy(const plugin::Options& options) {
  using Strategy = MemcachedSettings::Strategy;
  const std::string text = lower(text_option(options, "memcache_security_strategy"));
  if (text == "none") return Strategy::none;
  if (text == "mac") return Strategy::mac;
  if (text == "encrypt") return Strategy::encrypt;
  refuse_option("memcache_security_strategy = " + text + ": use None, MAC or ENCRYPT");
}

MemcachedSettings read_memcached(const plugin::Options& options, plugin::Log& log) {
  MemcachedSettings settings;
  settings.strategy = read_strategy(options);
  settings.secret = text_option(options, "memcache_secret_key");
  if (settings.strategy != MemcachedSettings::Strategy::none && settings.secret.empty()) {
    refuse_option("memcache_secret_key must be set for memcache_security_strategy = " +
                  text_option(options, "memcache_security_strategy"));
  }
  settings.timeout = options.duration("memcache_pool_socket_timeout");
  settings.dead_retry = options.duration("memcache_pool_dead_retry");
  settings.unused = options.duration("memcache_pool_unused_timeout");
  settings.most_connections = static_cast<std::size_t>(options.integer("memcache_pool_maxsize"));
  const bool unsupported =
      options.boolean("memcache_sasl_enabled") || options.boolean("memcache_tls_enabled");
  const auto servers = list_of(options, "memcached_servers");
  if (unsupported && !servers.empty()) {
    log.warning(
        "event=memcached_unused reason=\"memcache_sasl_enabled and memcache_tls_enabled "
        "are not supported: tokens are cached in this process alone\"");
    return settings;
  }
  std::transform(servers.begin(), servers.end(), std::back_inserter(settings.servers),
                 parse_server);
  return settings;
}

std::string endpoint_interface(std::string text) {
  text = lower(std::move(text));
  if (text.ends_with("url")) text.resize(text.size() - 3);  // "internalURL", of older releases
  if (text != "public" && text != "internal" && text != "admin") {
    refuse_option("interface = " + text + ": use public, internal or admin");
  }
  return text;
}

}  // namespace

std::string ServiceUser::text() const {
  if (by_application_credential) {
    return "application credential " + (credential_id.empty() ? credential_name : credential_id);
  }
  const std::string& scope = project_name.empty() ? project_id : project_name;
  return "user " + (username.empty() ? user_id : username) +
         (scope.empty() ? std::string() : " (project " + scope + ")");
}

Place parse_server(const std::string& text) {
  std::string rest = text;
  for (const std::string_view prefix : {"unix:", "inet:", "inet6:"}) {
    if (rest.starts_with(prefix)) {
      rest.erase(0, prefix.size());
      break;
    }
  }
  if (rest.starts_with('/')) return {rest, 0};
  Place place{rest, kMemcachedPort};
  std::string port;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string::npos) refuse_option("memcached_servers: " + text + ": no ] in it");
    place.host = rest.substr(1, end - 1);
    if (end + 1 < rest.size() && rest[end + 1] == ':') port = rest.substr(end + 2);
  } else if (std::count(rest.begin(), rest.end(), ':') == 1) {
    place.host = rest.substr(0, rest.find(':'));
    port = rest.substr(rest.find(':') + 1);
  }
  if (!port.empty()) {
    const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), place.port);
    if (code != std::errc{} || end != port.data() + port.size() || place.port == 0) {
      refuse_option("memcached_servers: " + text + ": " + port + " is not a port");
    }
  }
  if (place.host.empty()) refuse_option("memcached_servers: " + text + ": no host in it");
  return place;
}

Settings read_settings(const plugin::Options& options, plugin::Log& log) {
  Settings settings;
  settings.user = read_user(options);
  settings.tls = {text_option(options, "cafile"), text_option(options, "certfile"),
                  text_option(options, "keyfile"), options.boolean("insecure")};
  settings.www_authenticate_uri = text_option(options, "www_authenticate_uri");
  if (settings.www_authenticate_uri.empty()) {
    settings.www_authenticate_uri = settings.user.auth_url;
    log.warning(
        "event=option_missing reason=\"[keystone_authtoken] www_authenticate_uri (auth_uri) is not "
        "set: clients are sent to auth_url, which they may not reach\"");
  }
  settings.interface = endpoint_interface(text_option(options, "interface"));
  settings.region = text_option(options, "region_name");
  settings.include_catalog = options.boolean("include_service_catalog");
  settings.delay_auth_decision = options.boolean("delay_auth_decision");
  settings.service_roles = list_of(options, "service_token_roles");
  settings.service_roles_required = options.boolean("service_token_roles_required");
  settings.service_type = text_option(options, "service_type");
  settings.bind = read_bind(options);
  settings.request_timeout = options.duration("http_connect_timeout");
  settings.retries = static_cast<int>(options.integer("http_request_max_retries"));
  settings.cache_time = options.duration("token_cache_time");
  settings.memcached = read_memcached(options, log);
  return settings;
}

}  // namespace gnocchi::keystone
