#include "api/json.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "api/error_pages.h"

namespace gnocchi::api {
namespace {

/// The detail of what `f` throws.
template <typename F>
std::string fault(F f) {
  try {
    f();
  } catch (const HttpError& error) {
    return error.detail().text;
  }
  return "none";
}

std::string number(double value) {
  char buffer[32];
  return {buffer, put_double(buffer, value)};
}

TEST(Json, NumbersLookLikePythons) {
  EXPECT_EQ(number(300), "300.0");
  EXPECT_EQ(number(0), "0.0");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(-0.0), "-0.0");
  EXPECT_EQ(number(1e-5), "1e-5");
  EXPECT_EQ(number(0.0001), "0.0001");
  EXPECT_EQ(number(1.5e-7), "1.5e-7");
  EXPECT_EQ(number(1e15), "1000000000000000.0");
  EXPECT_EQ(number(1e16), "1e+16");
  EXPECT_EQ(number(1234567890123456.7), "1234567890123456.8");
  EXPECT_EQ(number(-1.7976931348623157e308), "-1.7976931348623157e+308");
  EXPECT_EQ(number(5e-324), "5e-324");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(Json, WholeNumbersHaveOnePlace) {
  std::mt19937_64 random(1);
  for (int bits = 1; bits < 50; ++bits) {
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t whole = random() >> (64 - bits);
      ASSERT_EQ(number(static_cast<double>(whole)), std::to_string(whole) + ".0");
    }
  }
  for (std::uint64_t power = 1; power < 1'000'000'000'000; power *= 10) {
    EXPECT_EQ(number(static_cast<double>(power)), std::to_string(power) + ".0");
    EXPECT_EQ(number(static_cast<double>(power - 1)), std::to_string(power - 1) + ".0");
  }
}

TEST(Json, NumbersAreTheShortestThatReadAsThemselves) {
  const auto shortest = [](double value) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
    return std::string(buffer, end.ptr);
  };
  std::mt19937_64 random(1);
  for (const double scale : {1e1, 1e2, 1e3, 1e5, 1e6, 1e7, 3.0, 8.0}) {
    for (int i = 0; i < 20000; ++i) {
      const auto whole = static_cast<double>(random() >> (random() % 40 + 14));
      const double value = whole / scale;
      if (value < 1e-4 || value >= 1e15 || value == std::floor(value)) continue;
      for (const double v : {value, std::nextafter(value, 0.0), std::nextafter(value, 1e300)}) {
        if (v == std::floor(v)) continue;
        ASSERT_EQ(number(v), shortest(v));
      }
    }
  }
  for (const double v : {0.001, 0.0010000000000000002, 0.000999, 0.1 + 0.2, 999999999.999999}) {
    EXPECT_EQ(number(v), shortest(v));
    EXPECT_EQ(number(-v), "-" + shortest(v));
  }
}

TEST(Json, NumbersAreReadExactly) {
  const auto read = [](const std::string& text) { return parse_json("[" + text + "]"); };
  EXPECT_EQ(read("0.0000000000000000000000000000")[0].GetDouble(), 0.0);
  EXPECT_EQ(read("0.1234567890123456789")[0].GetDouble(), 0.1234567890123456789);
  EXPECT_EQ(read("2.2250738585072011e-308")[0].GetDouble(), 2.2250738585072011e-308);
  EXPECT_EQ(read("1e-400")[0].GetDouble(), 0.0);
  EXPECT_TRUE(read("5")[0].IsInt64());
  EXPECT_FALSE(read("5.0")[0].IsInt64());
  EXPECT_EQ(read("-9223372036854775808")[0].GetInt64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read("18446744073709551616")[0].GetDouble(), 18446744073709551616.0);
  EXPECT_TRUE(std::isnan(read("NaN")[0].GetDouble()));
  EXPECT_EQ(read("-Infinity")[0].GetDouble(), -std::numeric_limits<double>::infinity());
  EXPECT_NE(fault([&] { read("1e400"); }), "none");
}

TEST(Json, WriterSeparatesAndEscapes) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  json.begin_object();
  json.key("a\"\n\x01");
  json.text("\xc3\xa9\xff\\");
  json.key("b");
  json.begin_array();
  json.end_array();
  json.end_object();
  json.number(std::int64_t{7});
  json.boolean(true);
  json.null();
  json.time(Timestamp(std::chrono::milliseconds(1388577600500)));
  json.time(Timestamp(std::chrono::seconds(1388577600)));
  json.end_array();
  EXPECT_EQ(out,
            "[{\"a\\\"\\n\\u0001\": \"\xc3\xa9\xef\xbf\xbd\\\\\", \"b\": []}, 7, true, null, "
            "\"2014-01-01T12:00:00.500000+00:00\", \"2014-01-01T12:00:00+00:00\"]");
}

