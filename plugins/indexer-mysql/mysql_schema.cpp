// The tables as Python Gnocchi's gnocchi-upgrade leaves them, and the way from 4.4 to 4.7.
#include "gnocchi/error.h"
#include "indexer-mysql/mysql_dialect.h"

namespace gnocchi::mysql {
namespace {

constexpr const char* kOptions = " ENGINE=InnoDB CHARSET=utf8";

constexpr const char* kResourceColumns =
    "creator VARCHAR(255),"
    " started_at DATETIME(6) NOT NULL,"
    " revision_start DATETIME(6) NOT NULL,"
    " ended_at DATETIME(6),"
    " user_id VARCHAR(255),"
    " project_id VARCHAR(255),"
    " original_resource_id VARCHAR(289) NOT NULL,";

}  // namespace

std::vector<std::string> MysqlDialect::schema() const {
  std::vector<std::string> tables = {
      "CREATE TABLE IF NOT EXISTS archive_policy ("
      " name VARCHAR(255) NOT NULL,"
      " back_window INTEGER NOT NULL,"
      " definition TEXT NOT NULL,"
      " aggregation_methods TEXT NOT NULL,"
      " PRIMARY KEY (name))",

      "CREATE TABLE IF NOT EXISTS archive_policy_rule ("
      " name VARCHAR(255) NOT NULL,"
      " archive_policy_name VARCHAR(255) NOT NULL,"
      " metric_pattern VARCHAR(255) NOT NULL,"
      " PRIMARY KEY (name),"
      " CONSTRAINT fk_apr_ap_name_ap_name FOREIGN KEY (archive_policy_name)"
      " REFERENCES archive_policy (name) ON DELETE RESTRICT)",

      "CREATE TABLE IF NOT EXISTS resource_type ("
      " name VARCHAR(255) NOT NULL,"
      " tablename VARCHAR(35) NOT NULL,"
      " attributes TEXT,"
      " state ENUM('active','creating','creation_error','deleting','deletion_error','updating',"
      "'updating_error') NOT NULL DEFAULT 'creating',"
      " updated_at DATETIME(6) NOT NULL,"
      " PRIMARY KEY (name),"
      " CONSTRAINT uniq_resource_type0tablename UNIQUE (tablename))",

      std::string("CREATE TABLE IF NOT EXISTS resource (") + kResourceColumns +
          " id BINARY(16) NOT NULL,"
          " type VARCHAR(255) NOT NULL,"
          " PRIMARY KEY (id),"
          " CONSTRAINT ck_resource_started_before_ended CHECK (started_at <= ended_at),"
          " CONSTRAINT fk_resource_resource_type_name FOREIGN KEY (type)"
          " REFERENCES resource_type (name) ON DELETE RESTRICT)",

      std::string("CREATE TABLE IF NOT EXISTS resource_history (") + kResourceColumns +
          " revision INTEGER NOT NULL AUTO_INCREMENT,"
          " id BINARY(16) NOT NULL,"
          " revision_end DATETIME(6) NOT NULL,"
          " type VARCHAR(255) NOT NULL,"
          " PRIMARY KEY (revision),"
          " CONSTRAINT ck_resource_history_started_before_ended CHECK (started_at <= ended_at),"
          " CONSTRAINT fk_rh_id_resource_id FOREIGN KEY (id) REFERENCES resource (id)"
          " ON DELETE CASCADE,"
          " CONSTRAINT fk_resource_history_resource_type_name FOREIGN KEY (type)"
          " REFERENCES resource_type (name) ON DELETE RESTRICT)",

      "CREATE TABLE IF NOT EXISTS metric ("
      " id BINARY(16) NOT NULL,"
      " archive_policy_name VARCHAR(255) NOT NULL,"
      " creator VARCHAR(255),"
      " resource_id BINARY(16),"
      " name VARCHAR(255),"
      " unit VARCHAR(31),"
      " status ENUM('active','delete') NOT NULL DEFAULT 'active',"
      " needs_raw_data_truncation BOOL NOT NULL DEFAULT true,"
      " last_measure_timestamp DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,"
      " PRIMARY KEY (id),"
      " CONSTRAINT uniq_metric0resource_id0name UNIQUE (resource_id, name),"
      " KEY ix_metric_status (status),"
      " CONSTRAINT fk_metric_ap_name_ap_name FOREIGN KEY (archive_policy_name)"
      " REFERENCES archive_policy (name) ON DELETE RESTRICT,"
      " CONSTRAINT fk_metric_resource_id_resource_id FOREIGN KEY (resource_id)"
      " REFERENCES resource (id) ON DELETE SET NULL)",
  };
  for (std::string& table : tables) table += kOptions;
  tables.emplace_back(
      "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL,"
      " PRIMARY KEY (version_num))");
  return tables;
}

std::vector<std::string> MysqlDialect::own_tables() const {
  return {std::string("CREATE TABLE IF NOT EXISTS resource_alias ("
                      " id BINARY(16) NOT NULL,"
                      " resource_id BINARY(16) NOT NULL,"
                      " PRIMARY KEY (id),"
                      " CONSTRAINT fk_resource_alias_resource_id FOREIGN KEY (resource_id)"
                      " REFERENCES resource (id) ON DELETE CASCADE)") +
          kOptions};
}

std::vector<sql::Dialect::Migration> MysqlDialect::migrations() const {
  return {
      {"04eba72e4f90",
       "18fff4509e3e",
       "needs_raw_data_truncation",
       {"ALTER TABLE metric ADD COLUMN needs_raw_data_truncation BOOL NOT NULL DEFAULT true"}},
      {"18fff4509e3e",
       "94544ca86c7e",
       "",
       {"ALTER TABLE resource MODIFY original_resource_id VARCHAR(289) NOT NULL",
        "ALTER TABLE resource_history MODIFY original_resource_id VARCHAR(289) NOT NULL"}},
      {"94544ca86c7e",
       "f89ed2e3c2ec",
       "last_measure_timestamp",
       {"ALTER TABLE metric ADD COLUMN last_measure_timestamp DATETIME NOT NULL"
        " DEFAULT CURRENT_TIMESTAMP"}},
  };
}

std::string MysqlDialect::column_type(const AttributeSpec& spec) const {
  switch (spec.type) {
    case AttributeType::string:
      return "VARCHAR(" + std::to_string(spec.max_length.value_or(255)) + ")";
    case AttributeType::uuid: return "BINARY(16)";
    case AttributeType::number: return "DOUBLE";
    case AttributeType::boolean: return "BOOL";
    case AttributeType::datetime: return "DATETIME(6)";
  }
  throw Error(Error::Code::internal, "index: an attribute of an unknown type");
}

std::string MysqlDialect::table_options() const { return kOptions; }

std::string MysqlDialect::columns_query(std::string_view table) const {
  return "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
         " AND table_name = " +
         text(table);
}

std::string MysqlDialect::attribute_column(std::string_view name, const AttributeSpec& spec) const {
  return identifier(name) + " " + column_type(spec) + (spec.required ? " NOT NULL" : "");
}

std::vector<std::string> MysqlDialect::alter_table(std::string_view table,
                                                   std::span<const ColumnChange> added,
                                                   std::span<const ColumnChange> changed,
                                                   std::span<const std::string> removed) const {
  // All in one statement, which happens as a whole; only the defaults that filled the new columns
  // are taken back in another.
  std::string changes, cleaning;
  const auto add = [](std::string& list, const std::string& item) {
    if (!list.empty()) list += ", ";
    list += item;
  };
  for (const std::string& name : removed) add(changes, "DROP COLUMN " + identifier(name));
  for (const ColumnChange& column : added) {
    const bool filled = column.fill != "NULL";
    add(changes, "ADD COLUMN " + attribute_column(column.name, column.spec) +
                     (filled ? " DEFAULT " + column.fill : ""));
    if (!filled) continue;
    add(cleaning, "ALTER COLUMN " + identifier(column.name) +
                      (column.spec.required ? " DROP DEFAULT" : " SET DEFAULT NULL"));
  }
  for (const ColumnChange& column : changed) {
    add(changes, "MODIFY COLUMN " + attribute_column(column.name, column.spec));
  }
  const std::string alter = "ALTER TABLE " + identifier(table) + " ";
  std::vector<std::string> statements;
  if (!changes.empty()) statements.push_back(alter + changes);
  if (!cleaning.empty()) statements.push_back(alter + cleaning);
  return statements;
}

std::string MysqlDialect::lock_upgrade() const { return "SELECT GET_LOCK('gnocchi-upgrade', 60)"; }
std::string MysqlDialect::unlock_upgrade() const {
  return "SELECT RELEASE_LOCK('gnocchi-upgrade')";
}

}  // namespace gnocchi::mysql
