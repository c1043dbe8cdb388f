// The parts that need no Keystone: options, caches, seals, paths.
#include <chrono>

#include "plugins/auth-keystone/access_rules.h"
#include "plugins/auth-keystone/bounded_cache.h"
#include "plugins/auth-keystone/login.h"
#include "plugins/auth-keystone/memcached.h"
#include "plugins/auth-keystone/settings.h"
#include "plugins/auth-keystone/token.h"
#include "plugins/auth-keystone/token_seal.h"
#include "tests/unit/auth/fake_server.h"
#include "tests/unit/auth/keystone_fixture.h"

namespace gnocchi::keystone {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using Strategy = MemcachedSettings::Strategy;

Settings settings_of(const std::string& lines) {
  support::MemoryLog log;
  return read_settings(*options_of("[keystone_authtoken]\n" + lines), log);
}

std::string refusal_of(const std::string& lines) {
  try {
    settings_of(lines);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid_config);
    return error.what();
  }
  return "accepted";
}

constexpr char kSeed[] =
    "auth_uri = http://KEYSTONE:5000\nauth_url = http://KEYSTONE:35357\n"
    "memcached_servers = KEYSTONE:11211\nauth_type = password\nproject_domain_name = default\n"
    "user_domain_name = default\nproject_name = service\nusername = gnocchi\npassword = gnocchi\n";

TEST(KeystoneSettings, OfTheNewtonGuide) {
  const Settings settings = settings_of(kSeed);
  EXPECT_EQ(settings.www_authenticate_uri, "http://KEYSTONE:5000");
  EXPECT_EQ(settings.user.auth_url, "http://KEYSTONE:35357");
  ASSERT_EQ(settings.memcached.servers.size(), 1U);
  EXPECT_EQ(settings.memcached.servers[0].text(), "KEYSTONE:11211");
  EXPECT_EQ(settings.cache_time, 300s);
  EXPECT_EQ(settings.interface, "internal");
  EXPECT_EQ(login_body(settings.user),
            R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"gnocchi",)"
            R"("domain":{"name":"default"},"password":"gnocchi"}}},"scope":{"project":)"
            R"({"name":"service","domain":{"name":"default"}}}}})");
}

TEST(KeystoneSettings, OfKiloAndBefore) {
  const Settings settings = settings_of(
      "identity_uri = https://k:35357/\nadmin_user = g\nadmin_password = p\n"
      "admin_tenant_name = s\nmemcache_servers = a, b:1 ,[::1]:2,inet6:[::2]:3,unix:/run/m\n");
  EXPECT_EQ(settings.user.auth_url, "https://k:35357/");
  EXPECT_EQ(settings.user.text(), "user g (project s)");
  std::string servers;
  for (const Place& server : settings.memcached.servers) servers += server.text() + " ";
  EXPECT_EQ(servers, "a:11211 b:1 [::1]:2 [::2]:3 /run/m ");
  EXPECT_EQ(settings_of("auth_host = ::1\nauth_protocol = http\nauth_admin_prefix = x\n"
                        "admin_user = g\nadmin_password = p\n")
                .user.auth_url,
            "http://[::1]:35357/x");
  EXPECT_EQ(settings_of("auth_plugin = v3password\nauth_url = http://k\nuser_name = g\n"
                        "password = p\ntenant_name = t\n")
                .user.project_name,
            "t");
}

TEST(KeystoneSettings, ApplicationCredentialsAndOtherScopes) {
  const std::string credential =
      "auth_url = http://k\nauth_type = v3applicationcredential\n"
      "application_credential_secret = s\n";
  EXPECT_EQ(login_body(settings_of(credential + "application_credential_id = i\n").user),
            R"({"auth":{"identity":{"methods":["application_credential"],)"
            R"("application_credential":{"id":"i","secret":"s"}}}})");
  EXPECT_EQ(
      login_body(settings_of(credential + "application_credential_name = n\nusername = u\n").user),
      R"({"auth":{"identity":{"methods":["application_credential"],)"
      R"("application_credential":{"name":"n","user":{"name":"u","domain":{"id":"default"}},)"
      R"("secret":"s"}}}})");
  const std::string user = "auth_url = http://k\nuser_id = u\npassword = p\n";
  const std::string head =
      R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"u",)"
      R"("password":"p"}}})";
  EXPECT_EQ(login_body(settings_of(user).user), head + "}}");
  EXPECT_EQ(login_body(settings_of(user + "project_id = x\n").user),
            head + R"(,"scope":{"project":{"id":"x"}}}})");
  EXPECT_EQ(login_body(settings_of(user + "domain_name = x\n").user),
            head + R"(,"scope":{"domain":{"name":"x"}}}})");
  EXPECT_EQ(login_body(settings_of(user + "system_scope = all\n").user),
            head + R"(,"scope":{"system":{"all":true}}}})");
  EXPECT_EQ(login_body(settings_of(user + "trust_id = x\n").user),
            head + R"(,"scope":{"OS-TRUST:trust":{"id":"x"}}}})");
}

