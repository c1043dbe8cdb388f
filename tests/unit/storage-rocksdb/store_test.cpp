// One database for all drivers of a process, and for no other process.
#include <thread>

#include "database.h"
#include "info_log.h"
#include "support.h"

namespace gnocchi::rocks::test {
namespace {

TEST(RocksStore, DriversOfOnePathShareADatabaseInWhateverOrderTheyComeAndGo) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  { const Both made(directory.path); }
  for (const bool storage_first : {true, false}) {
    Lent lent(directory.path);
    RocksStorage storage(lent.context);
    RocksIncoming incoming(lent.context);
    if (storage_first) {
      storage.start();
      incoming.start();
    } else {
      incoming.start();
      storage.start();
    }
    const Bundle bundle{metric, "data"};
    incoming.append(std::span(&bundle, 1));
    for (const bool stop_storage : {storage_first, !storage_first}) {
      if (stop_storage) {
        storage.stop();
      } else {
        incoming.stop();
      }
    }
    // Closed: it can be opened again, with other options even.
    Lent other(directory.path, "commit");
    RocksIncoming again(other.context);
    again.start();
    EXPECT_FALSE(again.read_pending(std::span(&metric, 1), 1 << 24).value().at(0).empty());
    again.stop();
  }
}

TEST(RocksStore, TwoPathsAreTwoDatabases) {
  const TemporaryDirectory directory;
  Both one(directory.path / "one");
  Both two(directory.path / "two");
  const MetricId metric(Uuid::random());
  ASSERT_EQ(write_one(one.storage, writes_of(metric, 0, "raw")), WriteVerdict::done);
  EXPECT_TRUE(read_one(one.storage, {metric, std::nullopt}));
  EXPECT_FALSE(read_one(two.storage, {metric, std::nullopt}));
}

TEST(RocksStore, RocksDbWritesNoLogOfItsOwn) {
  const TemporaryDirectory directory;
  { const Both made(directory.path); }
  EXPECT_TRUE(std::filesystem::exists(directory.path / "CURRENT"));
  EXPECT_FALSE(std::filesystem::exists(directory.path / "LOG"));
}

TEST(RocksStore, RocksDbWritesNoFileOfOptionsAndNobodyIsWarned) {
  const TemporaryDirectory directory;
  Both made(directory.path);
  for (const auto& file : std::filesystem::directory_iterator(directory.path)) {
    EXPECT_FALSE(file.path().filename().string().starts_with("OPTIONS")) << file.path();
  }
  EXPECT_EQ(made.lent.log.warnings(), std::vector<std::string>{});
}

TEST(RocksStore, StartsWithoutAnyWriteLeaveFewLogs) {
  const TemporaryDirectory directory;
  for (int i = 0; i < 30; ++i) const Both started(directory.path);
  std::ptrdiff_t logs = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory.path)) {
    if (file.path().extension() == ".log") ++logs;
  }
  EXPECT_LE(logs, 10);
}

TEST(RocksStore, WarningsOfRocksDbGoToADriverThatIsStarted) {
  using Level = rocksdb::InfoLogLevel;
  support::MemoryLog first;
  support::MemoryLog second;
  InfoLog info;
  rocksdb::Log(Level::ERROR_LEVEL, &info, "for nobody");
  info.add(first);
  info.add(second);
  for (int i = 0; i < 2; ++i) rocksdb::Log(Level::WARN_LEVEL, &info, "stalled %d times", 3);
  rocksdb::Log(Level::INFO_LEVEL, &info, "not worth a line");
  info.remove(first);
  rocksdb::Log(Level::ERROR_LEVEL, &info, "%s", std::string(1000, 'x').c_str());
  EXPECT_EQ(first.warnings(), std::vector<std::string>{"rocksdb: stalled 3 times"});
  ASSERT_EQ(second.warnings().size(), 1U);
  EXPECT_TRUE(second.warnings()[0].starts_with("rocksdb: xxx"));
}

