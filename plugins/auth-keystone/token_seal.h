#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "digest.h"
#include "settings.h"

namespace gnocchi::keystone {

/// How a token's data lie in memcached: under which key, and whether signed or encrypted. The
/// names and forms are keystonemiddleware's, so that all services that share its settings share
/// what they have validated. Any thread.
///
///   None     key "tokens/" + hex of SHA-256(token); the data as they are
///   MAC      three keys of 16 bytes = HMAC-SHA-384(secret, token + "MAC"): cache key, MAC key, -;
///            key "tokens/b'" + base64(cache key) + "'"; base64(HMAC-SHA-384(MAC key, text)) +
///            text, where text = base64(data)
///   ENCRYPT  the same with "ENCRYPT"; text = base64(iv + AES-128-CBC(third key, data))
class TokenSeal {
 public:
  TokenSeal(MemcachedSettings::Strategy strategy, std::string secret);

  class Key {
   public:
    const std::string& name() const noexcept { return name_; }

   private:
    friend class TokenSeal;
    std::string name_, mac_, encryption_;
  };

  Key key_of(std::string_view token) const;
  std::string seal(const Key& key, std::string_view data) const;
  /// nullopt: not what seal() made with this key.
  std::optional<std::string> open(const Key& key, std::string_view sealed) const;

 private:
  MemcachedSettings::Strategy strategy_;
  std::string secret_;
  Hasher hash_;
};

}  // namespace gnocchi::keystone
