// What tokens say, and how often Keystone is asked for it.
#include "tests/unit/auth/keystone_fixture.h"

namespace gnocchi::keystone {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

class KeystoneTokens : public KeystoneFixture {};

TEST_F(KeystoneTokens, AnIdentityHasWhatRulesAskFor) {
  keystone_.add("t", {.roles = {"member", "reader"}});
  start();
  const Answer answer = ask("t");
  const auto& who = std::get<Identity>(answer);
  EXPECT_EQ(who.creator, "u1:p1");
  EXPECT_EQ(who.user_id, "u1");
  EXPECT_EQ(who.project_id, "p1");
  EXPECT_EQ(who.domain_id, std::nullopt);
  EXPECT_THAT(who.roles, testing::ElementsAre("member", "reader"));
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"user_name", "name of u1"},
                                                        {"user_domain_id", "default"},
                                                        {"user_domain_name", "Default"},
                                                        {"project_name", "name of p1"},
                                                        {"project_domain_id", "pd"},
                                                        {"is_admin_project", "True"}}) {
    EXPECT_THAT(who.attributes, Contains(Pair(name, value)));
  }
  EXPECT_THAT(who.attributes, Not(Contains(Pair("system_scope", testing::_))));
}

TEST_F(KeystoneTokens, ScopesOtherThanAProject) {
  keystone_.add("unscoped", {.project = "", .roles = {}});
  keystone_.add("domain", {.project = "", .more = R"(, "domain": {"id": "d", "name": "D"})"});
  keystone_.add("system", {.project = "", .more = R"(, "system": {"all": true})"});
  keystone_.add("other", {.more = R"(, "is_admin_project": false)"});
  start();
  const auto unscoped = std::get<Identity>(ask("unscoped"));
  EXPECT_EQ(unscoped.creator, "u1:");
  EXPECT_EQ(unscoped.project_id, std::nullopt);
  EXPECT_THAT(unscoped.roles, IsEmpty());
  const auto domain = std::get<Identity>(ask("domain"));
  EXPECT_EQ(domain.domain_id, "d");
  EXPECT_EQ(domain.creator, "u1:");
  EXPECT_THAT(std::get<Identity>(ask("system")).attributes, Contains(Pair("system_scope", "all")));
  EXPECT_THAT(std::get<Identity>(ask("other")).attributes,
              Contains(Pair("is_admin_project", "False")));
}

TEST_F(KeystoneTokens, RefusalsAreInTheWordsOfTheMiddleware) {
  start();
  for (const char* token : {"", "nobody's"}) {
    const Answer answer = ask(token);
    const auto& challenge = std::get<Challenge>(answer);
    EXPECT_EQ(challenge.status, 401);
    EXPECT_THAT(challenge.headers,
                Contains(Pair("WWW-Authenticate", "Keystone uri=\"http://public:5000\"")));
    EXPECT_THAT(challenge.headers, Contains(Pair("Content-Type", "application/json")));
    EXPECT_EQ(challenge.body, R"({"error": {"code": 401, "title": "Unauthorized", "message": )"
                              R"("The request you have made requires authentication."}})");
  }
}

TEST_F(KeystoneTokens, HeadersOfKeystonesOwnAreNotBelieved) {
  keystone_.add("t");
  start();
  const Headers forged{{"X-User-Id", "admin"},
                       {"X-Roles", "admin"},
                       {"X-Project-Id", "other"},
                       {"X-Identity-Status", "Confirmed"},
                       {"X-Service-Roles", "service"}};
  EXPECT_EQ(outcome(forged), "401");
  Headers with_token = forged;
  with_token.emplace_back("X-Auth-Token", "t");
  const auto who = std::get<Identity>(ask(with_token));
  EXPECT_EQ(who.creator, "u1:p1");
  EXPECT_THAT(who.roles, testing::ElementsAre("member"));
  EXPECT_THAT(who.attributes, Not(Contains(Pair("service_roles", testing::_))));
}

TEST_F(KeystoneTokens, WhatCannotBeATokenIsNotAskedFor) {
  start();
  for (const std::string& token :
       {std::string("a b"), std::string("a\r\nX-Evil: 1"), std::string("\xc3\xa4"),
        std::string(9000, 'a'), std::string("a\0b", 3)}) {
    EXPECT_EQ(outcome(token), "401");
  }
  EXPECT_EQ(keystone_.validations(), 0);
}

TEST_F(KeystoneTokens, ATokenMayHaveSpaceAroundItOrComeAsStorageToken) {
  keystone_.add("t");
  start();
  EXPECT_EQ(outcome("  t \r\n"), "200");
  EXPECT_EQ(outcome(Headers{{"x-storage-token", "t"}}), "200");
}

