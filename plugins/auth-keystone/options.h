#pragma once

#include "gnocchi/plugin/manifest.h"

/// The options of the plugin, for its manifest and for tests.
namespace gnocchi::keystone {

namespace option {

using plugin::OptionSpec;
using Type = plugin::OptionType;

constexpr OptionSpec secret(OptionSpec spec) {
  spec.secret = true;
  return spec;
}

constexpr OptionSpec old(OptionSpec spec, const char* name) {
  spec.was = name;
  return spec;
}

constexpr OptionSpec ranged(OptionSpec spec, double min, double max) {
  spec.min = min;
  spec.max = max;
  return spec;
}

inline constexpr double kMonth = 30 * 86400;  // more, and memcached takes it for a date
inline constexpr char kLegacyUrl[] =
    "Where auth_url is not set: a piece of Keystone's URL, as of Kilo.";
inline constexpr char kNoEffect[] = "Accepted, without effect here.";

}  // namespace option

// keystonemiddleware's and keystoneauth's options, in the order in which an operator meets them.
// clang-format off
inline constexpr plugin::OptionSpec kOptions[] = {
    option::old({"www_authenticate_uri", option::Type::url, nullptr, "Keystone as clients reach it; named in the answer to requests without a valid token. Default: auth_url."}, "auth_uri"),
    {"auth_url", option::Type::url, nullptr, "Keystone as this service reaches it, with or without /v3."},
    {"interface", option::Type::text, "internal", "Endpoint of Keystone in the service catalogue at which tokens are validated: public, internal or admin."},
    {"region_name", option::Type::text, nullptr, "Region of that endpoint. Default: the first in the catalogue."},

    {"auth_section", option::Type::text, nullptr, "Another group of this file whose options come before those of this one."},
    option::old({"auth_type", option::Type::text, "password", "How the service authenticates: password, v3password or v3applicationcredential."}, "auth_plugin"),
    option::old({"username", option::Type::text, nullptr, "Name of the service's user."}, "user_name"),
    {"user_id", option::Type::text, nullptr, "Id of the service's user."},
    option::secret({"password", option::Type::text, nullptr, "Its password."}),
    {"user_domain_name", option::Type::text, nullptr, "Name of its domain."},
    {"user_domain_id", option::Type::text, nullptr, "Id of its domain. Without name and id: default."},
    option::old({"project_name", option::Type::text, nullptr, "Name of the project that the service's token is for."}, "tenant_name"),
    option::old({"project_id", option::Type::text, nullptr, "Id of that project."}, "tenant_id"),
    {"project_domain_name", option::Type::text, nullptr, "Name of the project's domain."},
    {"project_domain_id", option::Type::text, nullptr, "Id of the project's domain. Without name and id: default."},
    {"default_domain_name", option::Type::text, nullptr, "Name of the domain of user and project where none of their own is set."},
    {"default_domain_id", option::Type::text, nullptr, "Id of that domain."},
    {"domain_name", option::Type::text, nullptr, "Name of a domain that the service's token is for, in place of a project."},
    {"domain_id", option::Type::text, nullptr, "Id of that domain."},
    {"system_scope", option::Type::text, nullptr, "all: the service's token is for the system, in place of a project."},
    {"trust_id", option::Type::text, nullptr, "Trust that the service's token is for, in place of a project."},
    {"application_credential_id", option::Type::text, nullptr, "Id of the application credential."},
    {"application_credential_name", option::Type::text, nullptr, "Name of the application credential; needs the user."},
    option::secret({"application_credential_secret", option::Type::text, nullptr, "Its secret."}),

    {"cafile", option::Type::path, nullptr, "PEM file of the authorities that vouch for Keystone. Default: the system's."},
    {"certfile", option::Type::path, nullptr, "PEM file of a certificate to show to Keystone."},
    {"keyfile", option::Type::path, nullptr, "PEM file of its key, where that is not in certfile."},
    {"insecure", option::Type::boolean, "false", "Believe any certificate of Keystone's. For tests."},
    option::ranged({"http_connect_timeout", option::Type::duration, "10", "Longest that an exchange with Keystone may take, attempts included; then requests are answered 503."}, 0.01, 3600),
    option::ranged({"http_request_max_retries", option::Type::integer, "3", "Attempts after one that failed on the network."}, 0, 100),

    {"delay_auth_decision", option::Type::boolean, "false", "Requests without a valid token are not answered 401 but take their way without user, project and roles, and rules decide."},
    {"include_service_catalog", option::Type::boolean, "true", "Ask for the catalogue with each token. Gnocchi does not use it: false is cheaper, but then other services that share the memcached miss it."},
    {"service_token_roles", option::Type::text, "service", "Roles, one of which a service token (X-Service-Token) needs to let an expired user token pass."},
    {"service_token_roles_required", option::Type::boolean, "false", "Refuse service tokens without such a role."},
    {"service_type", option::Type::text, nullptr, "Type of this service in the catalogue (metric); application credentials with access rules are refused without it."},
    {"enforce_token_bind", option::Type::text, "permissive", "What to do with tokens that are bound to a way of authentication: disabled, permissive, strict, required, or the name of one."},

    option::ranged({"token_cache_time", option::Type::duration, "300", "How long a valid token is believed without asking Keystone again: so long may a revoked one be of use. 0 or -1: no cache."}, -1, option::kMonth),
    option::old({"memcached_servers", option::Type::text, nullptr, "memcached servers (host:port, comma-separated) that keep validated tokens for all services. Default: none, tokens are cached in each process."}, "memcache_servers"),
    {"memcache_security_strategy", option::Type::text, "None", "How tokens are kept in memcached: None (plain), MAC (signed) or ENCRYPT (signed and encrypted)."},
    option::secret({"memcache_secret_key", option::Type::text, nullptr, "Secret for MAC and ENCRYPT, the same for all services."}),
    option::ranged({"memcache_pool_dead_retry", option::Type::duration, "300", "How long a memcached that did not answer is left alone."}, 0, option::kMonth),
    option::ranged({"memcache_pool_socket_timeout", option::Type::duration, "0.25", "Longest that an exchange with memcached may take; then the request goes on without."}, 0.001, 60),
    option::ranged({"memcache_pool_maxsize", option::Type::integer, "10", "Most connections to one memcached; requests beyond go on without."}, 1, 10000),
    option::ranged({"memcache_pool_unused_timeout", option::Type::duration, "60", "How long a connection to memcached is kept unused."}, 0, option::kMonth),
    {"memcache_sasl_enabled", option::Type::boolean, "false", "Not supported: with true no memcached is used."},
    {"memcache_tls_enabled", option::Type::boolean, "false", "Not supported: with true no memcached is used."},

    {"identity_uri", option::Type::url, nullptr, "Where auth_url is not set: Keystone as this service reaches it."},
    {"auth_host", option::Type::text, nullptr, option::kLegacyUrl},
    option::ranged({"auth_port", option::Type::integer, "35357", option::kLegacyUrl}, 1, 65535),
    {"auth_protocol", option::Type::text, "https", option::kLegacyUrl},
    {"auth_admin_prefix", option::Type::text, nullptr, option::kLegacyUrl},
    {"admin_user", option::Type::text, nullptr, "Where username is not set: the service's user."},
    option::secret({"admin_password", option::Type::text, nullptr, "Where password is not set: its password."}),
    {"admin_tenant_name", option::Type::text, nullptr, "Where no project is set: its project."},
    option::secret({"admin_token", option::Type::text, nullptr, option::kNoEffect}),

    {"auth_version", option::Type::text, nullptr, option::kNoEffect},
    {"cache", option::Type::text, nullptr, option::kNoEffect},
    {"memcache_pool_conn_get_timeout", option::Type::text, nullptr, option::kNoEffect},
    {"memcache_use_advanced_pool", option::Type::text, nullptr, option::kNoEffect},
    {"memcache_username", option::Type::text, nullptr, option::kNoEffect},
    option::secret({"memcache_password", option::Type::text, nullptr, option::kNoEffect}),
    {"memcache_tls_cafile", option::Type::text, nullptr, option::kNoEffect},
    {"memcache_tls_certfile", option::Type::text, nullptr, option::kNoEffect},
    {"memcache_tls_keyfile", option::Type::text, nullptr, option::kNoEffect},
    {"memcache_tls_allowed_ciphers", option::Type::text, nullptr, option::kNoEffect},
    {"signing_dir", option::Type::text, nullptr, option::kNoEffect},
    {"hash_algorithms", option::Type::text, nullptr, option::kNoEffect},
    {"check_revocations_for_cached", option::Type::text, nullptr, option::kNoEffect},
    {"revocation_cache_time", option::Type::text, nullptr, option::kNoEffect},
    {"log_name", option::Type::text, nullptr, option::kNoEffect},
    {"timeout", option::Type::text, nullptr, option::kNoEffect},
    {"split_loggers", option::Type::text, nullptr, option::kNoEffect},
    {"collect_timing", option::Type::text, nullptr, option::kNoEffect},
};
// clang-format on

}  // namespace gnocchi::keystone
