// What the kit cannot see of the SQLite index: the file, its revision, other processes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "gnocchi/error.h"
#include "indexer-sql/schema.h"
#include "indexer-sql/session.h"
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
  sql::connect(*d)->execute("UPDATE alembic_version SET version_num = 'abc'");
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
  const auto foreign = sql::connect(*d);
  foreign->execute("BEGIN IMMEDIATE");
  const ArchivePolicy policy{"p", 0, {{1s, 1, 1s}}, {"mean"}};
  EXPECT_EQ(failure([&] { indexer->archive_policies().create(policy); }), Error::Code::timed_out);
  EXPECT_TRUE(indexer->archive_policies().list().empty()) << "readers are not in the way";
  foreign->execute("ROLLBACK");
  indexer->archive_policies().create(policy);
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
