// Measures that wait: order, counts, and what is left in the database when they are gone.
#include <atomic>
#include <set>
#include <thread>

#include "database.h"
#include "measure_codec.h"
#include "support.h"
#include "waiting_entries.h"

namespace gnocchi::rocks::test {
namespace {

constexpr std::size_t kAll = std::size_t{1} << 40;

void drain(RocksIncoming& incoming) {
  for (std::uint32_t sack = 0; sack < kSacks; ++sack) {
    for (bool more = true; more;) {
      const SackBatch batch = incoming.read_sack(SackNumber{sack}, kAll);
      more = batch.more;
      incoming.acknowledge(batch);
    }
  }
}

std::vector<Bundle> bundles_of(std::size_t count) {
  std::vector<Bundle> bundles;
  for (std::size_t i = 0; i < count; ++i) {
    bundles.push_back({MetricId(Uuid::random()), std::string(16, 'm')});
  }
  return bundles;
}

TEST(RocksMeasures, CountsAreRightAfterAReopening) {
  const TemporaryDirectory directory;
  const auto bundles = bundles_of(100);
  {
    Both both(directory.path);
    both.incoming.append(bundles);
    both.incoming.append(std::span(bundles).first(40));
  }
  Both both(directory.path);
  const IncomingReport report = both.incoming.report(true);
  EXPECT_EQ(report.metrics, 100U);
  EXPECT_EQ(report.bundles, 140U);
  EXPECT_EQ(report.details.size(), 100U);
  EXPECT_EQ(
      both.incoming.read_pending(std::span(&bundles[0].metric, 1), 1 << 24).value().at(0).size(),
      2U);
  drain(both.incoming);
  EXPECT_EQ(both.incoming.report(false).bundles, 0U);
}

TEST(RocksMeasures, WhatIsDrainedLeavesNeitherDataNorTombstones) {
  const TemporaryDirectory directory;
  {
    Both both(directory.path);
    const auto bundles = bundles_of(50);
    for (int round = 0; round < 20; ++round) {
      both.incoming.append(bundles);
      drain(both.incoming);
    }
  }
  Lent lent(directory.path);
  Database database(DatabaseOptions::from(lent.options), false);
  ASSERT_TRUE(database.db().Flush({}, database.family(Family::measures)).ok());
  std::uint64_t entries = 0;
  std::uint64_t deletions = 0;
  rocksdb::TablePropertiesCollection tables;
  ASSERT_TRUE(
      database.db().GetPropertiesOfAllTables(database.family(Family::measures), &tables).ok());
  for (const auto& [name, table] : tables) {
    entries += table->num_entries;
    deletions += table->num_deletions;
  }
  EXPECT_EQ(entries, 0U);
  EXPECT_EQ(deletions, 0U);
}

/// The sacks of these bundles, each once.
std::set<std::uint32_t> sacks_of(const std::vector<Bundle>& bundles) {
  std::set<std::uint32_t> sacks;
  for (const Bundle& bundle : bundles) sacks.insert(sack_of(bundle.metric, kSacks).value);
  return sacks;
}

std::size_t entries_in(const std::filesystem::path& path) {
  Lent lent(path);
  Database database(DatabaseOptions::from(lent.options), false);
  const std::unique_ptr<rocksdb::Iterator> entries(
      database.db().NewIterator({}, database.family(Family::measures)));
  std::size_t count = 0;
  for (entries->SeekToFirst(); entries->Valid(); entries->Next()) ++count;
  return count;
}

TEST(RocksMeasures, SacksThatShareAnEntryAreAcknowledgedOneByOneAcrossReopenings) {
  const TemporaryDirectory directory;
  const auto bundles = bundles_of(50);
  std::set<std::uint32_t> waiting = sacks_of(bundles);
  ASSERT_EQ(waiting.size(), kSacks);
  {
    Both both(directory.path);
    both.incoming.append(bundles);
    both.incoming.append(bundles);
  }
  while (!waiting.empty()) {
    EXPECT_EQ(entries_in(directory.path), 2U) << "they serve " << waiting.size() << " sacks yet";
    Both both(directory.path);
    std::uint64_t left = 0;
    for (const Bundle& bundle : bundles) {
      const SackNumber sack = sack_of(bundle.metric, kSacks);
      const std::size_t expected = waiting.contains(sack.value) ? 2 : 0;
      const auto pending = both.incoming.read_pending(std::span(&bundle.metric, 1), kAll);
      ASSERT_EQ(pending.value().at(0).size(), expected);
      left += expected;
    }
    EXPECT_EQ(both.incoming.report(false).bundles, left);
    const SackNumber sack{*waiting.begin()};
    both.incoming.acknowledge(both.incoming.read_sack(sack, kAll));
    EXPECT_TRUE(both.incoming.read_sack(sack, kAll).bundles.empty());
    waiting.erase(waiting.begin());
  }
  EXPECT_EQ(entries_in(directory.path), 0U);
}

TEST(RocksMeasures, NumbersGoOnAfterWhatWasAcknowledged) {
  const TemporaryDirectory directory;
  const auto bundles = bundles_of(50);
  {
    // A number far ahead of the database's own, as after many appends that failed.
    const Both both(directory.path);
  }
  {
    Lent lent(directory.path);
    Database database(DatabaseOptions::from(lent.options), false);
    rocksdb::WriteBatch batch;
    batch.Put(database.family(Family::settings), std::string("acknowledged\0\0\0\1", 16),
              std::string("\0\0\0\0\1\0\0\0", 8));
    database.write(batch, "test");
  }
  {
    Both both(directory.path);
    both.incoming.append(bundles);
  }
  Both both(directory.path);
  EXPECT_EQ(both.incoming.report(false).bundles, bundles.size());
}

TEST(RocksMeasures, WhatAllSacksHaveAcknowledgedIsRemovedAtAnOpening) {
  const TemporaryDirectory directory;
  {
    Both both(directory.path);
    both.incoming.append(bundles_of(50));
  }
  {
    Lent lent(directory.path);
    Database database(DatabaseOptions::from(lent.options), false);
    rocksdb::WriteBatch batch;
    for (char sack = 0; sack < static_cast<char>(kSacks); ++sack) {
      batch.Put(database.family(Family::settings), std::string("acknowledged\0\0\0", 15) + sack,
                std::string(8, '\1'));
    }
    database.write(batch, "test");
  }
  { const Both both(directory.path); }
  EXPECT_EQ(entries_in(directory.path), 0U);
}

TEST(RocksMeasures, ADamagedEntryIsToldOfAndGoes) {
  const TemporaryDirectory directory;
  { const Both both(directory.path); }
  {
    Lent lent(directory.path);
    Database database(DatabaseOptions::from(lent.options), false);
    rocksdb::WriteBatch batch;
    batch.Put(database.family(Family::measures), encode_key({0, 1U << 20}), "\1\x7f damaged");
    database.write(batch, "test");
  }
  Both both(directory.path);
  const SackNumber first{0};
  EXPECT_EQ(both.incoming.with_pending(std::span(&first, 1)).size(), 1U);
  const SackBatch batch = both.incoming.read_sack(first, kAll);
  EXPECT_TRUE(batch.bundles.empty());
  ASSERT_EQ(both.lent.log.warnings().size(), 1U);
  EXPECT_NE(both.lent.log.warnings()[0].find("waiting measures damaged"), std::string::npos);
  both.incoming.acknowledge(batch);
  EXPECT_TRUE(both.incoming.with_pending(std::span(&first, 1)).empty());
}

TEST(RocksMeasures, OfConcurrentAppendsNoneIsMissedAndNoneIsTakenTwice) {
  const TemporaryDirectory directory;
  Both both(directory.path);
  const MetricId metric(Uuid::random());
  const SackNumber sack = sack_of(metric, kSacks);
  constexpr std::uint64_t kEach = 400;
  constexpr std::size_t kWriters = 4;
  std::atomic<std::size_t> writing = kWriters;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kWriters; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t n = 0; n < kEach; ++n) {
        const Bundle bundle{metric, "data"};
        both.incoming.append(std::span(&bundle, 1));
      }
      --writing;
    });
  }
  std::uint64_t seen = 0;
  for (bool last = false; !last;) {
    last = writing == 0;
    const SackBatch batch = both.incoming.read_sack(sack, kAll);
    seen += batch.bundles.size();
    both.incoming.acknowledge(batch);
  }
  EXPECT_EQ(seen, kEach * kWriters);
  EXPECT_EQ(both.incoming.report(false).bundles, 0U);
  EXPECT_TRUE(both.incoming.with_pending(std::span(&sack, 1)).empty());
}

