#include "split_versions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gnocchi::ceph::test {
namespace {

MetricId fresh_metric() { return MetricId(Uuid::random()); }

KnownSplits known(std::uint64_t raw_version, int splits) {
  KnownSplits known{raw_version, {}};
  for (int i = 0; i < splits; ++i) known.set("split " + std::to_string(i), raw_version + 1);
  return known;
}

TEST(SplitVersions, ASplitHasOneVersion) {
  KnownSplits splits;
  EXPECT_FALSE(splits.version_of("a"));
  splits.set("a", 1);
  splits.set("b", 2);
  splits.set("a", 3);
  EXPECT_EQ(splits.version_of("a"), 3U);
  EXPECT_EQ(splits.version_of("b"), 2U);
  splits.remove("a");
  splits.remove("c");
  EXPECT_FALSE(splits.version_of("a"));
  EXPECT_EQ(splits.splits.size(), 1U);
}

TEST(SplitVersions, OnlyWhatIsKnownAsOfTheRawSeriesIsKnown) {
  SplitVersions versions(std::size_t{1} << 20);
  const MetricId metric = fresh_metric();
  versions.put(metric, known(5, 2));
  EXPECT_FALSE(versions.take(metric, 6));
  EXPECT_FALSE(versions.take(metric, 5)) << "it is not known any more";
  versions.put(metric, known(5, 2));
  versions.put(metric, known(7, 3));
  const auto taken = versions.take(metric, 7);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->version_of("split 2"), 8U);
  EXPECT_FALSE(versions.take(metric, 7)) << "it is his who took it";
}

TEST(SplitVersions, MemoryIsBounded) {
  SplitVersions versions(20'000);
  std::vector<MetricId> metrics;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    metrics.push_back(fresh_metric());
    versions.put(metrics.back(), known(i, static_cast<int>(i % 10)));
  }
  std::uint64_t kept = 0;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    if (const auto taken = versions.take(metrics[i - 1], i)) {
      ++kept;
      EXPECT_EQ(taken->splits.size(), i % 10);
    }
  }
  EXPECT_GT(kept, 40U);
  EXPECT_LT(kept, 200U);
  SplitVersions none(0);
  none.put(metrics[0], known(1, 1));
  EXPECT_FALSE(none.take(metrics[0], 1));
}

}  // namespace
}  // namespace gnocchi::ceph::test
