#include "core/query/reduction.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/query/programs.h"

namespace gnocchi::query {
namespace {

using Base = Reduction::Base;
using Values = std::vector<double>;

TEST(Reduction, NamesMayHaveRateInFront) {
  EXPECT_EQ(Reduction::parse("var")->base, Base::var);
  EXPECT_TRUE(Reduction::parse("rate:max")->rate);
  EXPECT_FALSE(Reduction::parse("last"));
  EXPECT_FALSE(Reduction::parse("95pct"));
  EXPECT_FALSE(Reduction::parse("rate:"));
}

TEST(Reduction, WindowsLeaveNansOut) {
  const Values values{1, kNan, 4, 9};
  EXPECT_EQ(reduce_windows(Base::sum, values, 2), (Values{1, 4, 13}));
  EXPECT_EQ(reduce_windows(Base::count, values, 2), (Values{1, 1, 2}));
  EXPECT_EQ(reduce_windows(Base::max, values, 3), (Values{4, 9}));
  EXPECT_EQ(reduce_windows(Base::min, values, 3), (Values{1, 4}));
  EXPECT_EQ(reduce_windows(Base::median, values, 4), (Values{4}));
  EXPECT_EQ(reduce_windows(Base::median, values, 2), (Values{1, 4, 6.5}));
  EXPECT_EQ(reduce_windows(Base::var, values, 3), (Values{2.25, 6.25}));
  EXPECT_EQ(reduce_windows(Base::std, values, 3), (Values{1.5, 2.5}));
}

TEST(Reduction, OfNothingIsNanOrZero) {
  const Values none{kNan, kNan};
  for (const Base base : {Base::mean, Base::median, Base::min, Base::max, Base::var, Base::std}) {
    EXPECT_TRUE(std::isnan(reduce_windows(base, none, 2)[0]));
    EXPECT_TRUE(std::isnan(reduce_rows(base, {}, 1)[0]));
    EXPECT_TRUE(std::isnan(reduce_rows(base, {}, 2)[1]));
  }
  for (const Base base : {Base::sum, Base::count}) {
    EXPECT_EQ(reduce_windows(base, none, 2)[0], 0);
    EXPECT_EQ(reduce_rows(base, {}, 2), (Values{0, 0}));
  }
}

TEST(Reduction, RowsGoThroughTheColumns) {
  const std::vector<Values> columns{{1, kNan, kNan}, {4, 9, kNan}, {1, 5, kNan}};
  EXPECT_EQ(reduce_rows(Base::sum, columns, 3), (Values{6, 14, 0}));
  EXPECT_EQ(reduce_rows(Base::count, columns, 3), (Values{3, 2, 0}));
  const auto is = [&](Base base, double first, double second) {
    const Values results = reduce_rows(base, columns, 3);
    EXPECT_EQ(results[0], first);
    EXPECT_EQ(results[1], second);
    EXPECT_TRUE(std::isnan(results[2]));
  };
  is(Base::mean, 2, 7);
  is(Base::median, 1, 7);
  is(Base::min, 1, 5);
  is(Base::max, 4, 9);
  is(Base::var, 2, 4);
  is(Base::std, std::sqrt(2.0), 2);
}

TEST(Reduction, ASingleRowIsAddedUpInPairs) {
  // 1e16 + 1 is 1e16: only in pairs do the ones come together before they meet it.
  std::vector<Values> columns(16, Values{1});
  columns[0] = {1e16};
  EXPECT_EQ(reduce_rows(Base::sum, columns, 1)[0], 1e16 + 14);
  for (auto& column : columns) column.push_back(column.front());
  EXPECT_EQ(reduce_rows(Base::sum, columns, 2)[0], 1e16);
}

}  // namespace
}  // namespace gnocchi::query
