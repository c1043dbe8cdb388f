#include "api/request_parser.h"

#include <gtest/gtest.h>

namespace gnocchi::api {
namespace {

using State = RequestParser::State;

RequestParser::Limits small() {
  RequestParser::Limits limits;
  limits.max_body_bytes = 1000;
  limits.max_target_bytes = 200;
  limits.max_fields_bytes = 300;
  limits.max_fields = 5;
  return limits;
}

/// The status that a text is refused with; 0: a complete request; 100: more is needed.
int verdict(std::string_view text) {
  RequestParser parser(small());
  parser.consume(text);
  if (parser.state() == State::failed) return parser.failure();
  return parser.state() == State::complete ? 0 : 100;
}

std::string with_headers(const std::string& headers) {
  return "POST /v1 HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

TEST(RequestParser, TakesRequestsHoweverTheyAreCut) {
  const std::string text =
      "\r\nPOST /v1/metric?x=1 HTTP/1.1\r\nHost: h\r\nContent-Type:  application/json \r\n"
      "Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    RequestParser parser(small());
    for (std::size_t i = 0; i < text.size(); i += cut) {
      const auto part = std::string_view(text).substr(i, cut);
      EXPECT_EQ(parser.consume(part), part.size());
    }
    ASSERT_EQ(parser.state(), State::complete) << cut;
    EXPECT_TRUE(parser.keep_alive());
    const Request request = parser.take("peer");
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/metric");
    EXPECT_EQ(request.query.get("x"), "1");
    EXPECT_EQ(request.headers.get("content-type"), "application/json");
    EXPECT_EQ(request.body, "hello!");
    EXPECT_EQ(request.peer, "peer");
    EXPECT_EQ(parser.state(), State::idle);
  }
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
  const std::string one = "GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxy";
  RequestParser parser(small());
  EXPECT_EQ(parser.consume(one + one), one.size());
  EXPECT_EQ(parser.take("").body, "xy");
  EXPECT_EQ(parser.consume(one), one.size());
  EXPECT_EQ(parser.take("").path, "/a");
}

TEST(RequestParser, KnowsWhenConnectionsPersist) {
  const auto keeps = [](const std::string& text) {
    RequestParser parser(small());
    parser.consume(text);
    EXPECT_EQ(parser.state(), State::complete) << text;
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\nHost: h\n\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: x, keep-alive\r\n\r\n"));
}

TEST(RequestParser, RefusesWhatIsMalformed) {
  for (const char* text :
       {"GET /\r\n", "GET  / HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", "G(T / HTTP/1.1\r\n",
        "GET nopath HTTP/1.1\r\n", "GET /\x01 HTTP/1.1\r\n", "\x16\x03\x01\x02\n",
        "GET / HTTP/1.1\r\nHost: h\r\nNo colon\r\n", "GET / HTTP/1.1\r\nHost : h\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n", "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n",
        "GET / HTTP/1.1\r\nA: \x01\r\n", "GET / HTTP/1.1\r\n: v\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
    EXPECT_EQ(verdict(text), 400) << text;
  }
  EXPECT_EQ(verdict("GET / HTTP/2.0\r\n"), 505);
  EXPECT_EQ(verdict(with_headers("Content-Length: -1\r\n")), 400);
  EXPECT_EQ(verdict(with_headers("Content-Length: 1x\r\n")), 400);
  EXPECT_EQ(verdict(with_headers("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
  EXPECT_EQ(verdict(with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(verdict(with_headers("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(verdict(with_headers("Expect: miracles\r\n")), 417);
  EXPECT_EQ(verdict(with_headers("Transfer-Encoding: chunked\r\n") + "g\r\n"), 400);
  EXPECT_EQ(verdict(with_headers("Transfer-Encoding: chunked\r\n") + "1\r\nxy\r\n"), 400);
}

TEST(RequestParser, RefusesWhatIsTooLarge) {
  EXPECT_EQ(verdict("GET /" + std::string(150, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
  EXPECT_EQ(verdict("GET /" + std::string(300, 'a')), 414);
  EXPECT_EQ(verdict("GET /" + std::string(205, 'a') + " HTTP/1.1\r\n"), 414);
  EXPECT_EQ(verdict(with_headers("A: " + std::string(400, 'a') + "\r\n")), 431);
  EXPECT_EQ(verdict(with_headers("A: " + std::string(400, 'a'))), 431);
  EXPECT_EQ(verdict(with_headers("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n")), 431);
  EXPECT_EQ(verdict(with_headers("Content-Length: 1000\r\n")), 100);
  EXPECT_EQ(verdict(with_headers("Content-Length: 1001\r\n")), 413);
  EXPECT_EQ(verdict(with_headers("Content-Length: 99999999999999999999999\r\n")), 413);
  const auto chunked = with_headers("Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(verdict(chunked + "3e9\r\n"), 413);
  EXPECT_EQ(verdict(chunked + "ffffffffffffffff\r\n"), 413);
  EXPECT_EQ(verdict(chunked + "3e7\r\n" + std::string(999, 'x') + "\r\n2\r\n"), 413);
}

TEST(RequestParser, TellsOfAnExpectationOnce) {
  RequestParser parser(small());
  parser.consume(with_headers("Content-Length: 2\r\nExpect: 100-continue\r\n"));
  EXPECT_TRUE(parser.take_expectation());
  EXPECT_FALSE(parser.take_expectation());
  parser.consume("xy");
  EXPECT_EQ(parser.state(), State::complete);
}

}  // namespace
}  // namespace gnocchi::api
