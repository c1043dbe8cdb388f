// What the kit cannot see of the SQLite index: the file, its revision, other processes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "gnocchi/error.h"
#include "indexer-sql/schema.h"
#include "indexer-sql/sql_indexer.h"
#include "indexer-sqlite/sqlite_dialect.h"
#include "indexer-sqlite/sqlite_indexer.h"
#include "tests/unit/indexer/test_log.h"

namespace gnocchi::sqlite {
namespace {

using namespace std::chrono_literals;

class SqliteIndex : public ::testing::Test {
 protected:
  SqliteIndex() {
    std::string name = (std::filesystem::temp_directory_path() / "gnocchi index XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~SqliteIndex() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<SqliteDialect> dialect() const {
    return std::make_unique<SqliteDialect>(folder_ / "in dex's.sqlite", 1s, "normal");
  }

  std::unique_ptr<sql::SqlIndexer> opened() {
    sql::DbOptions options;
    options.lock_wait = 300ms;
    auto indexer = std::make_unique<sql::SqlIndexer>(dialect(), nullptr, options, log_);
    indexer->start();
    return indexer;
  }

  static Error::Code failure(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "nothing thrown";
    return Error::Code::internal;
  }

  /// How the database goes about a query.
  std::string plan(const std::string& query) const {
    const auto d = dialect();
    std::string steps;
    using enum sql::ColumnKind;
    const sql::ColumnKind kinds[] = {integer, integer, integer, text};
    d->connect()->query("EXPLAIN QUERY PLAN " + query, kinds,
                        [&](const sql::Row& row) { steps.append(row.text(3)) += "\n"; });
    return steps;
  }

  /// On tables whose names begin so.
  std::size_t indexes_of(const std::string& tables) const {
    const auto d = dialect();
    std::size_t count = 0;
    const sql::ColumnKind kinds[] = {sql::ColumnKind::text};
    d->connect()->query(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'ix_" + tables + "%'",
        kinds, [&](const sql::Row&) { ++count; });
    return count;
  }

  SilentLog log_;
  std::filesystem::path folder_;
};

TEST_F(SqliteIndex, BeforeUpgradeTheIndexIsUnavailable) {
  const auto indexer = opened();
  EXPECT_EQ(failure([&] { indexer->archive_policies().list(); }), Error::Code::unavailable);
}

TEST_F(SqliteIndex, UpgradeMayBeRepeatedAndAtOnce) {
  const auto one = opened(), two = opened();
  std::thread other([&] { two->upgrade(); });
  one->upgrade();
  other.join();
  one->upgrade();
  EXPECT_EQ(one->resource_types().list().size(), 1U);
}

TEST_F(SqliteIndex, AnUnknownRevisionIsLeftAlone) {
  const auto indexer = opened();
  indexer->upgrade();
  const auto d = dialect();
  d->connect()->execute("UPDATE alembic_version SET version_num = 'abc'");
  try {
    indexer->upgrade();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid_config);
    EXPECT_NE(std::string(error.what()).find("abc"), std::string::npos);
  }
}

TEST_F(SqliteIndex, AForeignWriterIsWaitedForOnlySoLong) {
  const auto indexer = opened();
  indexer->upgrade();
  const auto d = dialect();
  const auto foreign = d->connect();
  foreign->execute("BEGIN IMMEDIATE");
  const ArchivePolicy policy{"p", 0, {{1s, 1, 1s}}, {"mean"}};
  EXPECT_EQ(failure([&] { indexer->archive_policies().create(policy); }), Error::Code::timed_out);
  EXPECT_TRUE(indexer->archive_policies().list().empty()) << "readers are not in the way";
  foreign->execute("ROLLBACK");
  indexer->archive_policies().create(policy);
}

TEST_F(SqliteIndex, SearchesForAnAttributeNeedNotReadAll) {
  const auto indexer = opened();
  indexer->upgrade();
  ResourceType type;
  type.name = "instance";
  type.attributes["host name"] = {};
  type.attributes["ram"].type = AttributeType::number;
  indexer->resource_types().create(type);
  EXPECT_EQ(indexes_of("rt_"), 1U);

  const NewAttribute added{"image", {}, {}};
  const std::string removed = "host name";
  indexer->resource_types().update("instance", {&added, 1}, {}, {&removed, 1});
  EXPECT_EQ(indexes_of("rt_"), 1U);
  const std::string table = indexer->resource_types().get("instance")->tablename;
  EXPECT_NE(plan("SELECT a.id FROM resource r JOIN " + table +
                 " a ON a.id = r.id WHERE a.image IN ('x') AND " +
                 dialect()->common("r.type = 'instance'") + " ORDER BY r.revision_start, r.id")
                .find("ix_" + table + "_image"),
            std::string::npos);

  // As a type is that an earlier version has made.
  dialect()->connect()->execute("DROP INDEX \"ix_" + table + "_image\"");
  indexer->upgrade();
  EXPECT_EQ(indexes_of("rt_"), 1U);
}

TEST_F(SqliteIndex, PagesOfAllResourcesAreReadInOrder) {
  const auto indexer = opened();
  indexer->upgrade();
  EXPECT_NE(plan("SELECT r.creator FROM resource r WHERE 1 = 1"
                 " ORDER BY r.revision_start, r.started_at, r.id LIMIT 10")
                .find("ix_resource_revision_start"),
            std::string::npos);
}

TEST_F(SqliteIndex, PagesOfATypeAreReadInOrder) {
  const auto indexer = opened();
  indexer->upgrade();
  ResourceType type;
  type.name = "instance";
  const std::string table = indexer->resource_types().create(type).tablename;
  const std::string page = "SELECT r.creator FROM resource r JOIN " + table +
                           " a ON a.id = r.id WHERE " + dialect()->common("r.type = 'instance'") +
                           " ORDER BY r.revision_start, r.started_at, r.id LIMIT 10";
  EXPECT_NE(plan(page).find("ix_resource_type (type=?)"), std::string::npos) << plan(page);
  EXPECT_EQ(plan(page).find("TEMP B-TREE"), std::string::npos) << plan(page);

  // As earlier versions have made the table.
  dialect()->connect()->execute("DROP INDEX ix_resource_type");
  indexer->upgrade();
  EXPECT_NE(plan(page).find("ix_resource_type (type=?)"), std::string::npos) << plan(page);
}

TEST_F(SqliteIndex, WritersThatShareATransactionFailEachForItself) {
  const auto indexer = opened();
  indexer->upgrade();
  indexer->archive_policies().create({"p", 0, {{1s, 1, 1s}}, {"mean"}});
  constexpr int kThreads = 8, kEach = 50;
  std::atomic<int> taken = 0, orphans = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        // All threads want the same resource: one of them gets it.
        NewResource resource;
        resource.id = ResourceId(Uuid{{1, static_cast<std::uint8_t>(i)}});
        resource.type = "generic";
        resource.original_resource_id = "r";
        try {
          indexer->resources().create(resource);
        } catch (const Refused&) {
          ++taken;
        }
        NewMetric metric;
        metric.id = MetricId(Uuid::random());
        metric.archive_policy_name = t % 2 == 0 ? "p" : "none";
        try {
          indexer->metrics().create(metric);
        } catch (const Refused&) {
          ++orphans;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, (kThreads - 1) * kEach);
  EXPECT_EQ(orphans, kThreads / 2 * kEach);
  EXPECT_EQ(indexer->resources().list({}).size(), std::size_t{kEach});
  EXPECT_EQ(indexer->metrics().list({}).size(), std::size_t{kThreads / 2 * kEach});
}

TEST_F(SqliteIndex, AFileThatIsNoDatabaseIsRefused) {
  const std::string path = folder_ / "x";
  FILE* file = fopen(path.c_str(), "w");
  for (int i = 0; i < 1000; ++i) fputs("no database at all ", file);
  fclose(file);
  sql::SqlIndexer indexer(std::make_unique<SqliteDialect>(path, 1s, "normal"), nullptr, {}, log_);
  EXPECT_EQ(failure([&] { indexer.start(); }), Error::Code::invalid_config);
}

TEST(SqliteUrl, NamesAFile) {
  EXPECT_EQ(database_path("sqlite:////a/b"), "/a/b");
  EXPECT_EQ(database_path("sqlite:///b"), "b");
  for (const char* url :
       {"sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://a/b", "mysql://a/b"}) {
    EXPECT_THROW(database_path(url), Error) << url;
  }
}

}  // namespace
}  // namespace gnocchi::sqlite