TEST(RocksMeasures, NumbersThatComeOutOfOrderAreKeptInOrder) {
  WaitingEntries entries;
  for (const std::uint64_t sequence : {5, 3, 9, 7, 8}) entries.add(sequence);
  const auto all = [&entries] {
    return std::vector<std::uint64_t>(entries.all().begin(), entries.all().end());
  };
  EXPECT_EQ(all(), (std::vector<std::uint64_t>{3, 5, 7, 8, 9}));
  for (const std::uint64_t sequence : {3, 5, 9}) EXPECT_TRUE(entries.contains(sequence));
  for (const std::uint64_t sequence : {2, 4, 10}) EXPECT_FALSE(entries.contains(sequence));
  entries.remove_up_to(4);
  EXPECT_EQ(all(), (std::vector<std::uint64_t>{5, 7, 8, 9}));
  entries.add(6);
  entries.remove_up_to(8);
  EXPECT_EQ(all(), std::vector<std::uint64_t>{9});
  entries.remove_up_to(9);
  EXPECT_TRUE(entries.all().empty());
  EXPECT_FALSE(entries.contains(9));
}

TEST(RocksMeasures, WhatComesAfterABatchWasReadIsNewsAgain) {
  const TemporaryDirectory directory;
  Both both(directory.path);
  const Bundle bundle{MetricId(Uuid::random()), "data"};
  const SackNumber mine = sack_of(bundle.metric, kSacks);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (int round = 0; round < 200; ++round) {
    std::vector<SackNumber> news;
    {
      const std::jthread one([&] { news = both.incoming.wait(std::span(&mine, 1), until); });
      for (int more = 0; more < 3; ++more) both.incoming.append(std::span(&bundle, 1));
    }
    ASSERT_EQ(news, std::vector<SackNumber>{mine});
    both.incoming.acknowledge(both.incoming.read_sack(mine, kAll));
    both.incoming.wait(std::span(&mine, 1), std::chrono::steady_clock::now());
  }
  EXPECT_LT(std::chrono::steady_clock::now(), until);
}

TEST(RocksMeasures, NewsOfAnAppendEndAWaitInEveryInstance) {
  const TemporaryDirectory directory;
  Both both(directory.path);
  RocksIncoming second(both.lent.context);
  second.start();
  const MetricId metric(Uuid::random());
  const SackNumber mine = sack_of(metric, kSacks);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::vector<std::vector<SackNumber>> news(2);
  {
    std::jthread one([&] { news[0] = both.incoming.wait(std::span(&mine, 1), until); });
    std::jthread two([&] { news[1] = second.wait(std::span(&mine, 1), until); });
    const Bundle bundle{metric, "data"};
    both.incoming.append(std::span(&bundle, 1));
  }
  for (const auto& heard : news) EXPECT_EQ(heard, std::vector<SackNumber>{mine});
  EXPECT_LT(std::chrono::steady_clock::now(), until);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(second.wait(std::span(&mine, 1), now).empty()) << "told twice";
  second.stop();
}

}  // namespace
}  // namespace gnocchi::rocks::test
