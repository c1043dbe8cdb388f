#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "gnocchi/types.h"
#include "indexer-mysql/mysql_dialect.h"
#include "indexer-sql/sql_indexer.h"
#include "tests/unit/indexer/test_log.h"

namespace gnocchi::mysql {

/// A database of its own on the server of GNOCCHI_TEST_MYSQL_URL; without it the case is skipped.
class MysqlDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const url = std::getenv("GNOCCHI_TEST_MYSQL_URL");
    if (url == nullptr) {
      GTEST_SKIP() << "GNOCCHI_TEST_MYSQL_URL is not set (tests/services/mariadb up DIR)";
    }
    server_.url = sql::DatabaseUrl::parse(url);
    own_ = server_;
    own_.url.database = "gnocchi_" + Uuid::random().to_string().substr(0, 8);
    execute(server_, "CREATE DATABASE " + own_.url.database + " CHARACTER SET utf8");
  }

  void TearDown() override {
    if (!own_.url.database.empty()) execute(server_, "DROP DATABASE " + own_.url.database);
  }

  static void execute(const MysqlOptions& options, const std::string& statement) {
    const MysqlDialect dialect(options);
    dialect.connect()->execute(statement);
  }

  /// The first column of a query in the own database.
  std::vector<std::string> texts(const std::string& query) const {
    const MysqlDialect dialect(own_);
    std::vector<std::string> out;
    const sql::ColumnKind kinds[] = {sql::ColumnKind::text};
    dialect.connect()->query(query, kinds, [&](const sql::Row& row) {
      out.emplace_back(row.null(0) ? "NULL" : row.text(0));
    });
    return out;
  }

  std::unique_ptr<sql::SqlIndexer> opened(const sql::DbOptions& options = {}) {
    auto indexer = std::make_unique<sql::SqlIndexer>(
        std::make_unique<MysqlDialect>(own_), std::make_unique<MysqlDialect>(own_), options, log_);
    indexer->start();
    return indexer;
  }

  /// As Python's driver takes it.
  std::string url() const {
    return "mysql+pymysql://" + own_.url.user + ":" + own_.url.password + "@" + own_.url.host +
           ":" + std::to_string(own_.url.port) + "/" + own_.url.database + "?charset=utf8";
  }

  SilentLog log_;
  MysqlOptions server_, own_;
};

}  // namespace gnocchi::mysql