TEST(RocksStore, DifferentOptionsForOneDatabaseAreRefused) {
  const TemporaryDirectory directory;
  const Both open(directory.path);
  Lent lent(directory.path, "commit");
  RocksIncoming incoming(lent.context);
  expect_error(Error::Code::invalid_config, "must be the same", [&] { incoming.start(); });
}

TEST(RocksStore, WordsThatAnOptionDoesNotKnowAreRefused) {
  Lent lent("/nowhere", "sometimes");
  expect_error(Error::Code::invalid_config, "rocksdb_sync = sometimes",
               [&] { const RocksStorage storage(lent.context); });
  Lent other("/nowhere");
  other.options.texts["rocksdb_compression"] = "arc";
  expect_error(Error::Code::invalid_config, "rocksdb_compression = arc",
               [&] { const RocksStorage storage(other.context); });
}

TEST(RocksStore, APlaceThatCannotBeLookedIntoIsNotTakenForEmpty) {
  const TemporaryDirectory directory;
  std::filesystem::create_symlink("loop", directory.path / "loop");
  const Lent lent(directory.path / "loop");
  RocksStorage storage(lent.context);
  expect_error(Error::Code::unavailable, "look for a database", [&] { storage.start(); });
}

TEST(RocksStore, WithoutUpgradeNothingIsMadeAndTheErrorsSayWhatToDo) {
  const TemporaryDirectory directory;
  const auto path = directory.path / "not-there";
  Lent lent(path);
  RocksStorage storage(lent.context);
  RocksIncoming incoming(lent.context);
  storage.start();
  incoming.start();
  // Not "nothing stored": the disk may only not be mounted.
  expect_error(Error::Code::unavailable, "gnocchi-upgrade", [&] {
    read_one(storage, {MetricId(Uuid::random()), std::nullopt});
  });
  expect_error(Error::Code::invalid_config, "gnocchi-upgrade", [&] { incoming.sack_count(); });
  EXPECT_FALSE(std::filesystem::exists(path));
  storage.upgrade();
  expect_error(Error::Code::invalid_config, "no sacks yet", [&] { incoming.sack_count(); });
  incoming.upgrade(kSacks);
  EXPECT_EQ(incoming.sack_count(), kSacks);
  incoming.stop();
  storage.stop();
}

TEST(RocksStore, ADatabaseOfAnotherFormatIsRefused) {
  for (const std::string format : {"1", "3"}) {
    const TemporaryDirectory directory;
    { const Both made(directory.path); }
    Lent lent(directory.path);
    {
      Database database(DatabaseOptions::from(lent.options), false);
      rocksdb::WriteBatch batch;
      batch.Put(database.family(Family::settings), "format", format);
      database.write(batch, "test");
    }
    RocksStorage storage(lent.context);
    expect_error(Error::Code::invalid_config, "its format is " + format + ", this program knows 2",
                 [&] { storage.start(); });
  }
}

TEST(RocksStoreChild, DISABLED_HoldsTheDatabase) {
  const Both both(Child::path());
  Child::report(1);
  std::this_thread::sleep_for(std::chrono::minutes(1));
}

TEST(RocksStore, ASecondProcessIsToldWhoCanUseIt) {
  const TemporaryDirectory directory;
  Child holder("RocksStoreChild.DISABLED_HoldsTheDatabase", directory.path);
  ASSERT_EQ(holder.wait_for_reports(1).size(), 1U);
  Lent lent(directory.path);
  RocksStorage storage(lent.context);
  expect_error(Error::Code::invalid_config, "locked by another process", [&] { storage.start(); });
  holder.kill();
  storage.start();
  storage.stop();
}

TEST(RocksStore, AnOpeningWaitsAMomentForAProcessThatIsEnding) {
  const TemporaryDirectory directory;
  Child holder("RocksStoreChild.DISABLED_HoldsTheDatabase", directory.path);
  ASSERT_EQ(holder.wait_for_reports(1).size(), 1U);
  Lent lent(directory.path);
  RocksStorage storage(lent.context);
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    holder.kill();
  });
  storage.start();
  storage.stop();
}

}  // namespace
}  // namespace gnocchi::rocks::test