TEST(Json, TimedeltasLookLikePythons) {
  using namespace std::chrono;
  EXPECT_EQ(python_timedelta(hours(24 * 30)), "30 days, 0:00:00");
  EXPECT_EQ(python_timedelta(hours(25)), "1 day, 1:00:00");
  EXPECT_EQ(python_timedelta(minutes(5)), "0:05:00");
  EXPECT_EQ(python_timedelta(nanoseconds(3'600'000'000)), "0:00:03.600000");
  EXPECT_EQ(python_timedelta(nanoseconds(8'571'428'571)), "0:00:08.571429");
  EXPECT_EQ(python_timedelta(nanoseconds(1500)), "0:00:00.000002");
  EXPECT_EQ(python_timedelta(nanoseconds(1)), "0:00:00");
}

TEST(Json, BadBodiesAreRefusedWithThePlace) {
  EXPECT_EQ(fault([] { parse_json(""); }),
            R"({"cause": "Unable to decode body", "reason": "Expected object or value", )"
            R"("detail": []})");
  EXPECT_NE(fault([] { parse_json(R"({"a": })"); }).find("at byte 6"), std::string::npos);
  EXPECT_NE(fault([] { parse_json("\"\xff\""); }), "none");
  EXPECT_NE(fault([] { parse_json("1 x"); }), "none");
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_NE(fault([&] { parse_json(deep); }).find("deeper than 100"), std::string::npos);
  EXPECT_TRUE(parse_json("[NaN, Infinity, 0.1]").IsArray());
}

TEST(Json, BodiesMustBeDeclaredAsJson) {
  Request request;
  request.body = "{}";
  EXPECT_THROW(parse_json_body(request), HttpError);
  request.headers.set("Content-Type", "Application/JSON ; charset=utf-8");
  EXPECT_TRUE(parse_json_body(request).IsObject());
  request.headers.set("Content-Type", "text/plain");
  EXPECT_THROW(parse_json_body(request), HttpError);
}

TEST(JsonView, NamesFaultsAsVoluptuousDoes) {
  const auto document = parse_json(R"({"a": [{"b": 1}], "c": 1, "c": 2})");
  const JsonView view(document);
  EXPECT_EQ(fault([&] { view.member("x"); }),
            R"({"cause": "Invalid input", "reason": "required key not provided @ data['x']", )"
            R"("detail": ["x"]})");
  EXPECT_EQ(fault([&] {
              view.member("a").each_item([](const JsonView& item) { item.member("b").text(); });
            }),
            R"({"cause": "Invalid input", "reason": "expected str for dictionary value @ )"
            R"(data['a'][0]['b']", "detail": ["a", "0", "b"]})");
  EXPECT_EQ(fault([&] { view.member("a").each_item([](const JsonView& item) { item.text(); }); }),
            R"({"cause": "Invalid input", "reason": "expected str @ data['a'][0]", )"
            R"("detail": ["a", "0"]})");
  EXPECT_NE(fault([&] { view.allow_only({"a"}); }).find("extra keys not allowed @ data['c']"),
            std::string::npos);
  EXPECT_EQ(view.member("c").value().GetInt(), 2);
}

/// What webob answers, taken from a running Python Gnocchi.
TEST(ErrorPages, FollowAccept) {
  Request request;
  request.method = "GET";
  const HttpError unknown(404, "Metric x does not exist");
  EXPECT_EQ(render_error(request, unknown).body,
            "404 Not Found\n\nThe resource could not be found.\n\n Metric x does not exist  ");
  request.headers.set("Accept", "*/*");
  const auto page = render_error(request, HttpError(404, "<a> \xe2\x89\xa0"));
  EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=UTF-8");
  EXPECT_EQ(page.body,
            "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n"
            "  <h1>404 Not Found</h1>\n  The resource could not be found.<br /><br />\n"
            "&lt;a&gt; &#8800;\n\n\n </body>\n</html>");
  request.headers.set("Accept", "application/json");
  EXPECT_EQ(render_error(request, unknown).body,
            R"({"code": 404, "title": "Not Found", "description": "Metric x does not exist"})");
  EXPECT_EQ(render_error(request, HttpError(404)).body,
            R"({"code": 404, "title": "Not Found", "description": null})");
  EXPECT_EQ(render_error(request, HttpError(415)).body,
            R"({"code": 415, "title": "Unsupported Media Type", "description": ""})");
}

TEST(ErrorPages, PrintDictionariesAsPythonDoes) {
  Request request;
  EXPECT_EQ(render_error(request, invalid_input("no", {{"it's", false}, {"0", true}})).body,
            "400 Bad Request\n\nThe server could not comply with the request since it is either "
            "malformed or otherwise incorrect.\n\n {'cause': 'Invalid input', 'reason': "
            "'no @ data[\"it\\'s\"][0]', 'detail': [\"it's\", '0']}  ");
}

TEST(ErrorPages, NameMethodAndTypes) {
  Request request;
  request.method = "PUT";
  EXPECT_EQ(render_error(request, HttpError(405)).body,
            "405 Method Not Allowed\n\nThe method PUT is not allowed for this resource. \n\n ");
  request.headers.set("Accept", "text/plain");
  EXPECT_EQ(render_error(request, HttpError(406)).body,
            "406 Not Acceptable\n\nThe resource could not be generated that was acceptable to your "
            "browser (content of type text/plain. \n\n ");
  request.headers.set("Content-Type", "text/x");
  EXPECT_EQ(render_error(request, HttpError(415)).body,
            "415 Unsupported Media Type\n\nThe request media type text/x is not supported by this "
            "server. \n\n ");
}

}  // namespace
}  // namespace gnocchi::api
