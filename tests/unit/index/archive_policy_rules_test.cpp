#include "core/index/archive_policy_rules.h"

#include <gtest/gtest.h>

#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

template <typename F>
std::string refusal(F f) {
  try {
    f();
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.reason(), Refused::Reason::invalid_value);
    return refused.what();
  }
  return "accepted";
}

std::string refusal_of(const DefinitionItem& item) {
  return refusal([&] { build_item(item); });
}

TEST(ArchivePolicyRules, TheMissingThirdIsComputed) {
  EXPECT_EQ(build_item({seconds(10), 20, {}}), (ArchivePolicyItem{seconds(10), 20, seconds(200)}));
  EXPECT_EQ(build_item({{}, 1000, hours(1)}),
            (ArchivePolicyItem{nanoseconds(3'600'000'000), 1000, hours(1)}));
  EXPECT_EQ(build_item({seconds(7), {}, hours(1)}),
            (ArchivePolicyItem{seconds(7), 514, seconds(3598)}));
  EXPECT_EQ(build_item({hours(1), {}, {}}), (ArchivePolicyItem{hours(1), {}, {}}));
  EXPECT_EQ(build_item({seconds(1), 60, minutes(1)}),
            (ArchivePolicyItem{seconds(1), 60, minutes(1)}));
}

TEST(ArchivePolicyRules, ContradictionsAreRefusedInGnocchisWords) {
  EXPECT_EQ(refusal_of({seconds(1), 60, seconds(61)}),
            "timespan \xe2\x89\xa0 granularity \xc3\x97 points");
  EXPECT_EQ(refusal_of({{}, 5, {}}),
            "At least two of granularity/points/timespan must be provided");
  EXPECT_EQ(refusal_of({{}, {}, {}}),
            "At least two of granularity/points/timespan must be provided");
  EXPECT_EQ(refusal_of({hours(2), {}, hours(1)}), "Calculated number of points is < 0");
  EXPECT_EQ(refusal_of({seconds(0), 1, {}}), "Granularity should be > 0");
  EXPECT_EQ(refusal_of({seconds(1), 0, {}}), "Number of points should be > 0");
}

TEST(ArchivePolicyRules, WhatNoEngineCouldKeepIsRefused) {
  EXPECT_EQ(refusal_of({minutes(1), 1'000'000'000'000, {}}),
            "The timespan is longer than 292 years");
  EXPECT_EQ(refusal_of({minutes(1), UINT64_MAX, {}}), "The timespan is longer than 292 years");
  EXPECT_NE(refusal_of({{}, 7, minutes(1)}), "accepted");
  EXPECT_EQ(refusal_of({minutes(1), UINT64_MAX, minutes(1)}),
            "timespan \xe2\x89\xa0 granularity \xc3\x97 points");
}

TEST(ArchivePolicyRules, AGranularityMayComeOnce) {
  const DefinitionItem items[] = {{seconds(1), 60, {}}, {seconds(1), 120, {}}};
  EXPECT_EQ(refusal([&] { build_definition(items); }),
            "More than one archive policy uses granularity `1.0'");
}

TEST(ArchivePolicyRules, OnlyPointsAndTimespansMayChange) {
  ArchivePolicy medium;
  medium.name = "medium";
  medium.definition = {{seconds(1), 20, seconds(20)}, {seconds(2), {}, {}}};
  const auto change = [&](std::vector<ArchivePolicyItem> definition) {
    return refusal([&] { change_definition(medium, std::move(definition)); });
  };
  EXPECT_EQ(change({{seconds(1), 50, seconds(50)}}),
            "Archive policy medium does not support change: Cannot add or drop granularities");
  EXPECT_EQ(change({{seconds(5), 20, seconds(100)}, {seconds(2), {}, {}}}),
            "Archive policy medium does not support change: 1.0 granularity interval was changed");
  const std::vector<ArchivePolicyItem> longer{{seconds(2), {}, {}}, {seconds(1), 50, seconds(50)}};
  EXPECT_EQ(change_definition(medium, longer).definition, longer);
}

TEST(ArchivePolicyRules, AggregationMethodsAreResolved) {
  using List = std::vector<std::string>;
  const List defaults{"mean", "min", "max"};
  EXPECT_EQ(resolve_aggregation_methods({}, defaults), (List{"max", "mean", "min"}));
  EXPECT_EQ(resolve_aggregation_methods({"+median", "-mean"}, defaults),
            (List{"max", "median", "min"}));
  EXPECT_EQ(resolve_aggregation_methods({"rate:last", "95pct"}, defaults),
            (List{"95pct", "rate:last"}));
  EXPECT_EQ(resolve_aggregation_methods({"max", "+median", "-mean"}, defaults),
            (List{"max", "median"}));
  const auto all = resolve_aggregation_methods({"*", "-mean"}, defaults);
  EXPECT_EQ(all.size(), 2 * (9 + 99) - 1U);
  EXPECT_TRUE(is_aggregation_choice("+rate:99pct"));
  for (const char* wrong : {"wtf", "", "+", "100pct", "0pct", "01pct", "+*", "rate:rate:mean"}) {
    EXPECT_FALSE(is_aggregation_choice(wrong)) << wrong;
  }
}

TEST(ArchivePolicyRules, TheFirstRuleThatMatchesCounts) {
  const std::vector<ArchivePolicyRule> rules{
      {"b", "disk.foo.*", "high"}, {"a", "disk.*", "medium"}, {"default", "*", "low"}};
  EXPECT_EQ(match_rule(rules, "disk.foo.rate")->name, "b");
  EXPECT_EQ(match_rule(rules, "disk.io")->name, "a");
  EXPECT_EQ(match_rule(rules, "")->name, "default");
  EXPECT_EQ(match_rule(std::span(rules).first(2), "cpu"), nullptr);
}

}  // namespace
}  // namespace gnocchi::index
