// Authenticator: whatever a stranger sends is answered with an identity or a challenge.
//
// Which headers are good only the author knows. The test configuration may say so:
//   [driver_test]
//   accept = Authorization: Basic YWRtaW46     (several headers: continuation lines)
//   reject = Authorization: Basic ?
#include <algorithm>
#include <cctype>

#include "tests/driver-kit/kit.h"

namespace gnocchi::kit {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;
using Answer = std::variant<Identity, Challenge>;

/// "Name: value" lines.
Headers headers_of(const std::string& text) {
  Headers headers;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) {
      const std::size_t value = line.find_first_not_of(' ', colon + 1);
      headers.emplace_back(line.substr(0, colon),
                           value == std::string::npos ? "" : line.substr(value));
    }
    at = end + 1;
  }
  return headers;
}

class Authenticator : public Case<AuthenticatorDriver> {
 protected:
  Answer ask(const Headers& headers) {
    RequestHead head;
    head.method = "GET";
    head.path = "/v1/metric";
    for (const auto& [name, value] : headers) head.headers.emplace_back(name, value);
    return driver().authenticate(head);
  }

  /// An identity that can be stored, or a refusal that a client understands.
  static void expect_proper(const Answer& answer) {
    if (const auto* challenge = std::get_if<Challenge>(&answer)) {
      EXPECT_GE(challenge->status, 400);
      EXPECT_LT(challenge->status, 500);
      for (const auto& [name, value] : challenge->headers) {
        EXPECT_EQ((name + value).find_first_of("\r\n"), std::string::npos)
            << "a line break in a header of the answer";
      }
    }
  }

  static bool same(const Answer& a, const Answer& b) {
    if (a.index() != b.index()) return false;
    if (const auto* challenge = std::get_if<Challenge>(&a)) {
      return challenge->status == std::get<Challenge>(b).status;
    }
    const auto& first = std::get<Identity>(a);
    const auto& second = std::get<Identity>(b);
    return first.creator == second.creator && first.user_id == second.user_id &&
           first.project_id == second.project_id && first.roles == second.roles;
  }
};

TEST_F(Authenticator, ARequestWithoutHeadersIsAnswered) { expect_proper(ask({})); }

TEST_F(Authenticator, TheSameRequestGetsTheSameAnswer) {
  const Headers headers = headers_of(test_setting("accept"));
  EXPECT_TRUE(same(ask(headers), ask(headers)));
  EXPECT_TRUE(same(ask({}), ask({})));
}

TEST_F(Authenticator, GarbageIsAnsweredAndNeverThrown) {
  auto random = random_engine();
  std::vector<std::string> values = {"",          " ",     "Basic",         "Basic ",
                                     "Basic !!!", "basic", "Basic Og==",    "Basic Og",
                                     "Bearer x",  ":",     "\r\nX-Evil: 1", std::string(1, '\0')};
  values.push_back("Basic " + std::string(100000, 'A'));
  for (int i = 0; i != 50; ++i) values.push_back(random_bytes(random, random() % 200));
  for (const char* name : {"Authorization", "X-Auth-Token", "X-User-Id", "X-Project-Id", "X-Roles",
                           "X-Remote-User", "X-Identity-Status", "X-Domain-Id"}) {
    for (const std::string& value : values) {
      SCOPED_TRACE(name);
      expect_proper(ask({{name, value}}));
      expect_proper(ask({{name, value}, {name, value}}));
    }
  }
}

TEST_F(Authenticator, AcceptedHeadersGiveAnIdentity) {
  const Headers headers = headers_of(test_setting("accept"));
  if (headers.empty()) GTEST_SKIP() << "the configuration has no [driver_test] accept";
  const Answer answer = ask(headers);
  ASSERT_TRUE(std::holds_alternative<Identity>(answer)) << std::get<Challenge>(answer).message;
  EXPECT_FALSE(std::get<Identity>(answer).creator.empty());
}

TEST_F(Authenticator, HeaderNamesAreComparedWithoutCase) {
  Headers headers = headers_of(test_setting("accept"));
  if (headers.empty()) GTEST_SKIP() << "the configuration has no [driver_test] accept";
  const Answer expected = ask(headers);
  for (const auto convert : {&::toupper, &::tolower}) {
    for (auto& [name, value] : headers) {
      std::transform(name.begin(), name.end(), name.begin(),
                     [&](unsigned char c) { return static_cast<char>(convert(c)); });
    }
    EXPECT_TRUE(same(ask(headers), expected));
  }
}

TEST_F(Authenticator, RejectedHeadersGiveAChallenge) {
  const Headers headers = headers_of(test_setting("reject"));
  if (headers.empty()) GTEST_SKIP() << "the configuration has no [driver_test] reject";
  const Answer answer = ask(headers);
  ASSERT_TRUE(std::holds_alternative<Challenge>(answer));
  expect_proper(answer);
}

TEST_F(Authenticator, EightThreadsGetTheirOwnAnswers) {
  const Headers good = headers_of(test_setting("accept"));
  const Headers bad = headers_of(test_setting("reject"));
  const Answer expected_good = ask(good);
  const Answer expected_bad = ask(bad);
  in_threads(8, [&](std::size_t i) {
    for (int round = 0; round != 200; ++round) {
      const bool is_good = (i + static_cast<std::size_t>(round)) % 2 == 0;
      if (!same(ask(is_good ? good : bad), is_good ? expected_good : expected_bad)) {
        ADD_FAILURE() << "another answer under load";
        return;
      }
    }
  });
}

}  // namespace
}  // namespace gnocchi::kit
