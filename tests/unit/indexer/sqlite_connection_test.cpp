// How values get into SQLite's statements, and what becomes of statements that are kept.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <limits>

#include "indexer-sql/db.h"
#include "indexer-sql/text.h"
#include "indexer-sqlite/sqlite_dialect.h"
#include "indexer-sqlite/sqlite_values.h"

namespace gnocchi::sqlite {
namespace {

using namespace std::chrono_literals;
using enum sql::ColumnKind;

class SqliteConnections : public ::testing::Test {
 protected:
  SqliteConnections() {
    std::string name = (std::filesystem::temp_directory_path() / "gnocchi-index-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    dialect_.emplace(folder_ / "x.sqlite", 1s, "normal");
    connection_ = dialect_->connect();
  }
  ~SqliteConnections() override {
    connection_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::vector<std::string> texts(const std::string& query) {
    std::vector<std::string> found;
    const sql::ColumnKind kinds[] = {text};
    connection_->query(query, kinds, [&](const sql::Row& row) {
      found.emplace_back(row.null(0) ? "NULL" : row.text(0));
    });
    return found;
  }

  std::filesystem::path folder_;
  std::optional<SqliteDialect> dialect_;
  std::unique_ptr<sql::Connection> connection_;
};

TEST(SqliteValues, AreTakenOutOfAStatement) {
  const std::string statement = "SELECT " + written(std::int64_t{-7}) + ", " + written(0.5) +
                                " WHERE a = " + written_text(std::string_view("it's\0?", 6)) +
                                " AND b = " + written_blob("") + "x";
  const Parts parts = taken_apart(statement);
  EXPECT_EQ(parts.sql, "SELECT ?, ? WHERE a = ? AND b = ?x");
  ASSERT_EQ(parts.parameters.size(), 4U);
  EXPECT_EQ(parts.parameters[0].integer(), -7);
  EXPECT_EQ(parts.parameters[1].real(), 0.5);
  EXPECT_EQ(parts.parameters[2].bytes, std::string_view("it's\0?", 6));
  EXPECT_EQ(parts.parameters[3].kind, Parameter::Kind::blob);
  EXPECT_EQ(with_literals(statement),
            "SELECT -7, (CAST(4503599627370496 AS REAL) / CAST(9007199254740992 AS REAL))"
            " WHERE a = CAST(x'69742773003f' AS TEXT) AND b = x''x");
}

TEST_F(SqliteConnections, FewAndManyValuesAreStoredAlike) {
  connection_->execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB)");
  const std::string row = "(" + dialect_->timestamp(Timestamp(-1500ns)) + "," +
                          dialect_->real(std::numeric_limits<double>::min() / 3) + "," +
                          dialect_->text(std::string("a'\0?", 4)) + "," +
                          dialect_->uuid(Uuid{{1, 2, 0, 3}}) + ")";
  connection_->execute("INSERT INTO t VALUES " + row);
  std::string rows = row;
  for (int i = 0; i < 999; ++i) rows += "," + row;
  EXPECT_EQ(connection_->execute("INSERT INTO t VALUES " + rows), 1000U);
  EXPECT_EQ(texts("SELECT count(*) FROM (SELECT DISTINCT i, r, s, b FROM t)"),
            std::vector<std::string>{"1"});
  const sql::ColumnKind kinds[] = {integer, real, text, text};
  connection_->query("SELECT i, r, s, b FROM t LIMIT 1", kinds, [&](const sql::Row& found) {
    EXPECT_EQ(found.integer(0), -2);
    EXPECT_EQ(found.real(1), std::numeric_limits<double>::min() / 3);
    EXPECT_EQ(found.text(2), std::string_view("a'\0?", 4));
    EXPECT_EQ(found.uuid(3), (Uuid{{1, 2, 0, 3}}));
  });
}

TEST_F(SqliteConnections, ListsOfIdsAreOneParameter) {
  connection_->execute("CREATE TABLE t (id BLOB PRIMARY KEY, name TEXT) WITHOUT ROWID");
  std::vector<Uuid> ids;
  for (std::uint8_t i = 0; i < 100; ++i) {
    ids.push_back(Uuid{{i}});
    connection_->execute("INSERT INTO t VALUES (" + dialect_->uuid(ids.back()) + ", 'x')");
  }
  const auto found = [&](std::vector<Uuid> some) {
    return texts("SELECT id FROM t WHERE id" + sql::in_ids(*dialect_, some)).size();
  };
  EXPECT_EQ(found(ids), 100U);
  EXPECT_EQ(found({ids[3]}), 1U);
  EXPECT_EQ(found({ids[3], ids[4], ids[3], Uuid{{200}}}), 2U);
  EXPECT_EQ(found({}), 0U);
  std::string plan;
  const sql::ColumnKind kinds[] = {integer, integer, integer, text};
  connection_->query("EXPLAIN QUERY PLAN SELECT name FROM t WHERE id" + sql::in_ids(*dialect_, ids),
                     kinds, [&](const sql::Row& row) { plan.append(row.text(3)) += "\n"; });
  EXPECT_NE(plan.find("SEARCH t USING PRIMARY KEY (id=?)"), std::string::npos) << plan;
}

TEST_F(SqliteConnections, KeptStatementsFollowTheTables) {
  connection_->execute("CREATE TABLE t (a TEXT, b TEXT)");
  connection_->execute("INSERT INTO t VALUES (" + dialect_->text("1") + ", " + dialect_->text("2") +
                       ")");
  const std::string query = "SELECT b FROM t WHERE a = " + dialect_->text("1");
  EXPECT_EQ(texts(query), std::vector<std::string>{"2"});
  const auto other = dialect_->connect();
  other->execute("ALTER TABLE t DROP COLUMN b");
  try {
    texts(query);
    FAIL();
  } catch (const sql::SqlError& error) {
    EXPECT_EQ(error.kind(), sql::Failure::Kind::schema);
    EXPECT_EQ(std::string(error.what()).find('\0'), std::string::npos);
  }
  other->execute("ALTER TABLE t ADD COLUMN b TEXT");
  EXPECT_EQ(texts(query), std::vector<std::string>{"NULL"});
}

TEST_F(SqliteConnections, AQueryMayRunWithinItself) {
  connection_->execute("CREATE TABLE t (a TEXT)");
  connection_->execute("INSERT INTO t VALUES ('x'), ('y')");
  std::vector<std::string> found;
  const sql::ColumnKind kinds[] = {text};
  connection_->query("SELECT a FROM t ORDER BY a", kinds, [&](const sql::Row& outer) {
    const std::string first(outer.text(0));
    for (const std::string& second : texts("SELECT a FROM t ORDER BY a")) {
      found.push_back(first + second);
    }
  });
  EXPECT_EQ(found, (std::vector<std::string>{"xx", "xy", "yx", "yy"}));
}

TEST_F(SqliteConnections, AFailedStatementLeavesNothingBehind) {
  connection_->execute("CREATE TABLE t (a TEXT PRIMARY KEY)");
  const auto insert = [&](std::string_view value) {
    connection_->execute("INSERT INTO t VALUES (" + dialect_->text(value) + ")");
  };
  insert("x");
  try {
    insert("x");
    FAIL();
  } catch (const sql::SqlError& error) {
    EXPECT_EQ(error.kind(), sql::Failure::Kind::duplicate);
    EXPECT_EQ(error.reason(), "UNIQUE constraint failed: t.a");
  }
  insert("y");
  const sql::ColumnKind kinds[] = {text};
  EXPECT_THROW(connection_->query("SELECT a FROM t", kinds, [](const sql::Row&) { throw 1; }), int);
  // Neither reads any more.
  const auto other = dialect_->connect();
  other->execute("DROP TABLE t");
}

TEST_F(SqliteConnections, MoreStatementsThanAreKept) {
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(texts("SELECT " + number), std::vector<std::string>{number});
  }
}

}  // namespace
}  // namespace gnocchi::sqlite
