#include "token_validator.h"

#include <algorithm>

namespace gnocchi::keystone {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

// With its strings a token takes some 1.5 KiB: 30 MiB at most. Those refused are apart, so that
// guessing does not drive valid ones out.
constexpr std::size_t kMostTokens = 20000;
constexpr std::size_t kMostRefused = 20000;
// A token is not made valid by waiting, but it may have come from a Keystone that others lag
// behind.
constexpr Duration kRefusedTime = std::chrono::seconds{10};
constexpr Duration kFromMemcachedTime = std::chrono::seconds{30};
// Fernet's have some 200 bytes; PKI's, long gone, had more than a header may have here.
constexpr std::size_t kMostTokenBytes = 8192;

/// Visible ASCII, as all tokens are: what cannot stand in a header of ours is no token.
bool is_plausible(std::string_view token) {
  return token.size() <= kMostTokenBytes &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// The two ways to look at a token have different answers.
std::string cache_text(std::string_view token, bool allow_expired) {
  return std::string(token).append(allow_expired ? " expired" : "");
}

}  // namespace

TokenValidator::TokenValidator(const Settings& settings, IdentityService& service, plugin::Log& log)
    : settings_(settings),
      service_(service),
      log_(log),
      seal_(settings.memcached.strategy, settings.memcached.secret),
      memcached_(settings.memcached, log),
      tokens_(kMostTokens),
      refused_(kMostRefused) {}

TokenPtr TokenValidator::validate(std::string_view token, bool allow_expired) {
  if (!is_plausible(token)) return nullptr;
  const Digest key = hash_(allow_expired ? cache_text(token, true) : token);
  auto known = remembered(key);
  if (!known) {
    const Verdict verdict = flights_.run(key, [&] { return find_out(token, key, allow_expired); });
    if (const auto* failure = std::get_if<Failure>(&verdict)) {
      throw Error(failure->code, failure->what);
    }
    known = std::get<TokenPtr>(verdict);
  }
  if (*known && !allow_expired && (*known)->expired()) return nullptr;
  return std::move(*known);
}

std::optional<TokenPtr> TokenValidator::remembered(const Digest& key) {
  if (auto token = tokens_.find(key)) return token;
  if (refused_.find(key)) return nullptr;
  return std::nullopt;
}

TokenValidator::Verdict TokenValidator::find_out(std::string_view token, const Digest& key,
                                                 bool allow_expired) {
  try {
    // Another thread may have found out between the look before and the start of this flight.
    if (auto known = remembered(key)) return *known;
    return from_keystone(token, key, allow_expired);
  } catch (const Error& error) {
    return Failure{error.code(), error.what()};
  } catch (const std::exception& error) {
    return Failure{Error::Code::internal, std::string("validate a token: ") + error.what()};
  }
}

TokenPtr TokenValidator::from_memcached(const TokenSeal::Key& key, bool allow_expired) {
  const auto sealed = memcached_.get(key.name());
  if (!sealed) return nullptr;
  const auto data = seal_.open(key, *sealed);
  TokenPtr token = data ? parse_token(*data) : nullptr;
  if (!token) {
    log_.warning("event=memcached_entry_bad reason=\"not a token's, or not of our " +
                 std::string("memcache_secret_key and memcache_security_strategy\""));
  }
  if (token && token->expired() && !allow_expired) return nullptr;
  return token;
}

TokenPtr TokenValidator::from_keystone(std::string_view token, const Digest& key,
                                       bool allow_expired) {
  const bool shared = !memcached_.empty() && settings_.cache_time > Duration::zero();
  std::optional<TokenSeal::Key> name;
  if (shared) {
    name = seal_.key_of(token);
    if (auto found = from_memcached(*name, allow_expired)) {
      remember(key, found, std::min(settings_.cache_time, kFromMemcachedTime));
      return found;
    }
  }
  const auto data = service_.validate(token, allow_expired);
  if (!data) {
    refused_.put(key, {}, steady_clock::now() + kRefusedTime);
    return nullptr;
  }
  TokenPtr found = parse_token(*data);
  if (!found) {
    throw Error(Error::Code::unavailable, "validate a token: the answer of " +
                                              std::to_string(data->size()) +
                                              " bytes is no token's data; is there a Keystone?");
  }
  remember(key, found, settings_.cache_time);
  if (shared) share(*name, *found, *data);
  return found;
}

void TokenValidator::remember(const Digest& key, const TokenPtr& token, Duration longest) {
  if (longest <= Duration::zero()) return;
  tokens_.put(key, token, steady_clock::now() + longest);
}

void TokenValidator::share(const TokenSeal::Key& key, const Token& token, const std::string& data) {
  const auto left =
      std::min<Duration>(settings_.cache_time, token.expires_at - system_clock::now());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  if (seconds.count() > 0) memcached_.set(key.name(), seal_.seal(key, data), seconds);
}

}  // namespace gnocchi::keystone
