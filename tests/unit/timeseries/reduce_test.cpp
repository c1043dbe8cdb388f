#include "core/timeseries/reduce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gnocchi::timeseries {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

/// One group of all values.
double aggregate(const std::vector<double>& values, const char* name) {
  const Method method = Method::parse(name).value();
  const Reduced reduced = reduce(values, {{0}, {values.size()}}, {&method, 1});
  return reduced.column(0, method.base).front();
}

TEST(Reduce, SimpleMethods) {
  const std::vector<double> values{4, 1, 2, 9};
  EXPECT_EQ(aggregate(values, "sum"), 16);
  EXPECT_EQ(aggregate(values, "mean"), 4);
  EXPECT_EQ(aggregate(values, "min"), 1);
  EXPECT_EQ(aggregate(values, "max"), 9);
  EXPECT_EQ(aggregate(values, "first"), 4);
  EXPECT_EQ(aggregate(values, "last"), 9);
  EXPECT_EQ(aggregate(values, "count"), 4);
  EXPECT_EQ(aggregate(values, "median"), 3);
  EXPECT_EQ(aggregate({4, 1, 9}, "median"), 4);
  EXPECT_EQ(aggregate(values, "std"), std::sqrt(38.0 / 3));
}

TEST(Reduce, PercentilesInterpolate) {
  const std::vector<double> values{10, 20, 30, 40, 50};
  EXPECT_EQ(aggregate(values, "50pct"), 30);
  EXPECT_EQ(aggregate(values, "25pct"), 20);
  EXPECT_NEAR(aggregate(values, "95pct"), 48, 1e-9);
  EXPECT_EQ(aggregate({7}, "99pct"), 7);
}

// The expected values are what numpy answers.
TEST(Reduce, NanIsTheGreatestNumber) {
  EXPECT_EQ(aggregate({1, kNan, 3}, "min"), 1);
  EXPECT_EQ(aggregate({kNan, 3, 1}, "min"), 1);
  EXPECT_TRUE(std::isnan(aggregate({1, kNan, 3}, "max")));
  EXPECT_TRUE(std::isnan(aggregate({kNan, kNan}, "min")));
  EXPECT_EQ(aggregate({1, kNan, 3}, "median"), 3);
  EXPECT_TRUE(std::isnan(aggregate({1, kNan, 3}, "95pct")));
  EXPECT_EQ(aggregate({kNan, 1, 2}, "50pct"), 2);
  EXPECT_TRUE(std::isnan(aggregate({1, kNan, 3}, "mean")));
  EXPECT_TRUE(std::isnan(aggregate({kInf, -kInf, 1}, "sum")));
  EXPECT_EQ(aggregate({kInf, -kInf, 1}, "95pct"), kInf);
  EXPECT_TRUE(std::isnan(aggregate({kInf, kInf}, "std")));
}

TEST(Reduce, OfEqualZerosTheFirstIsLeastAndTheLastGreatest) {
  EXPECT_FALSE(std::signbit(aggregate({0.0, -0.0}, "min")));
  EXPECT_TRUE(std::signbit(aggregate({0.0, -0.0}, "max")));
  EXPECT_TRUE(std::signbit(aggregate({-0.0, 0.0}, "min")));
  EXPECT_FALSE(std::signbit(aggregate({-0.0, 0.0}, "max")));
  EXPECT_FALSE(std::signbit(aggregate({-0.0, -0.0}, "sum")));
}

TEST(Reduce, GroupsOfOnePointHaveNoStd) {
  const std::vector<Method> methods{Method::parse("std").value(), Method::parse("count").value()};
  const std::vector<double> values{1, 2, 4, 9};
  const Reduced reduced = reduce(values, {{10, 20, 30}, {1, 3, 4}}, methods);
  EXPECT_THAT(reduced.times, ::testing::ElementsAre(10, 20, 30));
  EXPECT_THAT(reduced.std_times, ::testing::ElementsAre(20));
  ASSERT_EQ(reduced.column(0, Method::Base::std).size(), 1U);
  EXPECT_EQ(reduced.column(0, Method::Base::std)[0], std::sqrt(2.0));
  EXPECT_EQ(reduced.column(1, Method::Base::count)[1], 2);
}

TEST(Reduce, NoPointsGiveEmptyColumns) {
  const Method method = Method::parse("mean").value();
  EXPECT_TRUE(reduce({}, {}, {&method, 1}).column(0, method.base).empty());
}

}  // namespace
}  // namespace gnocchi::timeseries
