// What goes wrong with Keystone: never a 401 for it, never let through, never a long wait.
#include <chrono>

#include "tests/unit/auth/keystone_fixture.h"

namespace gnocchi::keystone {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

class KeystoneFaults : public KeystoneFixture {
 protected:
  KeystoneFaults() { keystone_.add("t"); }

  /// Of the next validations alone.
  void intercept_validations(std::function<void(FakeServer::Peer&)> act) {
    keystone_.intercept(
        [act = std::move(act)](const FakeKeystone::Request& request, FakeServer::Peer& peer) {
          if (request.method != "GET" || request.target == "/") return false;
          act(peer);
          return true;
        });
  }

  static double seconds_of(const std::function<void()>& work) {
    const auto begin = steady_clock::now();
    work();
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
  }
};

TEST_F(KeystoneFaults, AnyOtherStatusIsUnavailableAndNobodyElsesTrouble) {
  start();
  int n = 0;
  for (const int status : {400, 403, 405, 429, 500, 502, 503, 302}) {
    keystone_.answer_validations(FakeKeystone::http(status, "<html>"));
    EXPECT_EQ(outcome("x" + std::to_string(++n)), "unavailable") << status;
    EXPECT_THAT(why_, HasSubstr(std::to_string(status)));
    keystone_.answer_validations_rightly();
    EXPECT_EQ(outcome("y" + std::to_string(n)), "401");  // asked at once: no outage
  }
  EXPECT_EQ(outcome("t"), "200");
}

TEST_F(KeystoneFaults, ANoticeSaysWhatAServiceUserWithoutRightsLacks) {
  start();
  keystone_.answer_validations(FakeKeystone::http(403, ""));
  EXPECT_EQ(outcome("t"), "unavailable");
  EXPECT_THAT(why_, HasSubstr("user gnocchi (project service) may not validate tokens"));
}

TEST_F(KeystoneFaults, WhatIsNoTokensDataIsUnavailable) {
  start();
  std::string deep(200000, '[');
  int n = 0;
  for (const std::string& body :
       {std::string(), std::string("<html>It works!</html>"), std::string("{"), std::string("[]"),
        std::string("{\"token\": 1}"), std::string("{\"token\": {\"user\": {\"id\": \"u\"}}}"),
        std::string(R"({"token": {"user": 1, "expires_at": "2100-01-01T00:00:00Z"}})"),
        std::string(R"({"token": {"user": {"id": "u"}, "expires_at": "soon"}})"), deep}) {
    keystone_.answer_validations(FakeKeystone::http(200, body));
    EXPECT_EQ(outcome("x" + std::to_string(++n)), "unavailable") << body.substr(0, 80);
  }
}

TEST_F(KeystoneFaults, WhatIsNoHttpIsUnavailable) {
  start("http_request_max_retries = 0\n");
  int n = 0;
  for (const std::string& text :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"), std::string("HTTP/1.1 abc OK\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"), std::string()}) {
    std::this_thread::sleep_for(1100ms);  // each time it is an outage
    intercept_validations([text](FakeServer::Peer& peer) { peer.send(text); });
    EXPECT_EQ(outcome("x" + std::to_string(++n)), "unavailable") << text;
  }
}

TEST_F(KeystoneFaults, HugeAnswersAreNotTaken) {
  start("http_request_max_retries = 0\n");
  const std::string filler(64 * 1024, 'x');
  const std::vector<std::function<void(FakeServer::Peer&)>> floods{
      [](FakeServer::Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n{");
      },
      [filler](FakeServer::Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        for (int i = 0; i != 400; ++i) peer.send(filler);
      },
      [filler](FakeServer::Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i != 400; ++i) peer.send("10000\r\n" + filler + "\r\n");
      },
      [filler](FakeServer::Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i != 400; ++i) peer.send("X-" + std::to_string(i) + ": y\r\n");
      },
      [filler](FakeServer::Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nX: ");
        for (int i = 0; i != 400; ++i) peer.send(filler);
      }};
  int n = 0;
  for (const auto& flood : floods) {
    std::this_thread::sleep_for(1100ms);
    intercept_validations(flood);
    EXPECT_EQ(outcome("x" + std::to_string(++n)), "unavailable") << n;
  }
}