TEST_F(KeystoneTokens, AreAskedForOnce) {
  keystone_.add("t");
  start();
  for (int i = 0; i != 5; ++i) {
    EXPECT_EQ(outcome("t"), "200");
    EXPECT_EQ(outcome("bogus"), "401");
  }
  EXPECT_EQ(keystone_.validations(), 2);
  EXPECT_EQ(keystone_.logins(), 1);
}

TEST_F(KeystoneTokens, ManyRequestsWithOneTokenAtOnceAreOneQuestion) {
  keystone_.add("t");
  start();
  keystone_.intercept([](const FakeKeystone::Request&, FakeServer::Peer&) {
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    return false;
  });
  EXPECT_THAT(outcomes(8, [](int) { return "t"; }), Each("200"));
  EXPECT_EQ(keystone_.validations(), 1);
}

TEST_F(KeystoneTokens, NothingIsCachedWhereNoTimeIsGiven) {
  keystone_.add("t");
  start("token_cache_time = -1\n");
  EXPECT_EQ(outcome("t"), "200");
  EXPECT_EQ(outcome("t"), "200");
  EXPECT_EQ(keystone_.validations(), 2);
}

TEST_F(KeystoneTokens, AreBelievedNoLongerThanTheCacheTimeAndTheirOwn) {
  keystone_.add("short", {.lives_s = 0.4});
  keystone_.add("long");
  start("token_cache_time = 0.4\n");
  EXPECT_EQ(outcome("short"), "200");
  EXPECT_EQ(outcome("long"), "200");
  keystone_.add("short", {.lives_s = -1});
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  EXPECT_EQ(outcome("short"), "401");
  EXPECT_EQ(outcome("long"), "200");
  EXPECT_EQ(keystone_.validations(), 4);
}

TEST_F(KeystoneTokens, AnEndedOneIsRefusedEvenIfKeystoneKnowsIt) {
  keystone_.answer_validations(FakeKeystone::http(200, FakeKeystone::token_json({.lives_s = -1})));
  start();
  EXPECT_EQ(outcome("t"), "401");
}

TEST_F(KeystoneTokens, ServiceTokensCountBesideTheUsers) {
  keystone_.add("user");
  keystone_.add("ended", {.lives_s = -100});
  keystone_.add("service", {.user = "nova", .project = "service", .roles = {"service", "x"}});
  keystone_.add("alt", {.user = "alt"});
  start();
  const auto who =
      std::get<Identity>(ask(Headers{{"X-Auth-Token", "user"}, {"X-Service-Token", "service"}}));
  EXPECT_EQ(who.creator, "u1:p1");
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"service_user_id", "nova"},
                                                        {"service_project_id", "service"},
                                                        {"service_user_domain_id", "default"},
                                                        {"service_project_domain_id", "pd"},
                                                        {"service_roles", "service"},
                                                        {"service_roles", "x"}}) {
    EXPECT_THAT(who.attributes, Contains(Pair(name, value)));
  }
  EXPECT_EQ(outcome(Headers{{"X-Auth-Token", "user"}, {"X-Service-Token", "bogus"}}), "401");
  EXPECT_EQ(outcome(Headers{{"X-Service-Token", "service"}}), "401");
  EXPECT_EQ(outcome("ended"), "401");
  EXPECT_EQ(outcome(Headers{{"X-Auth-Token", "ended"}, {"X-Service-Token", "service"}}), "200");
  EXPECT_EQ(outcome("ended"), "401");
  // Not of the role: valid, but with no say in what has ended.
  EXPECT_EQ(outcome(Headers{{"X-Auth-Token", "user"}, {"X-Service-Token", "alt"}}), "200");
  EXPECT_EQ(outcome(Headers{{"X-Auth-Token", "ended"}, {"X-Service-Token", "alt"}}), "401");
  EXPECT_EQ(log_.find("event=service_token_without_role").size(), 1U);
}

TEST_F(KeystoneTokens, ServiceRolesMayBeRequired) {
  keystone_.add("user");
  keystone_.add("alt", {.user = "alt", .roles = {"member"}});
  keystone_.add("boss", {.user = "boss", .roles = {"boss"}});
  start("service_token_roles = service , boss\nservice_token_roles_required = true\n");
  EXPECT_EQ(outcome(Headers{{"X-Auth-Token", "user"}, {"X-Service-Token", "alt"}}), "401");
  EXPECT_EQ(outcome(Headers{{"X-Auth-Token", "user"}, {"X-Service-Token", "boss"}}), "200");
}