TEST(KeystoneSettings, WhatCannotWorkIsRefusedByName) {
  using testing::HasSubstr;
  const std::string user = "auth_url = http://k\nusername = u\npassword = p\n";
  EXPECT_EQ(refusal_of(user), "accepted");
  EXPECT_THAT(refusal_of("username = u\npassword = p\n"), HasSubstr("auth_url must be set"));
  EXPECT_THAT(refusal_of("auth_url = http://k\npassword = p\n"), HasSubstr("username"));
  EXPECT_THAT(refusal_of("auth_url = http://k\nusername = u\n"), HasSubstr("password must"));
  EXPECT_THAT(refusal_of(user + "auth_url = ftp://k\n"), HasSubstr("http or https"));
  EXPECT_THAT(refusal_of(user + "auth_type = v2password\n"), HasSubstr("v3applicationcredential"));
  EXPECT_THAT(refusal_of(user + "interface = x\n"), HasSubstr("public, internal or admin"));
  EXPECT_THAT(refusal_of(user + "memcache_security_strategy = ROT13\n"), HasSubstr("ENCRYPT"));
  EXPECT_THAT(refusal_of(user + "memcache_security_strategy = mac\n"),
              HasSubstr("memcache_secret_key must be set"));
  EXPECT_THAT(refusal_of(user + "memcached_servers = a:b\n"), HasSubstr("not a port"));
  EXPECT_THAT(refusal_of(user + "auth_type = v3applicationcredential\n"),
              HasSubstr("application_credential_secret"));
  EXPECT_THAT(refusal_of(user + "token_cache_time = soon\n"), HasSubstr("token_cache_time"));
}

TEST(KeystoneSettings, UnsupportedMemcachedIsNotUsedRatherThanUsedInTheClear) {
  support::MemoryLog log;
  const auto settings = read_settings(
      *options_of(std::string("[keystone_authtoken]\n") + kSeed + "memcache_tls_enabled = true\n"),
      log);
  EXPECT_TRUE(settings.memcached.servers.empty());
  EXPECT_EQ(log.find("event=memcached_unused").size(), 1U);
}

TEST(KeystoneToken, TimesAreReadInTheirZone) {
  using std::chrono::system_clock;
  const auto at = [](std::chrono::microseconds since) { return system_clock::time_point(since); };
  EXPECT_EQ(parse_time("2026-11-26T14:00:00.250000Z"), at(1795701600250ms));
  EXPECT_EQ(parse_time("2026-11-26T14:00:00Z"), at(1795701600s));
  EXPECT_EQ(parse_time("2026-11-26T15:00:00+01:00"), at(1795701600s));
  EXPECT_EQ(parse_time(""), std::nullopt);
  EXPECT_EQ(parse_time("tomorrow"), std::nullopt);
}

TEST(KeystoneAccessRules, PathsMatchAsInKeystonesDocuments) {
  EXPECT_TRUE(path_matches("/v1/metric", "/v1/metric"));
  EXPECT_FALSE(path_matches("/v1/metric/", "/v1/metric"));
  EXPECT_FALSE(path_matches("/v1/metricx", "/v1/metri."));
  EXPECT_TRUE(path_matches("/v1/metric/a/measures", "/v1/metric/{id}/measures"));
  EXPECT_TRUE(path_matches("/v1/metric/a/measures", "/v1/*/*/measures"));
  EXPECT_FALSE(path_matches("/v1/metric/a/b/measures", "/v1/metric/*/measures"));
  EXPECT_FALSE(path_matches("/v1/metric//measures", "/v1/metric/*/measures"));
  EXPECT_TRUE(path_matches("/v1/metric/a/b/measures", "/v1/**/measures"));
  EXPECT_TRUE(path_matches("/v1/", "/v1/**"));
  EXPECT_TRUE(path_matches("/v1/a-x.json", "/v1/a-*.json"));
  EXPECT_FALSE(path_matches("/v1/metric", ""));
  EXPECT_FALSE(path_matches(std::string(5000, 'a'), "***************************b"));
}

