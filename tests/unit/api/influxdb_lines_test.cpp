#include "api/influxdb_lines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "api/errors.h"

namespace gnocchi::api {
namespace {

using Points = std::vector<std::pair<std::int64_t, double>>;
/// "resource metric" and its points.
using Read = std::map<std::string, Points>;

constexpr Timestamp kNow{Timespan{1'500'000'000'000'000'007}};

Read read(std::string_view body, const std::string& tag = "host", std::int64_t unit = 1) {
  pipeline::MeasureCollector measures("me");
  parse_lines(body, {tag, unit, kNow}, measures);
  Read all;
  for (const auto& resource : measures.take()) {
    for (const auto& metric : resource.metrics) {
      Points& points = all[resource.original_id + " " + metric.name];
      for (const Measure& measure : metric.measures) {
        points.emplace_back(measure.timestamp.time_since_epoch().count(), measure.value);
      }
    }
  }
  return all;
}

std::string refusal(std::string_view body) {
  try {
    read(body);
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 400);
    return error.detail().text;
  }
  return "accepted";
}

Points now(double value) { return {{kNow.time_since_epoch().count(), value}}; }

TEST(InfluxdbLines, NameTagsFieldsAndTime) {
  EXPECT_EQ(
      read("cpu,cpu=cpu2,host=abydos usage_system=11.1,usage_idle=73.2,n=0 1510150170000000000"),
      (Read{{"abydos cpu.n@cpu=cpu2", {{1510150170000000000, 0}}},
            {"abydos cpu.usage_idle@cpu=cpu2", {{1510150170000000000, 73.2}}},
            {"abydos cpu.usage_system@cpu=cpu2", {{1510150170000000000, 11.1}}}}));
  EXPECT_EQ(read("up,host=a v=1 123234"), (Read{{"a up.v", {{123234, 1}}}}));
  EXPECT_EQ(read("up,host=a v=3 "), (Read{{"a up.v", now(3)}}));
}

TEST(InfluxdbLines, TagsAreSortedAndSlashesReplaced) {
  EXPECT_EQ(read("disk,path=/,host=a,device=sda1 used/total=1"),
            (Read{{"a disk.used_total@device=sda1,path=_", now(1)}}));
  EXPECT_EQ(read("cpu,path=/foobar,mytag=myvalue field=43i 5", "mytag"),
            (Read{{"myvalue cpu.field@path=_foobar", {{5, 43}}}}));
  EXPECT_EQ(read("m,b=1,b=2,host=x f=1"), (Read{{"x m.f@b=2", now(1)}}));
}

TEST(InfluxdbLines, ValuesOfEveryKind) {
  const auto value = [](const std::string& text) {
    const auto all = read("m,host=h f=" + text);
    return all.empty() ? std::nan("") : all.begin()->second.at(0).second;
  };
  EXPECT_EQ(value("413847966208i"), 413847966208.0);
  EXPECT_EQ(value("-5i"), -5.0);
  EXPECT_EQ(value("18446744073709551615u"), 18446744073709551615.0);
  EXPECT_EQ(value("9223372036854775807i"), 9223372036854775807.0);
  EXPECT_EQ(value("-1.5e-3"), -0.0015);
  EXPECT_EQ(value("+2."), 2.0);
  EXPECT_EQ(value(".5"), 0.5);
  for (const char* yes : {"t", "T", "true", "True", "TRUE"}) EXPECT_EQ(value(yes), 1.0);
  for (const char* no : {"f", "F", "false", "False", "FALSE"}) EXPECT_EQ(value(no), 0.0);
  for (const char* bad :
       {"nan", "inf", "-", "+-1", "1.5i", "i", "0x10", "1e999", "tRUE", "", "1 1x"}) {
    EXPECT_NE(refusal(std::string("m,host=h f=") + bad), "accepted") << bad;
  }
}

TEST(InfluxdbLines, TextsAreLeftOut) {
  EXPECT_EQ(read("m,host=h up=3i,t=\"3 days, 21:42 = \\\"x\\\"\",z=1 7"),
            (Read{{"h m.up", {{7, 3}}}, {"h m.z", {{7, 1}}}}));
  EXPECT_EQ(read("m,host=h t=\"x\""), Read{});
  // Over several lines; what follows is counted right.
  EXPECT_EQ(read("m,host=h t=\"a\nb\\\\\",v=1 2\nm,host=h v=2 3"),
            (Read{{"h m.v", {{2, 1}, {3, 2}}}}));
  EXPECT_NE(refusal("m,host=h t=\"a\nb\" 2\nbad").find("line 3: column 4"), std::string::npos);
}

TEST(InfluxdbLines, EscapesAndQuotes) {
  EXPECT_EQ(read(R"(my\ m\,x,host=a\ b,k\=1=v\\x f\ 1=1)"),
            (Read{{R"(a b my m,x.f 1@k=1=v\\x)", now(1)}}));
  EXPECT_EQ(read(R"("q m",host="a b" f=1)"), (Read{{"a b q m.f", now(1)}}));
  // A quote that does not enclose the whole name is part of it.
  EXPECT_EQ(read(R"(m,host="a"b f=1)"), (Read{{R"("a"b m.f)", now(1)}}));
  EXPECT_EQ(read("m=x,host=a f=1"), (Read{{"a m=x.f", now(1)}}));
  EXPECT_EQ(read(R"(C:\dir,host=a f=1)"), (Read{{R"(a C:\dir.f)", now(1)}}));
}

TEST(InfluxdbLines, LinesMayBeEmptyCommentsOrEndInCrLf) {
  EXPECT_EQ(read("\n# a comment\r\nm,host=h v=1 1\r\n\r\n  m,host=h  v=2   2  \r"),
            (Read{{"h m.v", {{1, 1}, {2, 2}}}}));
  EXPECT_EQ(read(""), Read{});
}

TEST(InfluxdbLines, TimesCountInTheUnitAsked) {
  EXPECT_EQ(read("m,host=h v=1 15", "host", *precision_unit_ns("s")),
            (Read{{"h m.v", {{15000000000, 1}}}}));
  EXPECT_EQ(precision_unit_ns("ms"), 1000000);
  EXPECT_EQ(precision_unit_ns("ns"), 1);
  EXPECT_FALSE(precision_unit_ns("days"));
  EXPECT_THROW(read("m,host=h v=1 15102150170000000000"), HttpError);
  EXPECT_THROW(read("m,host=h v=1 10000000000", "host", *precision_unit_ns("s")), HttpError);
}

TEST(InfluxdbLines, RefusalsNameLineAndColumn) {
  EXPECT_EQ(
      refusal("m,host=h v=1\nm,host=h v=x 1"),
      R"({"cause": "Value error", "detail": "line", "reason": "Unable to parse line 2: column 12: the field's value is no number, boolean or text in quotes"})");
  const std::pair<const char*, const char*> cases[] = {
      {"m, v=1", "column 3: expected a tag"},
      {"m,host=h 123", "column 13: expected '='"},
      {"m,host=h , 123", "column 10: expected a field"},
      {"m,host=h ", "column 10: expected a field"},
      {"m,host=h", "column 9: expected ',' or a space"},
      {",host=h v=1", "column 1: expected a measurement"},
      {"m,host v=1", "column 7: expected '='"},
      {"m,host= v=1", "column 8: expected the tag's value"},
      {"m,host=h v=1,", "column 14: expected a field"},
      {"m,host=h v=1 -5", "column 14: the timestamp is before the Epoch"},
      {"m,host=h v=1 abc", "column 14: the timestamp is no whole number"},
      {"m,host=h v=1 5x", "column 14: the timestamp is no whole number"},
      {"m,host=h v=1 5 6", "column 16: expected the end of the line"},
      {"m,host=h v=1 1510215017000000000000", "column 14: the timestamp is too large"},
      {"m,host=h v=\"x", "column 12: the text in quotes does not end"},
      {"\xff,host=h v=1", "column 1: not UTF-8"},
      {"m,host=a/b v=1", "tag host: '/' is not supported in resource id"},
  };
  for (const auto& [body, reason] : cases) {
    EXPECT_NE(refusal(body).find(std::string("Unable to parse line 1: ") + reason),
              std::string::npos)
        << body << ": " << refusal(body);
  }
  EXPECT_NE(refusal("m v=1").find("Unable to find key `host' in tags"), std::string::npos);
}

TEST(InfluxdbQuery, OnlyTheCreationOfDatabasesIsKnown) {
  for (const char* query :
       {"CREATE DATABASE foobar;", "CREATE DATABASE foobar  ;;;", "CrEaTe   Database foobar",
        "create Database    \"foobar\"", "CREATE DATABASE foobar WITH DURATION 1d"}) {
    EXPECT_EQ(created_database(query), "foobar") << query;
  }
  EXPECT_EQ(created_database("create database \"a b\\\"c\""), "a b\"c");
  for (const char* query : {"SELECT", "hey yo foobar;", "help database foobar;",
                            "create stuff foobar", "create database", "create database ;",
                            "create database \"\"", "create database \"x", ""}) {
    EXPECT_EQ(created_database(query), std::nullopt) << query;
  }
}

}  // namespace
}  // namespace gnocchi::api
