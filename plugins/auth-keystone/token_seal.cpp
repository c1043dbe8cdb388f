#include "token_seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <memory>
#include <utility>

#include "gnocchi/error.h"

namespace gnocchi::keystone {
namespace {

using Strategy = MemcachedSettings::Strategy;

constexpr char kPrefix[] = "tokens/";
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kBlockBytes = 16;  // AES
constexpr std::size_t kMacText = 64;     // base64 of 48 bytes

/// OpenSSL's idea of bytes.
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

[[noreturn]] void fail(const char* what) {
  throw Error(Error::Code::internal, std::string("OpenSSL: ") + what + " failed");
}

std::string hmac(std::string_view key, std::string_view text) {
  std::string mac(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (HMAC(EVP_sha384(), key.data(), static_cast<int>(key.size()), bytes(text), text.size(),
           bytes(mac), &size) == nullptr) {
    fail("HMAC-SHA-384");
  }
  mac.resize(size);
  return mac;
}

std::string base64(std::string_view data) {
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL adds a zero
  const int size = EVP_EncodeBlock(bytes(text), bytes(data), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string data(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(bytes(data), bytes(text), static_cast<int>(text.size())) < 0) {
    return std::nullopt;
  }
  // OpenSSL counts the padding as data.
  for (std::string_view rest = text; rest.ends_with('='); rest.remove_suffix(1)) data.pop_back();
  return data;
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};

std::string encrypted(std::string_view key, std::string_view data) {
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher(EVP_CIPHER_CTX_new());
  std::string text(kBlockBytes + data.size() + kBlockBytes, '\0');
  int head = 0;
  int tail = 0;
  if (!cipher || RAND_bytes(bytes(text), kBlockBytes) != 1 ||
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, bytes(key), bytes(text)) != 1 ||
      EVP_EncryptUpdate(cipher.get(), bytes(text) + kBlockBytes, &head, bytes(data),
                        static_cast<int>(data.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), bytes(text) + kBlockBytes + head, &tail) != 1) {
    fail("AES-128-CBC");
  }
  text.resize(kBlockBytes + static_cast<std::size_t>(head) + static_cast<std::size_t>(tail));
  return text;
}

std::optional<std::string> decrypted(std::string_view key, std::string_view text) {
  if (text.size() < kBlockBytes) return std::nullopt;
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher(EVP_CIPHER_CTX_new());
  std::string data(text.size(), '\0');
  int head = 0;
  int tail = 0;
  const std::string_view body = text.substr(kBlockBytes);
  if (!cipher ||
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, bytes(key), bytes(text)) != 1 ||
      EVP_DecryptUpdate(cipher.get(), bytes(data), &head, bytes(body),
                        static_cast<int>(body.size())) != 1 ||
      EVP_DecryptFinal_ex(cipher.get(), bytes(data) + head, &tail) != 1) {
    return std::nullopt;
  }
  data.resize(static_cast<std::size_t>(head) + static_cast<std::size_t>(tail));
  return data;
}

}  // namespace

TokenSeal::TokenSeal(Strategy strategy, std::string secret)
    : strategy_(strategy), secret_(std::move(secret)) {}

TokenSeal::Key TokenSeal::key_of(std::string_view token) const {
  Key key;
  if (strategy_ == Strategy::none) {
    key.name_ = kPrefix + hash_(token).hex();
    return key;
  }
  const std::string keys =
      hmac(secret_, std::string(token).append(strategy_ == Strategy::mac ? "MAC" : "ENCRYPT"));
  // As Python 3 prints bytes: that is how keystonemiddleware comes to its names.
  key.name_ = kPrefix + ("b'" + base64(std::string_view(keys).substr(0, kKeyBytes)) + "'");
  key.mac_ = keys.substr(kKeyBytes, kKeyBytes);
  key.encryption_ = keys.substr(2 * kKeyBytes, kKeyBytes);
  return key;
}

std::string TokenSeal::seal(const Key& key, std::string_view data) const {
  if (strategy_ == Strategy::none) return std::string(data);
  const std::string text =
      strategy_ == Strategy::mac ? base64(data) : base64(encrypted(key.encryption_, data));
  return base64(hmac(key.mac_, text)) + text;
}

std::optional<std::string> TokenSeal::open(const Key& key, std::string_view sealed) const {
  if (strategy_ == Strategy::none) return std::string(sealed);
  if (sealed.size() < kMacText) return std::nullopt;
  const std::string_view text = sealed.substr(kMacText);
  const std::string mac = base64(hmac(key.mac_, text));
  if (CRYPTO_memcmp(mac.data(), sealed.data(), kMacText) != 0) return std::nullopt;
  auto data = from_base64(text);
  if (!data || strategy_ == Strategy::mac) return data;
  return decrypted(key.encryption_, *data);
}

}  // namespace gnocchi::keystone