TEST_F(KeystoneFaults, SilenceAndDrippingEndAtTheTimeout) {
  start("http_connect_timeout = 0.5\n");
  const std::string answer = FakeKeystone::http(200, FakeKeystone::token_json({}));
  for (const bool drips : {false, true}) {
    std::this_thread::sleep_for(1100ms);
    intercept_validations(
        [drips, answer](FakeServer::Peer& peer) { drips ? peer.drip(answer, 50ms) : peer.hang(); });
    std::string got;
    EXPECT_LT(seconds_of([&] { got = outcome(drips ? "x" : "y"); }), 5);
    EXPECT_EQ(got, "timed_out");
  }
}

TEST_F(KeystoneFaults, WhileItHangsOthersAreToldAtOnceAndCachedTokensWork) {
  start("http_connect_timeout = 1.5\n");
  EXPECT_EQ(outcome("t"), "200");
  intercept_validations([](FakeServer::Peer& peer) { peer.hang(); });
  EXPECT_EQ(outcome("x"), "timed_out");
  const double others = seconds_of([&] {
    for (int i = 0; i != 20; ++i) EXPECT_EQ(outcome("x" + std::to_string(i)), "timed_out");
    EXPECT_EQ(outcome("t"), "200");
  });
  EXPECT_LT(others, 1.4);  // twenty timeouts would take half a minute
  keystone_.intercept({});
  std::this_thread::sleep_for(1100ms);
  EXPECT_EQ(outcome("x"), "401");
}

TEST_F(KeystoneFaults, AConnectionClosedMidAnswerIsTriedAgain) {
  start();
  std::atomic<int> times{0};
  keystone_.intercept([&](const FakeKeystone::Request& request, FakeServer::Peer& peer) {
    if (request.method != "GET" || ++times > 2) return false;
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"token\"");
    return true;
  });
  EXPECT_EQ(outcome("t"), "200");
}

TEST_F(KeystoneFaults, KeptConnectionsThatWereDroppedAreReplaced) {
  start("http_request_max_retries = 0\n");
  for (int i = 0; i != 5; ++i) {
    keystone_.add("k" + std::to_string(i));
    EXPECT_EQ(outcome("k" + std::to_string(i)), "200");
  }
  EXPECT_EQ(keystone_.server().connections(), 1);
  keystone_.drops_connections = true;
  for (int i = 5; i != 15; ++i) {
    keystone_.add("k" + std::to_string(i));
    EXPECT_EQ(outcome("k" + std::to_string(i)), "200") << why_;
  }
}

TEST_F(KeystoneFaults, ChunkedAnswersAreRead) {
  keystone_.chunked = true;
  start();
  EXPECT_EQ(std::get<Identity>(ask("t")).creator, "u1:p1");
  keystone_.add("u");
  EXPECT_EQ(outcome("u"), "200");
  EXPECT_EQ(keystone_.server().connections(), 1);
}

TEST_F(KeystoneFaults, ARestartIsSurvived) {
  start();
  EXPECT_EQ(outcome("t"), "200");
  keystone_.server().shut();
  EXPECT_EQ(outcome("x"), "unavailable");
  EXPECT_THAT(why_, HasSubstr("refused"));
  EXPECT_LT(seconds_of([&] { EXPECT_EQ(outcome("x"), "unavailable"); }), 0.5);
  EXPECT_EQ(outcome("t"), "200");
  keystone_.server().open();
  std::this_thread::sleep_for(1100ms);
  keystone_.add("u");
  EXPECT_EQ(outcome("u"), "200") << why_;
}

TEST_F(KeystoneFaults, StartsWithoutKeystone) {
  keystone_.server().shut();
  start();
  EXPECT_THAT(log_.find("event=keystone_login_failed"), SizeIs(1));
  EXPECT_EQ(outcome("t"), "unavailable");
  EXPECT_EQ(outcome(""), "401");
  keystone_.server().open();
  std::this_thread::sleep_for(1100ms);
  EXPECT_EQ(outcome("t"), "200") << why_;
}

