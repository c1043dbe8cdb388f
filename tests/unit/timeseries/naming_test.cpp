#include "gnocchi/naming.h"

#include <gtest/gtest.h>

#include "tests/unit/timeseries/golden_lines.h"

namespace gnocchi {
namespace {

using timeseries::golden_lines;

MetricId golden_metric() {
  return MetricId(Uuid::parse("5f3d4c2b-1a09-4f8e-8d7c-6b5a49382716").value());
}

Timespan ns(const std::string& text) { return Timespan{std::stoll(text)}; }

TEST(Naming, SecondsArePrintedAsPythonPrintsFloats) {
  for (const auto& fields : golden_lines("seconds.tsv")) {
    EXPECT_EQ(python_seconds(ns(fields.at(0))), fields.at(1));
  }
}

TEST(Naming, SecondsThatDoublesHoldAreReadBack) {
  for (const auto& fields : golden_lines("seconds.tsv")) {
    const Timespan exact = ns(fields.at(0));
    if (exact.count() > std::int64_t{1} << 50) continue;
    EXPECT_EQ(parse_python_seconds(fields.at(1)), exact);
  }
}

TEST(Naming, ObjectNamesAreThoseOfPython) {
  for (const auto& fields : golden_lines("names.tsv")) {
    const SplitKey key{Timestamp{ns(fields.at(0))}, ns(fields.at(2)), fields.at(1)};
    EXPECT_EQ(object_name({golden_metric(), key}), fields.at(3));
  }
}

TEST(Naming, ObjectNamesOfPythonAreReadBackToTheNanosecond) {
  for (const auto& fields : golden_lines("names.tsv")) {
    const ObjectRef ref{golden_metric(),
                        SplitKey{Timestamp{ns(fields.at(0))}, ns(fields.at(2)), fields.at(1)}};
    EXPECT_EQ(parse_object_name(fields.at(3)), ref) << fields.at(3);
  }
}

TEST(Naming, RawSeriesHasItsOwnName) {
  const std::string name = "gnocchi_5f3d4c2b-1a09-4f8e-8d7c-6b5a49382716_none_v3";
  EXPECT_EQ(object_name({golden_metric(), std::nullopt}), name);
  EXPECT_EQ(parse_object_name(name), (ObjectRef{golden_metric(), std::nullopt}));
}

TEST(Naming, OtherNamesAreNoObjects) {
  for (const std::string_view rest :
       {"", "_v3", "none_v2", "0.0_mean_60.0", "0.0_mean_60.0_v2", "mean_60.0_v3", "0.0__60.0_v3",
        "0.0_mean_0.0_v3", "0.0_mean_-60.0_v3", "-216000.0_mean_60.0_v3", "0.0_mean_nan_v3",
        "inf_mean_60.0_v3", "0.0_mean_60.0x_v3", "1e300_mean_60.0_v3"}) {
    const std::string name = "gnocchi_5f3d4c2b-1a09-4f8e-8d7c-6b5a49382716_" + std::string(rest);
    EXPECT_EQ(parse_object_name(name), std::nullopt) << name;
  }
  EXPECT_EQ(parse_object_name("gnocchi__v3"), std::nullopt);
  EXPECT_EQ(parse_object_name("gnocchi_v3"), std::nullopt);
  EXPECT_EQ(parse_object_name("other_5f3d4c2b-1a09-4f8e-8d7c-6b5a49382716_none_v3"), std::nullopt);
  EXPECT_EQ(parse_object_name("gnocchi_5f3d4c2b_none_v3"), std::nullopt);
}

TEST(Naming, SackNamesCountAndNumber) { EXPECT_EQ(sack_name(SackNumber{7}, 128), "incoming128-7"); }

TEST(Naming, SackIsTheIdentifierModuloTheCount) {
  // Python: uuid.UUID("5f3d4c2b-1a09-4f8e-8d7c-6b5a49382716").int % n
  EXPECT_EQ(sack_of(golden_metric(), 128).value, 22U);
  EXPECT_EQ(sack_of(golden_metric(), 7).value, 1U);
  EXPECT_EQ(sack_of(golden_metric(), 1).value, 0U);
}

}  // namespace
}  // namespace gnocchi
