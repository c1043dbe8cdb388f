// Copies of a database: made while it is written to, and complete when they are restored.
#include <atomic>
#include <cstdlib>
#include <thread>

#include "backup_service.h"
#include "support.h"

namespace gnocchi::rocks::test {
namespace {

int run_backup(const std::filesystem::path& database, const std::filesystem::path& copy) {
  const std::string command =
      std::string(GNOCCHI_BACKUP) + " '" + database.string() + "' '" + copy.string() + "' >&2";
  return std::system(command.c_str());
}

TEST(RocksBackup, ACopyMadeDuringWritesIsAsTheDatabaseWasAtOneMoment) {
  const TemporaryDirectory directory;
  const auto path = directory.path / "database";
  const auto copy = directory.path / "copy";
  std::vector<MetricId> metrics(8);
  for (MetricId& metric : metrics) metric = MetricId(Uuid::random());
  std::atomic<int> passes = 0;
  int at_begin = 0;
  int at_end = 0;
  {
    Both both(path);
    std::jthread writer([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        WriteSet set;
        for (const MetricId& metric : metrics) {
          const auto raw = read_one(both.storage, {metric, std::nullopt});
          MetricWrites writes =
              writes_of(metric, raw ? raw->version : 0, std::to_string(passes + 1));
          writes.splits.push_back({key_of("mean"), std::nullopt, "at " + *writes.raw});
          set.metrics.push_back(std::move(writes));
        }
        static_cast<void>(both.storage.write(set));
        ++passes;
        const Bundle bundle{metrics[0], std::to_string(passes)};
        both.incoming.append(std::span(&bundle, 1));
      }
    });
    while (passes < 100) std::this_thread::yield();
    at_begin = passes;
    ASSERT_EQ(run_backup(path, copy), 0);
    at_end = passes + 1;
  }
  Both restored(copy);
  const std::string number = read_one(restored.storage, {metrics[0], std::nullopt})->data;
  EXPECT_GE(std::stoi(number), at_begin);
  EXPECT_LE(std::stoi(number), at_end);
  for (const MetricId& metric : metrics) {
    EXPECT_EQ(read_one(restored.storage, {metric, std::nullopt})->data, number);
    EXPECT_EQ(read_one(restored.storage, {metric, key_of("mean")})->data, "at " + number);
  }
  const auto pending =
      restored.incoming.read_pending(std::span(metrics.data(), 1), 1 << 24).value().at(0);
  EXPECT_GE(static_cast<int>(pending.size()), std::stoi(number) - 1);
  // The copy is a database of its own.
  const Bundle bundle{metrics[0], "more"};
  restored.incoming.append(std::span(&bundle, 1));
}

TEST(RocksBackup, WithoutAServerTheProgramCopiesItself) {
  const TemporaryDirectory directory;
  const MetricId metric(Uuid::random());
  {
    Both both(directory.path / "database");
    ASSERT_EQ(write_one(both.storage, writes_of(metric, 0, "raw")), WriteVerdict::done);
  }
  ASSERT_EQ(run_backup(directory.path / "database", directory.path / "copy"), 0);
  Both restored(directory.path / "copy");
  EXPECT_EQ(read_one(restored.storage, {metric, std::nullopt})->data, "raw");
}

TEST(RocksBackup, WhatCannotBeCopiedIsSaid) {
  const TemporaryDirectory directory;
  const auto path = directory.path / "database";
  EXPECT_NE(run_backup(path, directory.path / "copy"), 0) << "there is no database";
  const Both both(path);
  std::filesystem::create_directories(directory.path / "there");
  expect_error(Error::Code::unavailable, "there",
               [&] { static_cast<void>(ask_for_backup(path, directory.path / "there")); });
  expect_error(Error::Code::unavailable, "no absolute path",
               [&] { static_cast<void>(ask_for_backup(path, "relative")); });
  EXPECT_TRUE(ask_for_backup(path, directory.path / "after-all"));
  EXPECT_EQ(std::filesystem::status(path / kBackupSocket).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(RocksBackup, ALongPathHasItsSocketToo) {
  const TemporaryDirectory directory;
  const auto path = directory.path / std::string(200, 'x');
  Both both(path);
  EXPECT_TRUE(both.lent.log.warnings().empty());
  EXPECT_TRUE(ask_for_backup(path, directory.path / "copy"));
}

}  // namespace
}  // namespace gnocchi::rocks::test