TEST_F(KeystoneFaults, ARefusedOwnTokenIsRenewedOnceForAll) {
  start();
  EXPECT_EQ(outcome("t"), "200");
  std::this_thread::sleep_for(1100ms);
  keystone_.forget_own_tokens();
  for (int i = 0; i != 8; ++i) keystone_.add("k" + std::to_string(i));
  EXPECT_THAT(outcomes(8, [](int i) { return "k" + std::to_string(i); }), Each("200"));
  EXPECT_EQ(keystone_.logins(), 2);
}

TEST_F(KeystoneFaults, AnOwnTokenThatIsRefusedAtOnceIsNotRenewedForEver) {
  start();
  keystone_.answer_validations(FakeKeystone::http(401, ""));
  for (int i = 0; i != 10; ++i) EXPECT_EQ(outcome("x" + std::to_string(i)), "unavailable");
  EXPECT_LE(keystone_.logins(), 3);
}

TEST_F(KeystoneFaults, TheOwnTokenIsRenewedBeforeItEnds) {
  keystone_.own_lives_s = 2;
  start();
  EXPECT_EQ(outcome("t"), "200");
  std::this_thread::sleep_for(1600ms);
  // While one thread renews, which takes its time, the others use what there is.
  keystone_.own_lives_s = 3600;
  std::atomic<bool> renewing{false};
  keystone_.intercept([&](const FakeKeystone::Request& request, FakeServer::Peer&) {
    if (request.method == "POST") {
      renewing = true;
      std::this_thread::sleep_for(300ms);
    }
    return false;
  });
  for (int i = 0; i != 8; ++i) keystone_.add("k" + std::to_string(i));
  EXPECT_THAT(outcomes(8, [](int i) { return "k" + std::to_string(i); }), Each("200"));
  EXPECT_TRUE(renewing);
  EXPECT_EQ(keystone_.logins(), 2);
  for (const auto& request : keystone_.seen()) {
    EXPECT_NE(request.header("X-Auth-Token"), "own-3");
  }
}

TEST_F(KeystoneFaults, AWrongPasswordIsSaidClearlyAndNotTriedAgainAtOnce) {
  keystone_.password_right = false;
  start();
  EXPECT_THAT(log_.find("does not accept the service's user gnocchi (project service)"), SizeIs(1));
  EXPECT_THAT(log_.find("You are nobody."), SizeIs(1));
  for (int i = 0; i != 20; ++i) EXPECT_EQ(outcome("t"), "unavailable");
  EXPECT_LE(keystone_.logins(), 2);
  keystone_.password_right = true;
  std::this_thread::sleep_for(1100ms);
  EXPECT_EQ(outcome("t"), "200");
}

TEST_F(KeystoneFaults, TheEndpointIsThatOfInterfaceAndRegion) {
  keystone_.endpoints =
      R"({"interface": "public", "region": "R", "url": "http://127.0.0.1:1/v3"},)"
      R"({"interface": "internal", "region": "S", "url": "http://127.0.0.1:1/v3"},)"
      R"({"interface": "internal", "region": "R", "url": "{url}"})";
  start("region_name = R\n");
  EXPECT_EQ(outcome("t"), "200") << why_;
  stop();
  start("region_name = R\ninterface = adminURL\n");
  EXPECT_EQ(outcome("t"), "unavailable");
  EXPECT_THAT(why_, HasSubstr("no identity endpoint with interface admin in region R; it has: "
                              "public in R, internal in S, internal in R"));
}

TEST_F(KeystoneFaults, KeystoneIsFoundUnderAnyOfItsUrls) {
  for (const char* path : {"", "/", "/v3", "/v3/", "/v2.0"}) {
    start("auth_url = " + keystone_.url() + path + "\n");
    EXPECT_EQ(outcome("t"), "200") << path << why_;
    stop();
  }
}

TEST_F(KeystoneFaults, ServersWithoutAListOfVersionsAreTakenForVersion3) {
  keystone_.intercept([](const FakeKeystone::Request& request, FakeServer::Peer& peer) {
    if (request.target != "/") return false;
    peer.send(FakeKeystone::http(404, "<html>"));
    return true;
  });
  start();
  EXPECT_EQ(outcome("t"), "200") << why_;
}

}  // namespace
}  // namespace gnocchi::keystone