// Written by keystonemiddleware's own functions for this token and secret.
constexpr char kToken[] = "gAAAAABtoken";
constexpr char kData[] = R"({"token": {}})";

TEST(KeystoneTokenSeal, PlainEntriesAreUnderTheDigest) {
  const TokenSeal seal(Strategy::none, "");
  const auto key = seal.key_of(kToken);
  EXPECT_EQ(key.name(), "tokens/ab198924a5c265e90913b20a822652ebb328901b5318d6ccf6ad057e079ecacd");
  EXPECT_EQ(seal.open(key, seal.seal(key, kData)), kData);
}

TEST(KeystoneTokenSeal, SignedEntriesArePythons) {
  const TokenSeal seal(Strategy::mac, "s3cret");
  const auto key = seal.key_of(kToken);
  EXPECT_EQ(key.name(), "tokens/b'bv5yumXsEBh3koGfIAvx2A=='");
  const std::string python =
      "RwaKj5bX8IF9wUL6b3z17osz0Ols1A0s93gQyPOL5294fWF5P/soT1FQO1TL7JTAeyJ0b2tlbiI6IHt9fQ==";
  EXPECT_EQ(seal.seal(key, kData), python);
  EXPECT_EQ(seal.open(key, python), kData);
  for (std::size_t i = 0; i != python.size(); ++i) {
    std::string changed = python;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(seal.open(key, changed), std::nullopt) << i;
  }
  EXPECT_EQ(seal.open(key, ""), std::nullopt);
  EXPECT_EQ(TokenSeal(Strategy::mac, "other").key_of(kToken).name() == key.name(), false);
}

TEST(KeystoneTokenSeal, EncryptedEntriesArePythons) {
  const TokenSeal seal(Strategy::encrypt, "s3cret");
  const auto key = seal.key_of(kToken);
  EXPECT_EQ(key.name(), "tokens/b'GjbMg9ocxe9YWxpI2PHMCQ=='");
  EXPECT_EQ(seal.open(key,
                      "GP/E9bQmGb+/bn19Ca/WUtHeU3s2hFh8e8pPXyYMdxmYoeTraqpUXI+nz6enWZzfnP+WtUgIpT"
                      "jPJCRH72lhlHUNfdqkLOkwV9xoQMa8Em4="),
            kData);
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 5000U}) {
    const std::string data(size, 'x');
    const std::string sealed = seal.seal(key, data);
    EXPECT_EQ(sealed.find(data.substr(0, 4)) != std::string::npos && size > 3, false);
    EXPECT_EQ(seal.open(key, sealed), data);
  }
  EXPECT_EQ(seal.open(seal.key_of("another"), seal.seal(key, kData)), std::nullopt);
}

Digest digest_of(int n) {
  Digest digest;
  std::memcpy(digest.bytes.data(), &n, sizeof n);
  digest.bytes.back() = static_cast<std::uint8_t>(n);
  return digest;
}

TEST(KeystoneBoundedCache, KeepsWhatIsUsedAndNeverTooMuch) {
  BoundedCache<int> cache(1000);
  const auto later = steady_clock::now() + 1h;
  for (int n = 0; n != 20000; ++n) {
    cache.put(digest_of(n), n, later);
    EXPECT_EQ(cache.find(digest_of(n)), n);
    EXPECT_EQ(cache.find(digest_of(7)).has_value(), n >= 7);  // asked for all the time
  }
  EXPECT_LE(cache.size(), 1100U);
  EXPECT_EQ(cache.find(digest_of(8)), std::nullopt);
}

TEST(KeystoneBoundedCache, ForgetsInTime) {
  BoundedCache<int> cache(10);
  cache.put(digest_of(1), 1, steady_clock::now() - 1s);
  EXPECT_EQ(cache.find(digest_of(1)), std::nullopt);
  cache.put(digest_of(1), 2, steady_clock::now() + 1h);
  EXPECT_EQ(cache.find(digest_of(1)), 2);
}

/// A memcached that does `act` with each line.
class KeystoneMemcached : public testing::Test {
 protected:
  Memcached& connect(std::function<void(FakeServer::Peer&)> serve) {
    server_ = std::make_unique<FakeServer>(std::move(serve));
    settings_.servers = {{"127.0.0.1", server_->port()}};
    settings_.timeout = 300ms;
    settings_.dead_retry = 1h;
    settings_.unused = 1h;
    settings_.most_connections = 4;
    client_ = std::make_unique<Memcached>(settings_, log_);
    return *client_;
  }

