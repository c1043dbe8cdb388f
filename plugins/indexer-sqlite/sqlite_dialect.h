#pragma once

#include <chrono>
#include <string>

#include "indexer-sql/dialect.h"

namespace gnocchi::sqlite {

/// SQLite 3.35 or later. Types: text as TEXT, uuids as BLOB of 16 bytes, times as INTEGER
/// microseconds since the Epoch, numbers as REAL, booleans as INTEGER 0 and 1.
/// Write-ahead log, foreign keys enforced. Values become parameters (sqlite_values.h).
class SqliteDialect final : public sql::Dialect {
 public:
  /// `synchronous`: "normal" (a power cut may cost the last commits) or "full".
  /// Throws Error{invalid_config} for an empty path.
  SqliteDialect(const std::string& path, std::chrono::milliseconds busy_timeout,
                const std::string& synchronous);

  std::unique_ptr<sql::Connection> connect() const override;
  bool one_writer() const override { return true; }
  bool transactional_ddl() const override { return true; }
  std::string begin_write() const override { return "BEGIN IMMEDIATE"; }

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
  std::string common(std::string_view condition) const override;
  std::string last_insert_id() const override { return "last_insert_rowid()"; }

  std::string for_update() const override { return {}; }
  std::string for_share() const override { return {}; }
  std::string skip_duplicates(std::string_view key_column) const override;
  std::string named_metrics(
      std::span<const std::pair<std::string, std::string>> pairs) const override;

  std::vector<std::string> schema() const override;
  std::vector<std::string> own_tables() const override;
  std::string column_type(const AttributeSpec& spec) const override;
  std::string table_options() const override { return {}; }
  std::string columns_query(std::string_view table) const override;
  std::string attribute_column(std::string_view name, const AttributeSpec& spec) const override;
  std::string attribute_index(std::string_view table, std::string_view name,
                              const AttributeSpec& spec) const override;
  std::vector<std::string> alter_table(std::string_view table, std::span<const ColumnChange> added,
                                       std::span<const ColumnChange> changed,
                                       std::span<const std::string> removed) const override;
  std::vector<Migration> migrations() const override { return {}; }
  std::string lock_upgrade() const override { return {}; }
  std::string unlock_upgrade() const override { return {}; }

 private:
  const std::string path_;
  const std::chrono::milliseconds busy_timeout_;
  const std::vector<std::string> setup_;  ///< of each connection
};

}  // namespace gnocchi::sqlite
