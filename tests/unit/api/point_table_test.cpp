#include "api/point_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "api/accept.h"
#include "tests/unit/api/application_fixture.h"

namespace gnocchi::api {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNoon = 1'388'577'600'000'000'000;  // 2014-01-01T12:00:00Z
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Table {
  Table(RowForm form, const std::vector<std::string>& group, const std::vector<std::string>& series)
      : points(form, group, series, response) {}
  void add(const std::vector<double>& values, const query::Sampling& sampling = Timespan(300s),
           bool truths = false) {
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < values.size(); ++i) {
      times.push_back(kNoon + static_cast<std::int64_t>(i) * 300'000'000'000);
    }
    points.add(times, values, sampling, truths);
  }

  Response response;
  PointTable points;
};

TEST(PointTable, CsvHasAHeaderAndCrLf) {
  Table table(RowForm::csv, {}, {});
  table.add({1, 0.25});
  table.add({-3e20}, timeseries::CalendarGroup::month);
  EXPECT_EQ(table.response.headers.get("Content-Type"), "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(table.response.body,
            "timestamp,granularity,value\r\n"
            "2014-01-01T12:00:00+00:00,300.0,1.0\r\n"
            "2014-01-01T12:05:00+00:00,300.0,0.25\r\n"
            "2014-01-01T12:00:00+00:00,M,-3e+20\r\n");
}

TEST(PointTable, CsvQuotesWhatNeedsIt) {
  Table table(RowForm::csv, {"na,me", "n"}, {"metric"});
  table.points.set_keys({std::string("a \"b\""), std::monostate{}}, {"x\r\ny"});
  table.add({1});
  table.points.set_keys({std::string("plain; 'text'"), 2.5}, {"z"});
  table.add({std::nan(""), kInfinity});
  EXPECT_EQ(table.response.body,
            "\"group.na,me\",group.n,metric,timestamp,granularity,value\r\n"
            "\"a \"\"b\"\"\",,\"x\r\ny\",2014-01-01T12:00:00+00:00,300.0,1.0\r\n"
            "plain; 'text',2.5,z,2014-01-01T12:00:00+00:00,300.0,NaN\r\n"
            "plain; 'text',2.5,z,2014-01-01T12:05:00+00:00,300.0,Infinity\r\n");
}

TEST(PointTable, CsvWithoutRowsIsItsHeader) {
  const Table table(RowForm::csv, {}, {});
  EXPECT_EQ(table.response.body, "timestamp,granularity,value\r\n");
}

TEST(PointTable, NdjsonHasAnObjectALine) {
  Table table(RowForm::ndjson, {"host", "n"}, {"metric"});
  table.points.set_keys({std::string("a\"\n"), std::monostate{}}, {"cpu"});
  table.add({1.5});
  table.add({1, 0}, timeseries::CalendarGroup::month, true);
  EXPECT_EQ(table.response.headers.get("Content-Type"), "application/x-ndjson");
  const std::string keys =
      R"({"group": {"host": "a\"\n", "n": null}, "metric": "cpu", "timestamp": ")";
  EXPECT_EQ(table.response.body,
            keys + "2014-01-01T12:00:00+00:00\", \"granularity\": 300.0, \"value\": 1.5}\n" + keys +
                "2014-01-01T12:00:00+00:00\", \"granularity\": \"M\", \"value\": true}\n" + keys +
                "2014-01-01T12:05:00+00:00\", \"granularity\": \"M\", \"value\": false}\n");
}

TEST(PointTable, NdjsonIsJsonWhateverTheValues) {
  Table table(RowForm::ndjson, {}, {});
  table.add({std::nan(""), kInfinity, -kInfinity});
  std::istringstream lines(table.response.body);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    rapidjson::Document json;
    json.Parse(line.c_str());
    ASSERT_FALSE(json.HasParseError()) << line;
    EXPECT_TRUE(json["value"].IsNull()) << line;
  }
  EXPECT_EQ(count, 3);
}

TEST(PreferredRows, QualityDecidesAndJsonWinsTies) {
  const std::vector<std::pair<const char*, RowForm>> cases{
      {"application/json", RowForm::json},
      {"*/*", RowForm::json},
      {"application/*", RowForm::json},
      {"text/csv", RowForm::csv},
      {"TEXT/CSV", RowForm::csv},
      {"text/*", RowForm::csv},
      {"application/x-ndjson", RowForm::ndjson},
      {"text/csv, application/json", RowForm::json},
      {"text/csv, application/json;q=0.9", RowForm::csv},
      {"text/csv;q=0.5, application/x-ndjson;q=0.6, */*;q=0.1", RowForm::ndjson},
      {"text/csv;q=0, application/x-ndjson;q=0.001", RowForm::ndjson},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", RowForm::json},
      {"image/png", RowForm::json},
      {"text/csv;q=nonsense", RowForm::json},
      {"", RowForm::json}};
  for (const auto& [accept, form] : cases) EXPECT_EQ(preferred_rows(accept), form) << accept;
  EXPECT_EQ(preferred_rows(std::nullopt), RowForm::json);
}

/// An application with a route that answers in rows.
class RowsRoute : public ApplicationFixture {
 protected:
  RowsRoute() {
    Router router;
    router.add_rows("GET", "/v1/rows/{what}",
                    [](const Request& request, const PathArguments& path, Response& response) {
                      if (path[0] == "fail") fail("exists");
                      if (request.form == RowForm::json) {
                        response.body = "[]";
                      } else {
                        const PointTable table(request.form, {}, {}, response);
                      }
                    });
    router.add("GET", "/v1/plain", [](const Request&, const PathArguments&, Response& response) {
      response.body = "[]";
    });
    application_ = std::make_unique<Application>(*settings_, authenticator_, incoming_,
                                                 std::move(router), log_);
  }
  Response get(std::string_view path, const char* accept, const std::string& user = "admin") {
    return ask("GET", path, {}, {{"Accept", accept}}, user);
  }
};

TEST_F(RowsRoute, AcceptChoosesTheForm) {
  EXPECT_EQ(header(get("/v1/rows/x", "application/json"), "Content-Type"), "application/json");
  EXPECT_EQ(header(get("/v1/rows/x", "text/csv"), "Content-Type"),
            "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(get("/v1/rows/x", "image/png").status, 406);
}

TEST_F(RowsRoute, AnswerWithoutRowsIsStillAnAnswer) {
  const auto response = get("/v1/rows/x", "application/x-ndjson");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(header(response, "Content-Type"), "application/x-ndjson");
}

TEST_F(RowsRoute, ErrorsAreInJson) {
  for (const char* accept : {"text/csv", "application/x-ndjson"}) {
    const auto failed = get("/v1/rows/fail", accept);
    EXPECT_EQ(failed.status, 409);
    EXPECT_EQ(failed.body, R"({"code": 409, "title": "Conflict", "description": "R x exists"})");
    EXPECT_EQ(header(get("/v1/rows/x", accept, ""), "Content-Type"), "application/json");
  }
}

TEST_F(RowsRoute, OtherRoutesKnowNoRows) {
  EXPECT_EQ(get("/v1/plain", "text/csv").status, 406);
  EXPECT_EQ(get("/v1/plain", "application/x-ndjson").status, 406);
  EXPECT_EQ(get("/v1/plain", "text/csv, application/json;q=0.1").status, 200);
}

}  // namespace
}  // namespace gnocchi::api