  support::MemoryLog log_;
  MemcachedSettings settings_;
  std::unique_ptr<FakeServer> server_;
  std::unique_ptr<Memcached> client_;
};

TEST_F(KeystoneMemcached, SpeaksTheTextProtocol) {
  std::string stored;
  Memcached& client = connect([&](FakeServer::Peer& peer) {
    for (std::string line; !(line = peer.read_until("\r\n")).empty();) {
      if (line.starts_with("set")) {
        EXPECT_EQ(line, "set tokens/k 0 60 7\r\n");
        stored = peer.read(9);
        peer.send("STORED\r\n");
      } else if (line == "get tokens/k\r\n") {
        peer.send("VALUE tokens/k 0 7\r\n" + stored + "END\r\n");
      } else if (line == "get tokens/pickled\r\n") {
        peer.send("VALUE tokens/pickled 1 1\r\nx\r\nEND\r\n");
      } else {
        peer.send("END\r\n");
      }
    }
  });
  EXPECT_EQ(client.get("tokens/none"), std::nullopt);
  client.set("tokens/k", "a\r\nb\r\n!", 60s);
  EXPECT_EQ(client.get("tokens/k"), "a\r\nb\r\n!");
  EXPECT_EQ(client.get("tokens/pickled"), std::nullopt);
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(KeystoneMemcached, OneThatHangsIsWaitedForOnce) {
  Memcached& client = connect([](FakeServer::Peer& peer) { peer.hang(); });
  const auto begin = steady_clock::now();
  for (int i = 0; i != 20; ++i) {
    EXPECT_EQ(client.get("tokens/k"), std::nullopt);
    client.set("tokens/k", "v", 60s);
  }
  EXPECT_LT(steady_clock::now() - begin, 3s);
  EXPECT_EQ(log_.find("event=memcached_away").size(), 1U);
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(KeystoneMemcached, NonsenseIsAbsence) {
  for (const char* text :
       {"ERROR\r\n", "VALUE other 0 1\r\nx\r\nEND\r\n", "VALUE tokens/k 0 99999999999\r\n",
        "VALUE tokens/k 0 x\r\n", "VALUE tokens/k 0 1\r\nxyz\r\nEND\r\n", ""}) {
    Memcached& client = connect([text](FakeServer::Peer& peer) {
      peer.read_until("\r\n");
      peer.send(text);
    });
    EXPECT_EQ(client.get("tokens/k"), std::nullopt) << text;
  }
}

TEST_F(KeystoneMemcached, ARestartIsNotNoticed) {
  // The server goes on after the test has its answer.
  const auto left = std::make_shared<std::atomic<int>>(1);
  Memcached& client = connect([left](FakeServer::Peer& peer) {
    while (!peer.read_until("\r\n").empty()) {
      peer.send("VALUE tokens/k 0 1\r\nx\r\nEND\r\n");
      if ((*left)-- == 1) return;  // the first connection ends after one answer
    }
  });
  EXPECT_EQ(client.get("tokens/k"), "x");
  EXPECT_EQ(client.get("tokens/k"), "x");
  EXPECT_TRUE(log_.find("event=memcached_away").empty());
}

TEST_F(KeystoneMemcached, KeysOfADeadServerGoToTheOthers) {
  Memcached& alone = connect([](FakeServer::Peer& peer) {
    while (!peer.read_until("\r\n").empty()) peer.send("END\r\n");
  });
  EXPECT_EQ(alone.get("tokens/k"), std::nullopt);
  FakeServer other([](FakeServer::Peer& peer) {
    while (!peer.read_until("\r\n").empty()) peer.send("VALUE tokens/k 0 1\r\nx\r\nEND\r\n");
  });
  std::uint16_t dead = 0;
  {
    const FakeServer gone([](FakeServer::Peer&) {});
    dead = gone.port();
  }
  settings_.servers = {{"127.0.0.1", dead}, {"127.0.0.1", dead}, {"127.0.0.1", other.port()}};
  Memcached client(settings_, log_);
  std::optional<std::string> found;
  for (int i = 0; i != 3 && !found; ++i) found = client.get("tokens/k");
  EXPECT_EQ(found, "x");
}

}  // namespace
}  // namespace gnocchi::keystone
