// Incoming: what was appended is read until it is acknowledged, and then never again.
#include <algorithm>

#include "gnocchi/error.h"
#include "tests/driver-kit/incoming_case.h"

namespace gnocchi::kit {
namespace {

using Strings = std::vector<Bytes>;

TEST_F(Incoming, TheNumberOfSacksIsChangedWhenNothingIsPending) {
  const std::uint32_t before = driver().sack_count();
  const MetricId metric = fresh_metric();
  append(metric, {"pending"});
  try {
    driver().change_sack_count(before + 3);
    ADD_FAILURE() << "measures are pending";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::unavailable) << error.what();
  }
  EXPECT_EQ(driver().sack_count(), before);
  EXPECT_EQ(pending(metric), Strings{"pending"});
  for (std::uint32_t number = 0; number != before; ++number) {
    for (bool more = true; more;) {
      const SackBatch batch = driver().read_sack(SackNumber{number}, kAll);
      more = batch.more;
      acknowledge(batch);
    }
  }
  for (const std::uint32_t count : {before + 3, before}) {
    note("change to " + std::to_string(count) + " sacks");
    driver().change_sack_count(count);
    EXPECT_EQ(driver().sack_count(), count);
    driver().upgrade(count + 1);
    EXPECT_EQ(driver().sack_count(), count) << "what exists is kept";
    for (int i = 0; i != 20; ++i) {
      const MetricId other = fresh_metric();
      append(other, {"bundle"});
      EXPECT_EQ(of(read(other), other), Strings{"bundle"});
      drain(other);
    }
  }
}

TEST_F(Incoming, AnUnknownMetricHasNothingPending) {
  const MetricId metric = fresh_metric();
  EXPECT_TRUE(pending(metric).empty());
  EXPECT_TRUE(of(read(metric), metric).empty());
}

TEST_F(Incoming, CallsAboutNothingDoNothing) {
  driver().append({});
  const auto nothing = driver().read_pending({}, 0);
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->empty());
  EXPECT_TRUE(driver().with_pending({}).empty());
  SackBatch empty;
  acknowledge(empty);
}

TEST_F(Incoming, BundlesAreReadBackByteForByte) {
  auto random = random_engine();
  const MetricId metric = fresh_metric();
  Strings bundles;
  for (const std::size_t size : {1, 2, 17, 4095, 8191, 8192, 8193, 65536, 1 << 20}) {
    bundles.push_back(random_bytes(random, static_cast<std::size_t>(size)));
  }
  append(metric, bundles);
  EXPECT_TRUE(of(read(metric), metric) == bundles);
  EXPECT_TRUE(pending(metric) == bundles);
  drain(metric);
}

TEST_F(Incoming, BundlesOfAMetricComeInOrderOfArrival) {
  const MetricId metric = fresh_metric();
  Strings expected;
  for (int call = 0; call != 30; ++call) {
    const std::string number = std::to_string(call);
    append(metric, {number + " first", number + " second"});
    expected.insert(expected.end(), {number + " first", number + " second"});
  }
  EXPECT_EQ(of(read(metric), metric), expected);
  EXPECT_EQ(pending(metric), expected);
  drain(metric);
}

TEST_F(Incoming, OneCallTakesBundlesOfManyMetricsIntoTheirSacks) {
  std::vector<Bundle> bundles;
  for (int i = 0; i != 500; ++i) bundles.push_back({fresh_metric(), std::to_string(i)});
  note("append bundles of 500 metrics");
  driver().append(bundles);
  for (std::uint32_t number = 0; number != driver().sack_count(); ++number) {
    const SackBatch batch = driver().read_sack(SackNumber{number}, kAll);
    for (const Bundle& bundle : bundles) {
      const Strings expected =
          sack(bundle.metric) == SackNumber{number} ? Strings{bundle.data} : Strings{};
      ASSERT_EQ(of(batch, bundle.metric), expected) << "sack " << number;
    }
    acknowledge(batch);
  }
}

TEST_F(Incoming, ReadingTwiceWithoutAcknowledgingGivesTheSameAgain) {
  const MetricId metric = fresh_metric();
  append(metric, {"a", "b"});
  EXPECT_EQ(of(read(metric), metric), (Strings{"a", "b"}));
  EXPECT_EQ(of(read(metric), metric), (Strings{"a", "b"}));
  append(metric, {"c"});
  EXPECT_EQ(of(read(metric), metric), (Strings{"a", "b", "c"}));
  drain(metric);
}

