#include "core/query/operations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/query/rolling.h"
#include "gnocchi/error.h"

namespace gnocchi::query {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kSecond = 1'000'000'000;

std::string fault_of(const std::string& text) {
  try {
    compile(parse_expression(text));
  } catch (const Refused& fault) {
    return fault.what();
  }
  return {};
}

Frame frame_of(std::vector<double> values) {
  Frame frame{std::chrono::seconds{1}, {}, {}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    frame.times.push_back(static_cast<std::int64_t>(i + 60) * kSecond);
  }
  frame.columns.push_back(std::move(values));
  return frame;
}

Frame run(const std::string& text, std::vector<double> values) {
  return evaluate(compile(parse_expression(text)), frame_of(std::move(values)));
}

TEST(Operations, ReferencesAreFoundOnceAndInOrder) {
  const auto references =
      references_of(compile(parse_expression("(negative (metric (a mean) ('b c' max) (a mean)))")));
  EXPECT_EQ(references, (std::vector<Reference>{{"a", "mean"}, {"b c", "max"}}));
  EXPECT_TRUE(references_of(compile(parse_expression("(abs (neg 5))"))).empty());
}

TEST(Operations, PointsAreComputedByThemselves) {
  EXPECT_EQ(run("(negative (metric a mean))", {1, -2}).columns[0], (std::vector<double>{-1, 2}));
  EXPECT_EQ(run("(abs (neg (metric a mean)))", {1, -2}).columns[0], (std::vector<double>{1, 2}));
  EXPECT_EQ(run("(floor (metric a mean))", {1.5}).columns[0], (std::vector<double>{1}));
  EXPECT_EQ(run("(ceil (metric a mean))", {1.5}).columns[0], (std::vector<double>{2}));
}

TEST(Operations, RatesOfChangeBelongToTheLaterPoint) {
  const Frame frame = run("(rateofchange (metric a mean))", {1, 4, 2});
  EXPECT_EQ(frame.columns[0], (std::vector<double>{3, -2}));
  EXPECT_EQ(frame.times, (std::vector<std::int64_t>{61 * kSecond, 62 * kSecond}));
  EXPECT_TRUE(run("(rateofchange (metric a mean))", {}).times.empty());
  EXPECT_TRUE(run("(rateofchange (metric a mean))", {1}).columns[0].empty());
}

TEST(Operations, ResamplingGroupsEachSeries) {
  const Frame frame = run("(resample mean 2 (metric a mean))", {1, 3, 5});
  EXPECT_EQ(frame.columns[0], (std::vector<double>{2, 5}));
  EXPECT_EQ(frame.times, (std::vector<std::int64_t>{60 * kSecond, 62 * kSecond}));
  EXPECT_EQ(frame.granularity, std::chrono::seconds{2});
}

TEST(Operations, RollingTakesAWindowBeforeEachPoint) {
  const Frame frame = run("(rolling mean 2 (metric a mean))", {1, 3, 6});
  EXPECT_EQ(frame.columns[0], (std::vector<double>{2, 4.5}));
  EXPECT_EQ(frame.times, (std::vector<std::int64_t>{61 * kSecond, 62 * kSecond}));
  EXPECT_THROW(run("(rolling mean 4 (metric a mean))", {1, 3, 6}), Refused);
}

TEST(Operations, RollingMethodsLeaveNansOut) {
  const std::vector<double> values{1, kNan, 4, 9};
  EXPECT_EQ(rolling("sum", values, 2), (std::vector<double>{1, 4, 13}));
  EXPECT_EQ(rolling("count", values, 2), (std::vector<double>{1, 1, 2}));
  EXPECT_EQ(rolling("max", values, 3), (std::vector<double>{4, 9}));
  EXPECT_EQ(rolling("min", values, 3), (std::vector<double>{1, 4}));
  EXPECT_EQ(rolling("median", values, 4), (std::vector<double>{4}));
  EXPECT_EQ(rolling("var", values, 3), (std::vector<double>{2.25, 6.25}));
  EXPECT_EQ(rolling("std", values, 3), (std::vector<double>{1.5, 2.5}));
  EXPECT_EQ(rolling("rate:mean", values, 2), (std::vector<double>{3, 2.5}));
  const std::vector<double> none{kNan, kNan};
  EXPECT_TRUE(std::isnan(rolling("mean", none, 2)[0]));
  EXPECT_TRUE(std::isnan(rolling("median", none, 2)[0]));
  EXPECT_EQ(rolling("sum", none, 2)[0], 0);
}

TEST(Operations, SeriesAreLaidOverTheUnionOfTheirTimes) {
  const std::vector<timeseries::Series> series{{{1, 3}, {10, 30}}, {{2, 3}, {200, 300}}, {}};
  const Frame frame = align(std::chrono::seconds{1}, series);
  EXPECT_EQ(frame.times, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(frame.columns[0][0], 10);
  EXPECT_TRUE(std::isnan(frame.columns[0][1]));
  EXPECT_EQ(frame.columns[1][2], 300);
  EXPECT_TRUE(std::isnan(frame.columns[2][0]));
}

TEST(Operations, WhatIsNoOperationIsNamed) {
  EXPECT_EQ(fault_of("(notexist (metric a mean))"), "'notexist' operation invalid");
  EXPECT_EQ(fault_of("(abs (metric a mean) 5)"), "'abs' operation invalid");
  EXPECT_EQ(fault_of("(resample foo 60 (metric a mean))"), "'resample' operation invalid");
  EXPECT_EQ(fault_of("(resample mean -1 (metric a mean))"), "'resample' operation invalid");
  EXPECT_EQ(fault_of("(rolling mean 0 (metric a mean))"), "'rolling' operation invalid");
  EXPECT_EQ(fault_of("(rolling mean 2)"), "'rolling' operation invalid");
  EXPECT_EQ(fault_of("(metric)"), "Operation need at least one argument");
  EXPECT_EQ(fault_of("(metric (a))"), "'metric' operation invalid");
  EXPECT_EQ(fault_of("()"), "Operation must not be empty");
  EXPECT_EQ(fault_of("(abs foo)"), "Expected a tuple/list, got a <class 'str'>");
}

TEST(Operations, BrokenTextsAreRefusedWithTheirPlace) {
  EXPECT_EQ(fault_of("(metric a mean"),
            "Expected ')', found end of text  (at char 14), (line:1, col:15)");
  EXPECT_NE(fault_of("").find("Expected '('"), std::string::npos);
  EXPECT_NE(fault_of("abs").find("Expected '('"), std::string::npos);
  EXPECT_NE(fault_of("(metric 'a mean)").find("Expected '"), std::string::npos);
  EXPECT_NE(fault_of(std::string(100'000, '(')).find("fewer levels"), std::string::npos);
}

}  // namespace
}  // namespace gnocchi::query
