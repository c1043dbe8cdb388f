#include "api/http.h"

#include <gtest/gtest.h>

#include "api/accept.h"
#include "api/proxy_headers.h"
#include "api/url.h"

namespace gnocchi::api {
namespace {

TEST(Headers, AreComparedWithoutCase) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("X", "1");
  headers.add("x", "2");
  EXPECT_EQ(headers.get("content-TYPE"), "a");
  headers.set("X", "3");
  EXPECT_EQ(headers.all().size(), 2U);
  EXPECT_EQ(headers.get("x"), "3");
  EXPECT_EQ(headers.get("y"), std::nullopt);
}

TEST(QueryParameters, AreDecodedInOrder) {
  const auto query = QueryParameters::parse("a=1&b=x+y%20z&&a=2&c&=d&%61=3&e=%zz");
  EXPECT_EQ(query.get("a"), "3");
  EXPECT_EQ(query.get_all("a"), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(query.get("b"), "x y z");
  EXPECT_EQ(query.get("c"), "");
  EXPECT_EQ(query.get("e"), "%zz");
  EXPECT_EQ(query.get("f"), std::nullopt);
}

TEST(Request, ComesFromPathsAndUrls) {
  Headers headers;
  headers.add("Host", "example:8041");
  const auto request = make_request("GET", "/v1/a%2Fb?x=1#f", headers, "", "::1");
  EXPECT_EQ(request->raw_path, "/v1/a%2Fb");
  EXPECT_EQ(request->path, "/v1/a/b");
  EXPECT_EQ(request->query.get("x"), "1");
  EXPECT_EQ(request->host, "example:8041");
  const auto absolute = make_request("GET", "http://other/v1?x=1", headers, "", "");
  EXPECT_EQ(absolute->host, "other");
  EXPECT_EQ(absolute->raw_path, "/v1");
  EXPECT_EQ(make_request("GET", "http://other", headers, "", "")->raw_path, "/");
  EXPECT_FALSE(make_request("CONNECT", "host:443", headers, "", ""));
}

TEST(Url, EncodesAsPythonDoes) {
  Request request;
  request.host = "h";
  request.prefix = "/gnocchi";
  Response response;
  set_location(request, response, "/v1/archive_policy/\xc3\xa6 a/b?");
  EXPECT_EQ(response.headers.get("Location"), "http://h/gnocchi/v1/archive_policy/%C3%A6%20a/b%3F");
  request.path = "/v1/metric";
  add_next_link(request, response, {{"sort", "id:asc"}, {"limit", "7"}, {"marker", "a@-1"}});
  EXPECT_EQ(response.headers.get("Link"),
            "<http://h/gnocchi/v1/metric?limit=7&marker=a%40-1&sort=id%3Aasc>; rel=\"next\"");
}

Request proxied(std::initializer_list<std::pair<const char*, const char*>> headers) {
  Request request;
  request.host = "inner";
  request.peer = "10.0.0.1";
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  apply_proxy_headers(request);
  return request;
}

TEST(ProxyHeaders, ForwardedWinsAndPrefixCountsBesideIt) {
  const auto request =
      proxied({{"Forwarded", "for=192.0.2.60; proto=https;host=\"foobar:1\", for=1.1.1.1;host=no"},
               {"X-Forwarded-Host", "ignored"},
               {"X-Forwarded-Prefix", "/gnocchi/"}});
  EXPECT_EQ(absolute_url(request, "/v1/"), "https://foobar:1/gnocchi/v1/");
  EXPECT_EQ(request.peer, "192.0.2.60");
}

TEST(ProxyHeaders, TheOlderOnesWorkToo) {
  const auto request = proxied({{"X-Forwarded-Proto", "https"},
                                {"X-Forwarded-Host", "outer"},
                                {"X-Forwarded-For", "1.2.3.4"}});
  EXPECT_EQ(absolute_url(request, "/"), "https://outer/");
  EXPECT_EQ(request.peer, "1.2.3.4");
}

TEST(ProxyHeaders, NothingThatCouldForgeALinkIsTaken) {
  const auto request = proxied({{"X-Forwarded-Host", "a>; rel=x, <b"}, {"X-Forwarded-Proto", ""}});
  EXPECT_EQ(absolute_url(request, "/"), "http://inner/");
}

TEST(Accept, PicksWhatIsLikedBest) {
  constexpr std::string_view kForms[] = {"text/plain", "text/html", "application/json"};
  EXPECT_EQ(negotiate(std::nullopt, kForms), "text/plain");
  EXPECT_EQ(negotiate("*/*", kForms), "text/plain");
  EXPECT_EQ(negotiate("application/json", kForms), "application/json");
  EXPECT_EQ(negotiate("application/json, */*", kForms), "text/plain");
  EXPECT_EQ(negotiate("application/json, */*;q=0.5", kForms), "application/json");
  EXPECT_EQ(negotiate("text/*;q=0.4, application/*;q=0.6", kForms), "application/json");
  EXPECT_EQ(negotiate("text/html;level=1;q=0.9,text/*;q=0.1", kForms), "text/html");
  EXPECT_EQ(negotiate("text/plain;q=0, text/*", kForms), "text/html");
  EXPECT_EQ(negotiate("image/png", kForms), std::nullopt);
  EXPECT_EQ(negotiate("nonsense", kForms), "text/plain");
}

TEST(Accept, JsonWillDoForBrowsersAndForOldClientsParameters) {
  EXPECT_TRUE(accepts_json(std::nullopt));
  EXPECT_TRUE(accepts_json("*/*"));
  EXPECT_TRUE(accepts_json("text/html,application/xhtml+xml"));
  EXPECT_TRUE(accepts_json("application/json; details=True"));
  EXPECT_FALSE(accepts_json("text/plain"));
  EXPECT_FALSE(accepts_json("text/html"));
}

}  // namespace
}  // namespace gnocchi::api
