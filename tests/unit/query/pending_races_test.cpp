// Queries while passes go on.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>

#include "tests/unit/query/pending_fixture.h"

namespace gnocchi::query {
namespace {

using std::chrono::seconds;
using timeseries::Series;

const Policy kRates =
    policy_of({{seconds(10), 7200, seconds(72'000)}, {seconds(60), std::nullopt, std::nullopt}},
              {"count", "last", "mean", "rate:mean", "std", "sum"}, 1);
// Its back window takes in all times of the tests: what is too old depends on how passes fall.
const Policy kPlain =
    policy_of({{seconds(10), 7200, seconds(72'000)}, {seconds(60), std::nullopt, std::nullopt}},
              {"count", "last", "mean", "std", "sum"}, 10);

std::vector<Measure> random_measures(std::mt19937& random, std::int64_t around_s, int count) {
  std::vector<Measure> all;
  for (int i = 0; i < count; ++i) {
    const auto time = std::uniform_int_distribution<std::int64_t>(-90, 400)(random);
    all.push_back(at(around_s + time, static_cast<double>(random() % 64) / 4));
  }
  return all;
}

/// Where a pass ends, or gets to half its writing, while a query reads: before its call of "raw",
/// "list" or "splits"; and whether the pass is acknowledged then.
struct Meeting {
  const char* step;
  bool half;
  bool acknowledged;
};

class PassMeetsQuery : public ::testing::TestWithParam<Meeting> {};

// Without the order of reads that Pending keeps, this fails: splits before raw lose what the pass
// moves out of the raw series, pending last loses what it acknowledges.
TEST_P(PassMeetsQuery, TheAnswerIsWhatThePassStores) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    PendingFixture f(kRates, {seed % 2 == 0, false});
    const MetricId metric(Uuid::random());
    f.accept(metric, random_measures(random, 0, 40));
    if (seed % 3 > 0) f.drain(metric);
    // Every other time so much later that all of the old raw series and splits are left behind.
    const std::int64_t later = seed % 4 < 2 ? 300 : 80'000;
    f.accept(metric, random_measures(random, later, 40));

    std::vector<Series> before;
    const auto refs = f.all_refs(metric);
    bool met = false;
    f.storage.before = [&](const std::string& step) {
      if (step != GetParam().step || met) return;
      met = true;
      if (!GetParam().half) return f.drain(metric, GetParam().acknowledged);
      // The query goes on while the pass stands between its two writes.
      auto go_on = std::make_shared<std::atomic<bool>>(false);
      f.storage.half_written = [&, go_on] {
        if (go_on->exchange(true)) return;
        before = f.reader.read(refs, {}).series;
      };
      f.drain(metric);
    };
    const auto answer = f.reader.read(refs, {}).series;
    f.storage.before = nullptr;
    f.storage.half_written = nullptr;
    if (!met) continue;
    const auto after = f.stored.read(refs, {}).series;
    for (std::size_t i = 0; i < refs.size(); ++i) {
      EXPECT_EQ(answer[i], after[i]) << "seed " << seed << " " << refs[i].method;
      if (GetParam().half) {
        EXPECT_EQ(before[i], after[i]) << "seed " << seed << " " << refs[i].method;
      }
    }
    if (HasFailure()) break;
  }
}

std::string meeting_name(const ::testing::TestParamInfo<Meeting>& info) {
  return std::string(info.param.step) + (info.param.half ? "Half" : "") +
         (info.param.acknowledged ? "" : "NotAcknowledged");
}

INSTANTIATE_TEST_SUITE_P(Steps, PassMeetsQuery,
                         ::testing::Values(Meeting{"raw", false, true},
                                           Meeting{"raw", false, false}, Meeting{"raw", true, true},
                                           Meeting{"list", false, true},
                                           Meeting{"list", true, true},
                                           Meeting{"splits", false, true}),
                         meeting_name);

TEST(QueryRaces, APassThatTakesAPartOfWhatIsPendingLosesNothing) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    for (const std::string met_at : {"raw", "list", "splits"}) {
      std::mt19937 random(seed);
      PendingFixture f(kPlain);
      const MetricId metric(Uuid::random());
      f.accept(metric, random_measures(random, 0, 20));
      const SackBatch first = f.incoming.read_sack(sack_of(metric, 4), kMuch);
      f.accept(metric, random_measures(random, 60, 20));
      f.storage.before = [&](const std::string& step) {
        if (step != met_at) return;
        std::vector<Measure> measures;
        for (const Bundle& bundle : first.bundles) {
          pipeline::decode_measures(bundle.data, measures);
        }
        pipeline::store_measures(f.storage, f.raw_cache, f.log, {{metric, f.plan, measures}},
                                 [] { return true; });
        f.incoming.acknowledge(first);
      };
      const auto refs = f.all_refs(metric);
      const auto answer = f.reader.read(refs, {}).series;
      f.storage.before = nullptr;
      f.drain(metric);
      EXPECT_EQ(answer, f.stored.read(refs, {}).series) << "seed " << seed << " at " << met_at;
    }
  }
}

TEST(QueryRaces, WhatComesDuringAQueryHidesNothingAcceptedBefore) {
  PendingFixture f(kPlain);
  const MetricId metric(Uuid::random());
  f.accept(metric, {at(0, 1)});
  f.drain(metric);
  f.accept(metric, {at(10, 2), at(20, 3)});
  f.storage.before = [&](const std::string& step) {
    if (step != "list") return;
    f.accept(metric, {at(10, 7), at(900'000, 4)});  // far ahead: the old splits go
    f.drain(metric);
  };
  const std::vector<AggregateRef> refs{{metric, "last", seconds(60), std::nullopt, f.policy}};
  const auto answer = f.reader.read(refs, {}).series.at(0);
  ASSERT_FALSE(answer.empty());
  EXPECT_EQ(answer.times.front(), (kBase_s - kBase_s % 60) * 1'000'000'000);
}

// Whoever has been told that a measure is accepted sees it, while passes go on without a pause.
TEST(QueryRaces, EveryAcceptedMeasureIsSeenWhilePassesGoOn) {
  constexpr int kWriters = 3;
  constexpr int kMeasures = 400;
  PendingFixture f(kRates, {true, false});
  std::atomic<int> running = kWriters;
  std::vector<std::thread> threads;
  std::atomic<int> faults = 0;
  std::array<MetricId, kWriters> metrics;
  for (auto& metric : metrics) metric = MetricId(Uuid::random());
  for (const MetricId& metric : metrics) {
    threads.emplace_back([&f, &faults, &running, metric] {
      const std::vector<AggregateRef> refs{{metric, "count", seconds(10), std::nullopt, f.policy},
                                           {metric, "last", seconds(60), std::nullopt, f.policy}};
      for (int i = 0; i < kMeasures; ++i) {
        f.accept(metric, {at(i * 3, i)});
        const auto series = f.reader.read(refs, {}).series;
        double count = 0;
        for (const double value : series[0].values) count += value;
        if (count != i + 1 || series[1].values.back() != i) ++faults;
      }
      --running;
    });
  }
  while (running > 0) {
    for (std::uint32_t sack = 0; sack < f.incoming.sack_count(); ++sack) {
      const auto in_sack = std::find_if(metrics.begin(), metrics.end(), [&](const MetricId& id) {
        return sack_of(id, f.incoming.sack_count()).value == sack;
      });
      if (in_sack != metrics.end()) f.drain(*in_sack);
    }
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(faults, 0) << "of " << kWriters * kMeasures << " queries";
}

}  // namespace
}  // namespace gnocchi::query