TEST_F(Incoming, AcknowledgingRemovesExactlyTheBatchThoughMoreHasArrived) {
  const MetricId metric = fresh_metric();
  append(metric, {"a", "b"});
  const SackBatch batch = read(metric);
  append(metric, {"c"});
  acknowledge(batch);
  EXPECT_EQ(of(read(metric), metric), Strings{"c"});
  EXPECT_EQ(pending(metric), Strings{"c"});
  drain(metric);
  EXPECT_TRUE(pending(metric).empty());
}

TEST_F(Incoming, EqualBundlesAreBundlesEach) {
  const MetricId metric = fresh_metric();
  append(metric, {"same"});
  const SackBatch batch = read(metric);
  append(metric, {"same", "same"});
  acknowledge(batch);
  EXPECT_EQ(pending(metric), (Strings{"same", "same"}));
  drain(metric);
}

TEST_F(Incoming, TwoBatchesAreAcknowledgedInOrder) {
  const MetricId metric = fresh_metric();
  append(metric, {"a"});
  const SackBatch first = read(metric);
  append(metric, {"b"});
  const SackBatch second = read(metric);
  append(metric, {"c"});
  acknowledge(first);
  EXPECT_EQ(pending(metric), (Strings{"b", "c"}));
  acknowledge(second);
  EXPECT_EQ(pending(metric), Strings{"c"});
  drain(metric);
}

TEST_F(Incoming, TwoBatchesAreAcknowledgedInTheOtherOrder) {
  const MetricId metric = fresh_metric();
  append(metric, {"a"});
  const SackBatch first = read(metric);
  append(metric, {"b"});
  const SackBatch second = read(metric);
  append(metric, {"c"});
  acknowledge(second);
  EXPECT_EQ(pending(metric), Strings{"c"});
  acknowledge(first);
  EXPECT_EQ(pending(metric), Strings{"c"});
  drain(metric);
}

TEST_F(Incoming, AcknowledgingAgainIsHarmless) {
  const MetricId metric = fresh_metric();
  append(metric, {"a"});
  const SackBatch batch = read(metric);
  acknowledge(batch);
  append(metric, {"b"});
  acknowledge(batch);
  acknowledge(batch);
  EXPECT_EQ(pending(metric), Strings{"b"});
  drain(metric);
}

TEST_F(Incoming, ALimitCutsABatchAndTheRestFollows) {
  const MetricId metric = fresh_metric();
  drain(metric);
  Strings expected;
  for (int i = 0; i != 40; ++i) {
    Bytes data(10000, static_cast<char>('A' + i));
    append(metric, {data});
    expected.push_back(std::move(data));
  }
  Strings seen;
  std::size_t batches = 0;
  for (bool more = true; more; ++batches) {
    ASSERT_LT(batches, 1000U) << "`more` is said for ever";
    const SackBatch batch = read(metric, 50000);
    ASSERT_TRUE(!batch.more || !batch.bundles.empty()) << "more is promised and nothing given";
    const Strings mine = of(batch, metric);
    ASSERT_LE(mine.size(), 20U) << "the limit of 50,000 bytes is far away";
    seen.insert(seen.end(), mine.begin(), mine.end());
    more = batch.more;
    acknowledge(batch);
  }
  EXPECT_TRUE(seen == expected);
  EXPECT_GT(batches, 1U);
}

TEST_F(Incoming, ABundleLargerThanTheLimitIsGivenAllTheSame) {
  const MetricId metric = fresh_metric();
  drain(metric);
  append(metric, {Bytes(100000, 'x')});
  EXPECT_EQ(of(read(metric, 10), metric).size(), 1U);
  drain(metric);
  EXPECT_TRUE(pending(metric).empty());
}

TEST_F(Incoming, PendingBundlesAreAnsweredInTheOrderAsked) {
  const MetricId first = fresh_metric();
  const MetricId second = fresh_metric();
  append(first, {"1a", "1b"});
  append(second, {"2a"});
  const std::vector<MetricId> asked = {second, fresh_metric(), first, second};
  const auto lists = driver().read_pending(asked, kAll);
  ASSERT_TRUE(lists);
  EXPECT_EQ(*lists, (std::vector<Strings>{{"2a"}, {}, {"1a", "1b"}, {"2a"}}));
  EXPECT_EQ(of(read(first), first), (Strings{"1a", "1b"})) << "read_pending took something away";
  drain(first);
  drain(second);
}

