#pragma once

#include <chrono>
#include <string>

#include "indexer-sql/database_url.h"
#include "indexer-sql/dialect.h"

namespace gnocchi::mysql {

/// How to reach a server, and how long to wait for it.
struct MysqlOptions {
  sql::DatabaseUrl url;
  std::chrono::seconds connect_timeout{3};
  std::chrono::seconds read_timeout{30};  ///< longest statement
  std::chrono::seconds lock_wait{5};      ///< for rows and for tables
  std::chrono::seconds idle_limit{0};     ///< the server ends an idle connection; 0: as it likes
};

/// MySQL 5.7 or MariaDB 10.2, or later, with the schema that Python Gnocchi makes.
class MysqlDialect final : public sql::Dialect {
 public:
  /// Throws Error{invalid_config}.
  explicit MysqlDialect(const MysqlOptions& options);

  /// For SOCI.
  const std::string& connect_string() const { return connect_string_; }
  /// Run on every new connection.
  std::vector<std::string> session_setup() const;
  sql::Failure classify(const std::exception& error) const;

  std::unique_ptr<sql::Connection> connect() const override;
  bool one_writer() const override { return false; }
  bool transactional_ddl() const override { return false; }
  std::string begin_write() const override { return "BEGIN"; }

  std::string text(std::string_view value) const override;
  std::string real(double value) const override;
  std::string timestamp(Timestamp value) const override;
  std::string uuid(const Uuid& id) const override;
  std::string in_uuids(std::string_view raw) const override;
  std::string identifier(std::string_view name) const override;

  std::string epoch_us(std::string_view expression) const override;
  std::string exact(std::string_view expression) const override;
  std::string exact_in(std::string_view expression, std::string_view literals,
                       bool indexed) const override;
  std::string exact_ne(std::string_view expression, std::string_view literal) const override;
  std::string like(std::string_view expression, std::string_view literal) const override;
  std::string creator_user(std::string_view creator) const override;
  std::string creator_project(std::string_view creator) const override;
  std::string lifespan_ns(std::string_view start, std::string_view end) const override;
  std::string last_insert_id() const override { return "LAST_INSERT_ID()"; }

  std::string for_update() const override { return " FOR UPDATE"; }
  std::string for_share() const override { return " LOCK IN SHARE MODE"; }
  std::string skip_duplicates(std::string_view key_column) const override;
  std::string named_metrics(
      std::span<const std::pair<std::string, std::string>> pairs) const override;

  std::vector<std::string> schema() const override;
  std::vector<std::string> own_tables() const override;
  std::string column_type(const AttributeSpec& spec) const override;
  std::string table_options() const override;
  std::string columns_query(std::string_view table) const override;
  std::string attribute_column(std::string_view name, const AttributeSpec& spec) const override;
  std::vector<std::string> alter_table(std::string_view table, std::span<const ColumnChange> added,
                                       std::span<const ColumnChange> changed,
                                       std::span<const std::string> removed) const override;
  std::vector<Migration> migrations() const override;
  std::string lock_upgrade() const override;
  std::string unlock_upgrade() const override;

 private:
  std::string connect_string_;
  std::chrono::seconds lock_wait_;
  std::chrono::seconds idle_limit_;
};

}  // namespace gnocchi::mysql
