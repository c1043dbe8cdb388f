#include <gtest/gtest.h>

#include "gnocchi/error.h"
#include "plugins/auth-basic/basic_authenticator.h"
#include "plugins/auth-noauth/noauth_authenticator.h"
#include "plugins/auth-remoteuser/remoteuser_authenticator.h"
#include "tests/support/memory_log.h"

namespace gnocchi {
namespace {

class HeaderOption : public plugin::Options {
 public:
  explicit HeaderOption(std::string header) : header_(std::move(header)) {}
  std::string text(std::string_view) const override { return header_; }
  std::int64_t integer(std::string_view) const override { return 0; }
  double real(std::string_view) const override { return 0; }
  bool boolean(std::string_view) const override { return false; }
  std::chrono::nanoseconds duration(std::string_view) const override { return {}; }
  bool has(std::string_view) const override { return true; }

 private:
  std::string header_;
};

using HeaderList = std::vector<std::pair<std::string_view, std::string_view>>;

class Authenticators : public testing::Test {
 protected:
  template <class Authenticator>
  std::variant<Identity, Challenge> ask(HeaderList headers, const char* option = "X-Remote-User") {
    const HeaderOption options{option};
    const plugin::Context context{options, log_, "test"};
    Authenticator authenticator{context};
    authenticator.start();
    auto answer = authenticator.authenticate({"GET", "/v1/metric", std::move(headers)});
    authenticator.stop();
    return answer;
  }
  std::variant<Identity, Challenge> basic(std::string_view authorization) {
    return ask<BasicAuthenticator>({{"authorization", authorization}});
  }

  support::MemoryLog log_;
};

int status(const std::variant<Identity, Challenge>& answer) {
  const auto* challenge = std::get_if<Challenge>(&answer);
  return challenge ? challenge->status : 200;
}

TEST_F(Authenticators, NoauthBelievesTheHeadersInAnyCase) {
  const auto answer = ask<NoauthAuthenticator>({{"x-user-id", "alice"},
                                                {"X-PROJECT-ID", "blue"},
                                                {"X-Domain-Id", "default"},
                                                {"x-roles", "admin, Member,,"}});
  const auto& who = std::get<Identity>(answer);
  EXPECT_EQ(who.creator, "alice:blue");
  EXPECT_EQ(who.user_id, "alice");
  EXPECT_EQ(who.project_id, "blue");
  EXPECT_EQ(who.domain_id, "default");
  EXPECT_EQ(who.roles, (std::vector<std::string>{"admin", "Member"}));
}

TEST_F(Authenticators, NoauthNeedsNoHeader) {
  const auto answer = ask<NoauthAuthenticator>({});
  const auto& who = std::get<Identity>(answer);
  EXPECT_EQ(who.creator, ":");
  EXPECT_FALSE(who.user_id);
  EXPECT_FALSE(who.project_id);
  EXPECT_TRUE(who.roles.empty());
}

TEST_F(Authenticators, NoauthRefusesWhatACreatorCannotHold) {
  EXPECT_EQ(status(ask<NoauthAuthenticator>({{"X-User-Id", "a:b"}})), 400);
  const std::string longest(254, 'u');
  EXPECT_EQ(status(ask<NoauthAuthenticator>({{"X-User-Id", longest}})), 200);
  EXPECT_EQ(status(ask<NoauthAuthenticator>({{"X-User-Id", longest}, {"X-Project-Id", "p"}})), 400);
  EXPECT_EQ(status(ask<NoauthAuthenticator>({{"X-User-Id", "u"}, {"X-Project-Id", "a:b"}})), 200);
}

TEST_F(Authenticators, BasicTakesTheNameInAnyCaseOfTheScheme) {
  for (const char* header : {"basic Zm9vYmFyOg==", "Basic Zm9vYmFyOg==", "BASIC   Zm9vYmFyOg",
                             "Basic Zm9vYmFyOnNlY3JldA=="}) {
    const auto answer = basic(header);
    const auto& who = std::get<Identity>(answer);
    EXPECT_EQ(who.creator, "foobar") << header;
    EXPECT_FALSE(who.user_id);
    EXPECT_TRUE(who.roles.empty());
  }
}

TEST_F(Authenticators, BasicGivesAdminItsRole) {
  const auto answer = basic("basic YWRtaW46");
  EXPECT_EQ(std::get<Identity>(answer).roles, std::vector<std::string>{"admin"});
}

TEST_F(Authenticators, BasicAsksForANameWithoutAHeaderOfItsOwn) {
  EXPECT_EQ(status(ask<BasicAuthenticator>({})), 401);
  for (const char* header :
       {"", "basic", "basic ", "Bearer Zm9vYmFyOg==", "basic Zm9v*mFyOg==", "basic Zm9vYmFy",
        "basic Og==", "basic OnNlY3JldA==", "basic /////zo=", "basic Zm9vYmFyO"}) {
    const auto answer = basic(header);
    ASSERT_EQ(status(answer), 401) << header;
    EXPECT_TRUE(std::get<Challenge>(answer).headers.empty());
  }
}

TEST_F(Authenticators, RemoteuserBelievesItsOneHeader) {
  const auto answer = ask<RemoteuserAuthenticator>({{"x-remote-user", "j\xfcrgen"}});
  EXPECT_EQ(std::get<Identity>(answer).creator, "j\xc3\xbcrgen");
  EXPECT_TRUE(std::get<Identity>(answer).roles.empty());
  const auto admin = ask<RemoteuserAuthenticator>({{"REMOTE_USER", "admin"}}, "REMOTE_USER");
  EXPECT_EQ(std::get<Identity>(admin).roles, std::vector<std::string>{"admin"});
}

TEST_F(Authenticators, RemoteuserRefusesMissingAndRepeatedHeaders) {
  EXPECT_EQ(status(ask<RemoteuserAuthenticator>({})), 401);
  EXPECT_EQ(status(ask<RemoteuserAuthenticator>({{"X-Remote-User", ""}})), 401);
  EXPECT_EQ(status(ask<RemoteuserAuthenticator>({{"REMOTE_USER", "admin"}})), 401);
  EXPECT_EQ(status(ask<RemoteuserAuthenticator>(
                {{"X-Remote-User", "admin"}, {"x-remote-user", "alice"}})),
            400);
}

TEST_F(Authenticators, RemoteuserRefusesAnOptionThatIsNoHeader) {
  for (const char* option : {"", "X Remote", "X-R\xc3\xa9mote", "a:b"}) {
    EXPECT_THROW(ask<RemoteuserAuthenticator>({}, option), Error) << option;
  }
}

}  // namespace
}  // namespace gnocchi
