#include <gmock/gmock.h>

#include "api/stats_server.h"
#include "gnocchi/error.h"
#include "tests/unit/api/application_fixture.h"
#include "tests/unit/api/http_client.h"

namespace gnocchi::api {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class StatsTest : public ApplicationFixture {
 protected:
  std::string scrape() {
    const Response response = ask("GET", "/metrics", {}, {{"Accept", ""}}, "");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header(response, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    return response.body;
  }
  static std::string requests(const std::string& route, const std::string& method, int status,
                              int count) {
    return "gnocchi_http_requests_total{route=\"" + route + "\",method=\"" + method +
           "\",status=\"" + std::to_string(status) + "\"} " + std::to_string(count) + "\n";
  }
};

TEST_F(StatsTest, RequestsAreCountedByPatternMethodAndStatus) {
  ask("GET", "/v1/archive_policy/tenant-a");
  ask("GET", "/v1/archive_policy/tenant-b");
  ask("GET", "/v1/archive_policy", {}, {}, "");
  ask("GET", "/v1/fail/unavailable");
  const auto text = scrape();
  EXPECT_THAT(text, HasSubstr(requests("/v1/archive_policy/{name}", "GET", 404, 2)));
  EXPECT_THAT(text, HasSubstr(requests("/v1/archive_policy", "GET", 401, 1)));
  EXPECT_THAT(text, HasSubstr(requests("/v1/fail/{how}", "GET", 503, 1)));
  EXPECT_THAT(text, HasSubstr("gnocchi_http_request_duration_seconds_count{"
                              "route=\"/v1/archive_policy/{name}\",method=\"GET\"} 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("tenant")));
}

TEST_F(StatsTest, WhatClientsInventMakesNoNewSeries) {
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  ask("GET", "/nosuch");
  ask("BREW", "/v1");
  scrape();  // which counts itself from the second time on
  const auto before = lines(scrape());
  for (int i = 0; i < 50; ++i) {
    ask("GET", "/nosuch" + std::to_string(i));
    ask("BREW" + std::to_string(i), "/v1");
    ask("GET", "/v1/archive_policy/" + std::to_string(i));
  }
  const auto text = scrape();
  EXPECT_THAT(text, HasSubstr(requests("none", "GET", 404, 51)));
  EXPECT_THAT(text, HasSubstr(requests("none", "other", 405, 51)));
  EXPECT_EQ(lines(text) - before, 1 + 17);  // the policies' count and histogram
}

class SilentStats : public ApplicationFixture {
 protected:
  SilentStats() : ApplicationFixture("[api]\nenable_metrics = false\n") {}
};

TEST_F(SilentStats, OptionTakesThePageAway) {
  EXPECT_EQ(ask("GET", "/metrics", {}, {}, "").status, 404);
}

class StatsServerTest : public testing::Test {
 protected:
  StatsServerTest() {
    page_.add([](stats::Text& text) { text.gauge("a", "As.").add({}, std::uint64_t{4}); });
  }
  support::MemoryLog log_;
  stats::Page page_;
};

TEST_F(StatsServerTest, PageAndNothingElseIsServed) {
  StatsServer server("127.0.0.1", 0, page_, log_);
  server.start();
  HttpClient client(server.port());
  const auto ask = [&](const std::string& line) {
    client.send(line + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return client.answer();
  };
  EXPECT_THAT(ask("GET /metrics"), AllOf(StartsWith("HTTP/1.1 200 "),
                                         EndsWith("\r\n\r\n# HELP a As.\n# TYPE a gauge\na 4\n")));
  EXPECT_THAT(ask("GET /v1"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("POST /metrics"), StartsWith("HTTP/1.1 405 "));
}

TEST_F(StatsServerTest, TakenPortIsTold) {
  StatsServer first("127.0.0.1", 0, page_, log_);
  first.start();
  StatsServer second("127.0.0.1", first.port(), page_, log_);
  EXPECT_THROW(second.start(), Error);
}

}  // namespace
}  // namespace gnocchi::api
