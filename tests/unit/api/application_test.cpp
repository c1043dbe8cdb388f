#include "api/application.h"

#include <algorithm>

#include "tests/unit/api/application_fixture.h"

namespace gnocchi::api {
namespace {

class ApplicationTest : public ApplicationFixture {
 protected:
  ApplicationTest() : ApplicationFixture("[cors]\nallowed_origin = http://foobar.com\n") {}
};

TEST_F(ApplicationTest, RootsAreOpenAndTheRestIsNot) {
  EXPECT_EQ(ask("GET", "/", {}, {}, "").status, 200);
  EXPECT_EQ(ask("HEAD", "/", {}, {}, "").status, 200);
  EXPECT_EQ(ask("GET", "/healthcheck", {}, {}, "").status, 200);
  for (const char* path : {"/v1", "/v1/", "/v1/capabilities", "/v1/status", "/v1/archive_policy"}) {
    const auto response = ask("GET", path, {}, {}, "");
    EXPECT_EQ(response.status, 401) << path;
    EXPECT_EQ(header(response, "WWW-Authenticate"), "Test");
    EXPECT_EQ(description(response), "\"who are you\"");
  }
  EXPECT_EQ(ask("GET", "/v1/capabilities//").status, 200);
}

TEST_F(ApplicationTest, AnAuthenticatorMayAnswerInItsOwnForm) {
  for (const char* accept : {"application/json", "text/html"}) {
    const auto response = ask("DELETE", "/v1/archive_policy/x", {}, {{"Accept", accept}}, "formal");
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(header(response, "Content-Type"), "application/json");
    EXPECT_EQ(response.body, "{\"error\": 1}");
  }
}

TEST_F(ApplicationTest, TheVersionIsWhatClientsCompareWith) {
  EXPECT_EQ(ask("GET", "/").body,
            R"({"build": "4.7.0", "versions": [{"status": "CURRENT", "links": [{"rel": "self", )"
            R"("href": "http://localhost:8041/v1/"}], "id": "v1.0", "updated": "2015-03-19"}]})");
  const auto moved = ask("GET", "/v1");
  EXPECT_EQ(moved.status, 302);
  EXPECT_EQ(header(moved, "Location"), "http://localhost:8041/v1/");
  EXPECT_NE(ask("GET", "/v1/").body.find("http://localhost:8041/v1/archive_policy_rule"),
            std::string::npos);
}

TEST_F(ApplicationTest, EveryAnswerHasARequestId) {
  const auto one = header(ask("GET", "/"), "X-Openstack-Request-Id");
  const auto two = header(ask("GET", "/nowhere", {}, {}, ""), "X-Openstack-Request-Id");
  EXPECT_EQ(one.size(), 4 + 36U);
  EXPECT_TRUE(one.starts_with("req-"));
  EXPECT_NE(one, two);
}

TEST_F(ApplicationTest, UnknownPathsAndMethods) {
  const auto unknown = ask("GET", "/v1/nowhere");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(description(unknown), "null");
  const auto put = ask("PUT", "/v1/archive_policy/x");
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(header(put, "Allow"), "DELETE, GET, PATCH");
  EXPECT_EQ(ask("HEAD", "/v1/archive_policy").status, 405);
  const auto options = ask("OPTIONS", "/v1/nowhere", {}, {}, "");
  EXPECT_EQ(options.status, 200);
  EXPECT_EQ(options.body, "");
}

TEST_F(ApplicationTest, WhatOnlyJsonCanAnswerIsNotAcceptableOtherwise) {
  EXPECT_EQ(ask("GET", "/v1/archive_policy", {}, {{"Accept", "text/plain"}}).status, 406);
  EXPECT_EQ(ask("GET", "/v1/archive_policy", {}, {{"Accept", "text/html"}}).status, 406);
  EXPECT_EQ(ask("GET", "/v1/archive_policy", {}, {{"Accept", "text/html,*/*"}}).status, 200);
  EXPECT_EQ(ask("GET", "/v1/archive_policy", {}, {{"Accept", ""}}).status, 200);
}

TEST_F(ApplicationTest, RefusalsBecomeGnocchisStatuses) {
  EXPECT_EQ(ask("GET", "/v1/fail/exists").status, 409);
  EXPECT_EQ(description(ask("GET", "/v1/fail/exists")), "\"R x exists\"");
  EXPECT_EQ(ask("GET", "/v1/fail/policy").status, 400);
  EXPECT_EQ(ask("GET", "/v1/fail/metric").status, 404);
  EXPECT_EQ(ask("GET", "/v1/fail/value").status, 400);
}

TEST_F(ApplicationTest, FailuresAreLoggedAndTellClientsNoDetails) {
  for (const char* how : {"unavailable", "timeout"}) {
    const auto response = ask("GET", std::string("/v1/fail/") + how);
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(header(response, "Retry-After"), "2");
    EXPECT_EQ(response.body.find("10.0"), std::string::npos);
  }
  EXPECT_EQ(ask("GET", "/v1/fail/corrupt").status, 500);
  EXPECT_EQ(ask("GET", "/v1/fail/surprise").status, 500);
  const auto down = ask("GET", "/v1/capabilities", {}, {}, "down");
  EXPECT_EQ(down.status, 503);
  EXPECT_EQ(header(down, "Retry-After"), "2");
  EXPECT_EQ(description(down), "\"The identity service is temporarily unavailable.\"");
  EXPECT_EQ(log_.find("keystone at 10.0.0.9 is away").size(), 1U);
  EXPECT_EQ(log_.find("mysql at 10.0.0.8 is away").size(), 1U);
  EXPECT_EQ(log_.find("split of metric 7").size(), 1U);
  EXPECT_EQ(log_.find("code=internal reason=\"surprise\"").size(), 1U);
}

TEST_F(ApplicationTest, EmptyAnswersAre204WithoutAType) {
  const auto empty = ask("POST", "/v1/echo");
  EXPECT_EQ(empty.status, 204);
  EXPECT_EQ(header(empty, "Content-Type"), "-");
  const auto full = ask("POST", "/v1/echo", "{}");
  EXPECT_EQ(full.status, 200);
  EXPECT_EQ(header(full, "Content-Type"), "application/json");
}

TEST_F(ApplicationTest, AllowedOriginsMayAsk) {
  const auto preflight = [this](const HeaderList& more) {
    HeaderList headers{{"Origin", "http://foobar.com"}, {"Access-Control-Request-Method", "GET"}};
    headers.insert(headers.end(), more.begin(), more.end());
    return ask("OPTIONS", "/v1/status", {}, headers, "");
  };
  const auto granted = preflight({{"Access-Control-Request-Headers", "x-auth-token, accept"}});
  EXPECT_EQ(header(granted, "Access-Control-Allow-Origin"), "http://foobar.com");
  EXPECT_EQ(header(granted, "Access-Control-Allow-Methods"), "GET");
  EXPECT_EQ(header(granted, "Access-Control-Allow-Headers"), "x-auth-token,accept");
  EXPECT_EQ(header(granted, "Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(header(granted, "Access-Control-Max-Age"), "3600");
  for (const auto& refused : {preflight({{"Access-Control-Request-Headers", "X-Evil"}}),
                              preflight({{"Access-Control-Request-Method", "BREW"}}),
                              preflight({{"Access-Control-Request-Method", ""}}),
                              preflight({{"Origin", "http://notallowed.com"}})}) {
    EXPECT_EQ(refused.status, 200);
    EXPECT_EQ(header(refused, "Access-Control-Allow-Origin"), "-");
  }
  const auto simple = ask("GET", "/v1/capabilities", {}, {{"Origin", "http://foobar.com"}});
  EXPECT_EQ(header(simple, "Access-Control-Allow-Origin"), "http://foobar.com");
  EXPECT_EQ(header(simple, "Vary"), "Origin");
  EXPECT_EQ(header(ask("GET", "/v1/capabilities"), "Access-Control-Allow-Origin"), "-");
}

TEST_F(ApplicationTest, ProxyHeadersAreNotBelievedUnasked) {
  EXPECT_EQ(header(ask("GET", "/v1", {}, {{"X-Forwarded-Host", "evil"}}), "Location"),
            "http://localhost:8041/v1/");
}

/// Counts what it is given at once; with `away`, takes nothing. Bundles of 13 bytes are too much.
class CountingIncoming : public support::MemoryIncoming {
 public:
  void append(std::span<const Bundle> bundles) override {
    if (away) throw Error(Error::Code::unavailable, "no space left");
    const auto too_much = [](const Bundle& bundle) { return bundle.data.size() == 13; };
    if (std::ranges::any_of(bundles, too_much)) {
      throw Error(Error::Code::unavailable, "the sack is full");
    }
    sizes.push_back(bundles.size());
  }
  std::vector<std::size_t> sizes;
  bool away = false;
};

/// POST /v1/keep/{size} brings a bundle of so many bytes.
class KeepingApplication : public ApplicationFixture {
 protected:
  KeepingApplication() {
    Router router;
    router.add("POST", "/v1/keep/{size}",
               [](const Request&, const PathArguments& path, Response& response) {
                 response.measures.push_back({MetricId{}, std::string(std::stoul(path[0]), 'm')});
                 response.status = 202;
               });
    application_ = std::make_unique<Application>(*settings_, authenticator_, counting_,
                                                 std::move(router), log_);
  }
  std::vector<Handled> begin(std::initializer_list<const char*> paths) {
    std::vector<Handled> begun;
    for (const char* path : paths) {
      Headers headers;
      headers.add("X-User", "admin");
      begun.push_back(
          application_->begin(make_request("POST", path, headers, {}, "127.0.0.1").value()));
    }
    return begun;
  }

  CountingIncoming counting_;
};

TEST_F(KeepingApplication, MeasuresOfSeveralAnswersAreKeptAtOnceBeforeTheyAreComplete) {
  auto begun = begin({"/v1/keep/16", "/v1/keep/32", "/v1/keep/16"});
  EXPECT_TRUE(counting_.sizes.empty());
  application_->finish(begun);
  EXPECT_EQ(counting_.sizes, std::vector<std::size_t>{3});
  for (const Handled& one : begun) {
    EXPECT_EQ(one.rest, nullptr);
    EXPECT_EQ(one.response.status, 202);
    EXPECT_EQ(header(one.response, "X-Openstack-Request-Id").size(), 4 + 36U);
  }
}

TEST_F(KeepingApplication, ManyMeasuresAreKeptByThemselves) {
  const auto begun = begin({"/v1/keep/1000000"});
  EXPECT_EQ(begun[0].rest, nullptr);
  EXPECT_EQ(begun[0].response.status, 202);
  EXPECT_EQ(counting_.sizes, std::vector<std::size_t>{1});
}

TEST_F(KeepingApplication, WhatWasNotKeptIsNotAcknowledged) {
  counting_.away = true;
  auto begun = begin({"/v1/keep/16", "/v1/keep/16"});
  application_->finish(begun);
  for (const Handled& one : begun) {
    EXPECT_EQ(one.response.status, 503);
    EXPECT_EQ(header(one.response, "Retry-After"), "2");
    EXPECT_TRUE(one.response.measures.empty());
  }
  EXPECT_NE(header(begun[0].response, "X-Openstack-Request-Id"),
            header(begun[1].response, "X-Openstack-Request-Id"));
  EXPECT_EQ(log_.find("no space left").size(), 2U);
}

TEST_F(KeepingApplication, OneWhoseSackIsFullDoesNotKeepTheOthersOut) {
  auto begun = begin({"/v1/keep/16", "/v1/keep/13", "/v1/keep/32"});
  application_->finish(begun);
  EXPECT_EQ(begun[0].response.status, 202);
  EXPECT_EQ(begun[1].response.status, 503);
  EXPECT_EQ(begun[2].response.status, 202);
  EXPECT_EQ(counting_.sizes, (std::vector<std::size_t>{1, 1}));
  EXPECT_EQ(log_.find("the sack is full").size(), 1U);
}

class ProxiedApplication : public ApplicationFixture {
 protected:
  ProxiedApplication() : ApplicationFixture("[api]\nenable_proxy_headers_parsing = true\n") {}
};

TEST_F(ProxiedApplication, LinksAreThoseOfTheProxy) {
  EXPECT_EQ(header(ask("GET", "/v1", {},
                       {{"Forwarded", "for=1.2.3.4;proto=https;host=foobar"},
                        {"X-Forwarded-Prefix", "/gnocchi"}}),
                   "Location"),
            "https://foobar/gnocchi/v1/");
}

TEST_F(ApplicationTest, StatusTellsOfBacklogAndProcessors) {
  coordinator_.join("gnocchi-processing", {"host.1", R"({"passes":3})"});
  coordinator_.join("gnocchi-processing", {"host.2", "garbage"});
  EXPECT_EQ(ask("GET", "/v1/status").body,
            R"({"storage": {"summary": {"metrics": 0, "measures": 0}, "measures_to_process": {}}, )"
            R"("metricd": {"processors": ["host.1", "host.2"], "statistics": {"host.1": )"
            R"({"passes":3}, "host.2": {}}}})");
  EXPECT_EQ(ask("GET", "/v1/status?details=False").body.find("measures_to_process"),
            std::string::npos);
  EXPECT_EQ(ask("GET", "/v1/status?details=maybe").status, 400);
  EXPECT_EQ(ask("GET", "/v1/status", {}, {}, "foobar").status, 403);
}

class HealthcheckTest : public ApplicationFixture {
 protected:
  HealthcheckTest()
      : ApplicationFixture(
            "[healthcheck]\nbackends = disable_by_file\ndisable_by_file_path = " GNOCCHI_SOURCE_DIR
            "/CMakeLists.txt\n") {}
};

TEST_F(HealthcheckTest, AFileTakesTheServerOutOfService) {
  const auto text = ask("GET", "/healthcheck", {}, {{"Accept", "*/*"}}, "");
  EXPECT_EQ(text.status, 503);
  EXPECT_EQ(text.body, "DISABLED BY FILE");
  EXPECT_EQ(ask("HEAD", "/healthcheck", {}, {}, "").status, 503);
  EXPECT_EQ(
      ask("GET", "/healthcheck", {}, {}, "").body,
      "{\n    \"detailed\": false,\n    \"reasons\": [\n        \"DISABLED BY FILE\"\n    ]\n}");
}

TEST_F(ApplicationTest, HealthcheckIsEmptyByDefault) {
  const auto text = ask("GET", "/healthcheck", {}, {{"Accept", "*/*"}}, "");
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(text.body, "");
  EXPECT_EQ(header(text, "Content-Type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(ask("GET", "/healthcheck", {}, {}, "").body,
            "{\n    \"detailed\": false,\n    \"reasons\": []\n}");
  EXPECT_EQ(ask("HEAD", "/healthcheck", {}, {}, "").status, 204);
}

}  // namespace
}  // namespace gnocchi::api
