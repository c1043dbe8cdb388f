#include "core/pipeline/pass_measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pipeline/measures_codec.h"
#include "tests/support/memory_log.h"

namespace gnocchi::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MetricId metric_of(unsigned char first) {
  Uuid id{};
  id.bytes[0] = first;
  return MetricId(id);
}

Measure second(std::int64_t s, double value) { return {Timestamp(std::chrono::seconds(s)), value}; }

Bundle bundle_of(const MetricId& metric, const std::vector<Measure>& measures) {
  return {metric, encode_measures(measures)};
}

std::vector<double> values_of(PassMeasures& measures, const MetricId& metric) {
  std::vector<double> values;
  for (const Measure& measure : measures.of(metric)) values.push_back(measure.value);
  return values;
}

struct OfTwoSacks : ::testing::Test {
  OfTwoSacks() {
    first.sack = SackNumber{1};
    first.bundles = {bundle_of(c, {second(9, 1)}), bundle_of(a, {second(3, 2), second(1, 3)}),
                     bundle_of(c, {second(2, 4)})};
    second_one.sack = SackNumber{2};
    second_one.bundles = {bundle_of(b, {second(1, 5)}), bundle_of(d, {})};
  }

  const MetricId a = metric_of(1), b = metric_of(2), c = metric_of(0xff), d = metric_of(9);
  SackBatch first, second_one;
  support::MemoryLog log;
};

TEST_F(OfTwoSacks, EachMetricHasItsMeasuresInOrderOfArrival) {
  const SackBatch* const batches[] = {&first, &second_one};
  PassMeasures measures(batches, log);
  EXPECT_THAT(measures.metrics(), ElementsAre(a, b, c));
  EXPECT_THAT(values_of(measures, c), ElementsAre(1, 4));
  EXPECT_THAT(values_of(measures, a), ElementsAre(2, 3));
  EXPECT_THAT(values_of(measures, b), ElementsAre(5));
  EXPECT_THAT(values_of(measures, d), IsEmpty());
  EXPECT_THAT(values_of(measures, metric_of(77)), IsEmpty());
}

TEST_F(OfTwoSacks, ADamagedBundleIsToldOfAndLeftOut) {
  first.bundles[2].data.pop_back();
  second_one.bundles[0].data = "?";
  const SackBatch* const batches[] = {&first, &second_one};
  PassMeasures measures(batches, log);
  EXPECT_THAT(measures.metrics(), ElementsAre(a, c));
  EXPECT_THAT(values_of(measures, c), ElementsAre(1));
  EXPECT_EQ(log.find("metric=" + b.to_string() + " sack=2").size(), 1U);
  EXPECT_EQ(log.find("metric=" + c.to_string() + " sack=1").size(), 1U);
}

TEST_F(OfTwoSacks, WhatIsDroppedIsNotThere) {
  const SackBatch* const batches[] = {&first, &second_one};
  PassMeasures measures(batches, log);
  const std::int64_t s = 1'000'000'000;
  measures.drop(c, {2 * s, 9 * s});
  EXPECT_THAT(values_of(measures, c), ElementsAre(1));
  measures.drop(a, {0, 10 * s});
  measures.drop(d, {0, 10 * s});
  EXPECT_THAT(measures.metrics(), ElementsAre(b, c));
  measures.drop(b, {0, 10 * s});
  measures.drop(c, {0, 10 * s});
  EXPECT_TRUE(measures.empty());
}

}  // namespace
}  // namespace gnocchi::pipeline
