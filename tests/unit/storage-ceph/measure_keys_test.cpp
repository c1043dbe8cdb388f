#include "measure_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace gnocchi::ceph {
namespace {

const MetricId kMetric(*Uuid::parse("5f2c1a30-0000-4000-8000-00000000000a"));

TEST(MeasureKeys, AreOfTheFormThatPythonReads) {
  MeasureKeys keys;
  const std::string key = keys.next(kMetric);
  EXPECT_TRUE(key.starts_with("measure_5f2c1a30-0000-4000-8000-00000000000a_")) << key;
  EXPECT_EQ(key.size(), std::string("measure_").size() + 36 + 1 + 36 + 1 + 17) << key;
  EXPECT_EQ(std::count(key.begin(), key.end(), '_'), 4) << key;
  EXPECT_EQ(metric_of(key), kMetric);
  EXPECT_TRUE(Uuid::parse(key.substr(45, 36))) << key;
}

TEST(MeasureKeys, SortByArrivalInOneProcess) {
  MeasureKeys keys;
  std::vector<std::string> made;
  for (int i = 0; i < 5000; ++i) made.push_back(keys.next(kMetric));
  EXPECT_TRUE(std::is_sorted(made.begin(), made.end()));
  EXPECT_TRUE(std::is_sorted(made.begin(), made.end(),
                             [](const auto& a, const auto& b) { return arrived_before(a, b); }));
}

TEST(MeasureKeys, AreUniqueAmongThreadsAndProcesses) {
  MeasureKeys one;
  MeasureKeys other;  // as another process has it
  std::vector<std::vector<std::string>> made(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < made.size(); ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 1000; ++i) made[t].push_back((t % 2 ? one : other).next(kMetric));
      });
    }
  }
  std::set<std::string> all;
  for (const auto& keys : made) all.insert(keys.begin(), keys.end());
  EXPECT_EQ(all.size(), 4000U);
}

TEST(MeasureKeys, PythonsKeysAreOrderedByTheSecond) {
  const std::string prefix = key_prefix(kMetric);
  const std::string first = prefix + "ffffffff-0000-4000-8000-000000000000_20260131_11:59:59";
  const std::string second = prefix + "00000000-0000-4000-8000-000000000000_20260131_12:00:00";
  EXPECT_TRUE(arrived_before(first, second));
  EXPECT_FALSE(arrived_before(second, first));
  EXPECT_EQ(metric_of(first), kMetric);
}

TEST(MeasureKeys, WhatIsNoBundlesKeyIsNotTakenForOne) {
  for (const char* key : {"", "measure_", "measure_5f2c1a30", "other_5f2c1a30-0000-4000-8000-00000",
                          "measure_5f2c1a30-0000-4000-8000-00000000000a",
                          "measure_5f2c1a30-0000-4000-8000-00000000000z_x_y"}) {
    EXPECT_EQ(metric_of(key), std::nullopt) << key;
  }
  EXPECT_FALSE(arrived_before("", "short") && arrived_before("short", ""));
}

}  // namespace
}  // namespace gnocchi::ceph
