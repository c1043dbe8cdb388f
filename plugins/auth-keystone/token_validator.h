#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "bounded_cache.h"
#include "digest.h"
#include "gnocchi/error.h"
#include "gnocchi/plugin/context.h"
#include "identity_service.h"
#include "memcached.h"
#include "settings.h"
#include "single_flight.h"
#include "token.h"
#include "token_seal.h"

namespace gnocchi::keystone {

/// Says what a token is worth: from this process's memory, else from memcached, else by asking
/// Keystone, once however many ask. Any thread.
///
/// What it remembers is at most token_cache_time old; refusals 10 s. What memcached says is of
/// unknown age up to that, and so is remembered here for a fraction of it only.
class TokenValidator {
 public:
  /// All outlive it.
  TokenValidator(const Settings& settings, IdentityService& service, plugin::Log& log);

  /// Null: it is no token, or has ended and `allow_expired` is false. Throws
  /// Error{unavailable|timed_out} if that cannot be found out.
  TokenPtr validate(std::string_view token, bool allow_expired);

 private:
  struct Failure {
    Error::Code code;
    std::string what;
  };
  using Verdict = std::variant<TokenPtr, Failure>;  // a null token: refused

  Verdict find_out(std::string_view token, const Digest& key, bool allow_expired);
  std::optional<TokenPtr> remembered(const Digest& key);
  TokenPtr from_memcached(const TokenSeal::Key& key, bool allow_expired);
  TokenPtr from_keystone(std::string_view token, const Digest& key, bool allow_expired);
  void remember(const Digest& key, const TokenPtr& token, Duration longest);
  void share(const TokenSeal::Key& key, const Token& token, const std::string& data);

  const Settings& settings_;
  IdentityService& service_;
  plugin::Log& log_;
  const Hasher hash_;
  const TokenSeal seal_;
  Memcached memcached_;
  BoundedCache<TokenPtr> tokens_;
  BoundedCache<std::monostate> refused_;
  SingleFlight<Verdict> flights_;
};

}  // namespace gnocchi::keystone