TEST_F(KeystoneTokens, ADelayedDecisionLetsNobodyIn) {
  keystone_.add("t");
  start("delay_auth_decision = true\n");
  for (const char* token : {"", "bogus"}) {
    const auto nobody = std::get<Identity>(ask(token));
    EXPECT_EQ(nobody.creator, ":");
    EXPECT_EQ(nobody.user_id, std::nullopt);
    EXPECT_THAT(nobody.roles, IsEmpty());
    EXPECT_THAT(nobody.attributes, IsEmpty());
  }
  EXPECT_EQ(std::get<Identity>(ask("t")).creator, "u1:p1");
  // A token that cannot be judged is not nobody's.
  keystone_.answer_validations(FakeKeystone::http(500, ""));
  EXPECT_EQ(outcome("another"), "unavailable");
}

constexpr char kRules[] = R"(, "application_credential": {"id": "c", "access_rules": [)"
                          R"({"service": "metric", "method": "GET", "path": "/v1/metric/*"}]}, )"
                          R"("catalog": [{"type": "metric"}])";

TEST_F(KeystoneTokens, AccessRulesOfApplicationCredentialsHold) {
  keystone_.add("t", {.more = kRules});
  keystone_.add("none", {.more = R"(, "application_credential": {"access_rules": []})"});
  keystone_.add("free", {.more = R"(, "application_credential": {"access_rules": null})"});
  keystone_.add("service", {.roles = {"service"}});
  start("service_type = metric\n");
  const auto status = [&](const Headers& headers, const char* method, const char* path) {
    const Answer answer = ask(headers, method, path);
    return std::holds_alternative<Identity>(answer) ? 200 : 401;
  };
  const Headers own{{"X-Auth-Token", "t"}};
  EXPECT_EQ(status(own, "GET", "/v1/metric/1?start=/x"), 200);
  EXPECT_EQ(status(own, "GET", "/v1/metric/1/measures"), 401);
  EXPECT_EQ(status(own, "DELETE", "/v1/metric/1"), 401);
  EXPECT_EQ(status({{"X-Auth-Token", "t"}, {"X-Service-Token", "service"}}, "DELETE", "/v1/x"),
            200);
  EXPECT_EQ(status({{"X-Auth-Token", "none"}}, "GET", "/v1/metric/1"), 401);
  EXPECT_EQ(status({{"X-Auth-Token", "free"}}, "DELETE", "/v1/x"), 200);
  EXPECT_EQ(keystone_.seen().back().header("OpenStack-Identity-Access-Rules"), "1");
}

TEST_F(KeystoneTokens, AccessRulesCannotHoldWithoutAServiceType) {
  keystone_.add("t", {.more = kRules});
  start();
  EXPECT_EQ(
      std::holds_alternative<Identity>(ask(Headers{{"X-Auth-Token", "t"}}, "GET", "/v1/metric/1")),
      false);
}

TEST_F(KeystoneTokens, BindingsThatNobodyCanCheckAreNotBelieved) {
  keystone_.add("free");
  keystone_.add("kerberos", {.more = R"(, "bind": {"kerberos": "U1"})"});
  keystone_.add("odd", {.more = R"(, "bind": {"odd": "U1"})"});
  struct Case {
    const char *mode, *free, *kerberos, *odd;
  };
  for (const Case& one : {Case{"disabled", "200", "200", "200"},
                          {"permissive", "200", "401", "200"},
                          {"strict", "200", "401", "401"},
                          {"required", "401", "401", "401"},
                          {"kerberos", "401", "401", "401"}}) {
    start(std::string("enforce_token_bind = ") + one.mode + "\n");
    EXPECT_EQ(outcome("free"), one.free) << one.mode;
    EXPECT_EQ(outcome("kerberos"), one.kerberos) << one.mode;
    EXPECT_EQ(outcome("odd"), one.odd) << one.mode;
    stop();
  }
}

TEST_F(KeystoneTokens, TheCatalogueIsAskedForAsTheOptionSays) {
  keystone_.add("t");
  start("include_service_catalog = false\n");
  ask("t");
  EXPECT_EQ(keystone_.seen().back().target, "/v3/auth/tokens?nocatalog");
  stop();
  start();
  ask("t");
  EXPECT_EQ(keystone_.seen().back().target, "/v3/auth/tokens");
}

TEST_F(KeystoneTokens, SecretsStayOutOfTheLog) {
  keystone_.add("a-valid-token");
  start();
  outcome("a-valid-token");
  outcome("a-bogus-token");
  keystone_.password_right = false;
  keystone_.forget_own_tokens();
  outcome("another-token");
  for (const char* secret : {"secret", "a-valid-token", "a-bogus-token", "another-token", "own-"}) {
    EXPECT_THAT(log_.find(secret), IsEmpty());
    EXPECT_THAT(why_, Not(HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace gnocchi::keystone