TEST_F(Incoming, PendingBundlesThatAreTooManyAreNotReadForAQuery) {
  const MetricId metric = fresh_metric();
  const std::vector<MetricId> asked = {metric};
  append(metric, {Bytes(5000, 'a')});
  append(metric, {Bytes(5000, 'b')});
  EXPECT_FALSE(driver().read_pending(asked, 6000)) << "10,000 bytes were read for 6,000";
  const auto all = driver().read_pending(asked, kAll);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->front().size(), 2U);
  drain(metric);
  EXPECT_TRUE(driver().read_pending(asked, 6000)) << "what was acknowledged still counts";
}

TEST_F(Incoming, ReportsCountWhatIsPending) {
  const MetricId first = fresh_metric();
  const MetricId second = fresh_metric();
  append(first, {"a", "b", "c"});
  append(second, {"d"});
  const IncomingReport report = driver().report(true);
  const auto count_of = [&](const MetricId& metric) -> std::uint64_t {
    for (const auto& [id, count] : report.details) {
      if (id == metric) return count;
    }
    return 0;
  };
  EXPECT_EQ(count_of(first), 3U);
  EXPECT_EQ(count_of(second), 1U);
  EXPECT_EQ(report.metrics, report.details.size());
  std::uint64_t sum = 0;
  for (const auto& [id, count] : report.details) sum += count;
  EXPECT_EQ(report.bundles, sum);

  const IncomingReport brief = driver().report(false);
  EXPECT_EQ(brief.metrics, report.metrics);
  EXPECT_EQ(brief.bundles, report.bundles);
  drain(first);
  drain(second);
  const IncomingReport after = driver().report(true);
  EXPECT_TRUE(std::none_of(after.details.begin(), after.details.end(), [&](const auto& entry) {
    return entry.first == first || entry.first == second;
  }));
}

TEST_F(Incoming, SacksWithPendingBundlesAreTold) {
  const MetricId metric = fresh_metric();
  append(metric, {"a"});
  std::vector<SackNumber> all;
  for (std::uint32_t i = 0; i != driver().sack_count(); ++i) all.push_back(SackNumber{i});
  const auto told = driver().with_pending(all);
  EXPECT_NE(std::find(told.begin(), told.end(), sack(metric)), told.end());
  EXPECT_LE(told.size(), all.size());
  const SackNumber mine = sack(metric);
  EXPECT_EQ(driver().with_pending(std::span(&mine, 1)), std::vector<SackNumber>{mine});
  drain(metric);
}

TEST_F(Incoming, TheNumberOfSacksStaysWhatItWasMadeWith) {
  const std::uint32_t count = driver().sack_count();
  EXPECT_GT(count, 0U);
  const MetricId metric = fresh_metric();
  append(metric, {"a"});
  driver().upgrade(count + 3);
  EXPECT_EQ(driver().sack_count(), count);
  EXPECT_EQ(pending(metric), Strings{"a"});
  drain(metric);
}

TEST_F(Incoming, WhatIsPendingSurvivesARestart) {
  if (!target().keeps) GTEST_SKIP() << "--volatile: the driver keeps nothing over a restart";
  const MetricId metric = fresh_metric();
  append(metric, {"acknowledged"});
  acknowledge(read(metric));
  append(metric, {"a", "b"});
  const std::uint32_t count = driver().sack_count();
  restart();
  EXPECT_EQ(driver().sack_count(), count);
  EXPECT_EQ(of(read(metric), metric), (Strings{"a", "b"}));
  append(metric, {"c"});
  restart();
  EXPECT_EQ(pending(metric), (Strings{"a", "b", "c"}));
  drain(metric);
  restart();
  EXPECT_TRUE(pending(metric).empty());
}

TEST_F(Incoming, AnotherInstanceReadsWhatThisOneHasTaken) {
  if (!target().keeps) GTEST_SKIP() << "--volatile: each instance has a memory of its own";
  const MetricId metric = fresh_metric();
  const auto reader = another();
  append(metric, {"a"});
  const SackBatch batch = reader->read_sack(sack(metric), kAll);
  EXPECT_EQ(of(batch, metric), Strings{"a"});
  append(metric, {"b"});
  reader->acknowledge(batch);
  EXPECT_EQ(of(reader->read_sack(sack(metric), kAll), metric), Strings{"b"});
  EXPECT_EQ(pending(metric), Strings{"b"});
  reader->stop();
  drain(metric);
}

}  // namespace
}  // namespace gnocchi::kit
