#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

struct evp_md_st;

namespace gnocchi::keystone {

/// SHA-256 of a token: what caches know of it, so that none holds a token.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  bool operator==(const Digest&) const = default;
  std::string hex() const;
};

struct DigestHash {
  std::size_t operator()(const Digest& digest) const noexcept {
    std::size_t value = 0;  // as good as random already
    std::memcpy(&value, digest.bytes.data(), sizeof value);
    return value;
  }
};

/// OpenSSL's SHA-256, looked up once. Any thread.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Digest operator()(std::string_view text) const;

 private:
  evp_md_st* sha256_;
};

}  // namespace gnocchi::keystone
