#include "digest.h"

#include <openssl/evp.h>

#include "gnocchi/error.h"

namespace gnocchi::keystone {

std::string Digest::hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Hasher::Hasher() : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {
  if (sha256_ == nullptr) throw Error(Error::Code::internal, "OpenSSL has no SHA-256");
}

Hasher::~Hasher() { EVP_MD_free(sha256_); }

Digest Hasher::operator()(std::string_view text) const {
  Digest digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.bytes.data(), &size, sha256_, nullptr) != 1 ||
      size != digest.bytes.size()) {
    throw Error(Error::Code::internal, "OpenSSL: SHA-256 failed");
  }
  return digest;
}

}  // namespace gnocchi::keystone
