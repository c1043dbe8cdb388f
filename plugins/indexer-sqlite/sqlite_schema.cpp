// Tables of the index in SQLite: the names and constraints of docs/formats, in SQLite's types.
#include "gnocchi/error.h"
#include "indexer-sqlite/sqlite_dialect.h"

namespace gnocchi::sqlite {
namespace {

constexpr const char* kResourceColumns =
    "creator TEXT,"
    " started_at INTEGER NOT NULL,"
    " revision_start INTEGER NOT NULL,"
    " ended_at INTEGER,"
    " user_id TEXT,"
    " project_id TEXT,"
    " original_resource_id TEXT NOT NULL,";

std::string index_of(const std::string& table, const std::string& name, const std::string& rows) {
  return "CREATE INDEX IF NOT EXISTS " + name + " ON " + table + " " + rows;
}

std::string index_name(const SqliteDialect& dialect, std::string_view table,
                       std::string_view column) {
  return dialect.identifier("ix_" + std::string(table) + "_" + std::string(column));
}

}  // namespace

std::vector<std::string> SqliteDialect::schema() const {
  return {
      "CREATE TABLE IF NOT EXISTS archive_policy ("
      " name TEXT NOT NULL PRIMARY KEY,"
      " back_window INTEGER NOT NULL,"
      " definition TEXT NOT NULL,"
      " aggregation_methods TEXT NOT NULL)",

      "CREATE TABLE IF NOT EXISTS archive_policy_rule ("
      " name TEXT NOT NULL PRIMARY KEY,"
      " archive_policy_name TEXT NOT NULL"
      " CONSTRAINT fk_apr_ap_name_ap_name REFERENCES archive_policy (name) ON DELETE RESTRICT,"
      " metric_pattern TEXT NOT NULL)",
      // One statement, two literals. NOLINTNEXTLINE(bugprone-suspicious-missing-comma)
      "CREATE INDEX IF NOT EXISTS fk_apr_ap_name_ap_name"
      " ON archive_policy_rule (archive_policy_name)",

      "CREATE TABLE IF NOT EXISTS resource_type ("
      " name TEXT NOT NULL PRIMARY KEY,"
      " tablename TEXT NOT NULL CONSTRAINT uniq_resource_type0tablename UNIQUE,"
      " attributes TEXT,"
      " state TEXT NOT NULL DEFAULT 'creating' CHECK (state IN ('active', 'creating',"
      " 'creation_error', 'deleting', 'deletion_error', 'updating', 'updating_error')),"
      " updated_at INTEGER NOT NULL)",

      std::string("CREATE TABLE IF NOT EXISTS resource (") + kResourceColumns +
          " id BLOB NOT NULL PRIMARY KEY,"
          " type TEXT NOT NULL"
          " CONSTRAINT fk_resource_resource_type_name REFERENCES resource_type (name)"
          " ON DELETE RESTRICT,"
          " CONSTRAINT ck_resource_started_before_ended CHECK (started_at <= ended_at))"
          " WITHOUT ROWID",

      std::string("CREATE TABLE IF NOT EXISTS resource_history (") + kResourceColumns +
          " revision INTEGER PRIMARY KEY AUTOINCREMENT,"
          " id BLOB NOT NULL"
          " CONSTRAINT fk_rh_id_resource_id REFERENCES resource (id) ON DELETE CASCADE,"
          " revision_end INTEGER NOT NULL,"
          " type TEXT NOT NULL"
          " CONSTRAINT fk_resource_history_resource_type_name REFERENCES resource_type (name)"
          " ON DELETE RESTRICT,"
          " CONSTRAINT ck_resource_history_started_before_ended CHECK (started_at <= ended_at))",
      "CREATE INDEX IF NOT EXISTS fk_rh_id_resource_id ON resource_history (id)",
      "CREATE INDEX IF NOT EXISTS fk_resource_history_resource_type_name"
      " ON resource_history (type)",

      "CREATE TABLE IF NOT EXISTS metric ("
      " id BLOB NOT NULL PRIMARY KEY,"
      " archive_policy_name TEXT NOT NULL"
      " CONSTRAINT fk_metric_ap_name_ap_name REFERENCES archive_policy (name) ON DELETE RESTRICT,"
      " creator TEXT,"
      " resource_id BLOB"
      " CONSTRAINT fk_metric_resource_id_resource_id REFERENCES resource (id) ON DELETE SET NULL,"
      " name TEXT,"
      " unit TEXT,"
      " status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'delete')),"
      " needs_raw_data_truncation INTEGER NOT NULL DEFAULT 1,"
      " last_measure_timestamp INTEGER NOT NULL"
      " DEFAULT (CAST(strftime('%s', 'now') AS INTEGER) * 1000000),"
      " CONSTRAINT uniq_metric0resource_id0name UNIQUE (resource_id, name)) WITHOUT ROWID",
      "CREATE INDEX IF NOT EXISTS fk_metric_ap_name_ap_name ON metric (archive_policy_name)",
      // Only what is to be deleted: an index over all would lure the planner away from the keys.
      "CREATE INDEX IF NOT EXISTS ix_metric_status ON metric (id) WHERE status = 'delete'",

      "CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT NOT NULL PRIMARY KEY)",
  };
}

std::vector<std::string> SqliteDialect::own_tables() const {
  return {
      "CREATE TABLE IF NOT EXISTS resource_alias ("
      " id BLOB NOT NULL PRIMARY KEY,"
      " resource_id BLOB NOT NULL"
      " CONSTRAINT fk_resource_alias_resource_id REFERENCES resource (id) ON DELETE CASCADE)"
      " WITHOUT ROWID",
      "CREATE INDEX IF NOT EXISTS fk_resource_alias_resource_id ON resource_alias (resource_id)",
      // For what Gnocchi's schema has no keys: pages of all resources or of a type's (which serves
      // the foreign key too), and the resources of a project or a user.
      index_of("resource", "ix_resource_revision_start", "(revision_start, started_at, id)"),
      index_of("resource", "ix_resource_type", "(type, revision_start, started_at, id)"),
      "DROP INDEX IF EXISTS fk_resource_resource_type_name",
      index_of("resource", "ix_resource_project_id", "(project_id) WHERE project_id IS NOT NULL"),
      index_of("resource", "ix_resource_user_id", "(user_id) WHERE user_id IS NOT NULL"),
      // Metrics whose policy has changed since metricd's last round, which looks for them.
      index_of("metric", "ix_metric_needs_raw_data_truncation",
               "(id) WHERE needs_raw_data_truncation = 1"),
  };
}

std::string SqliteDialect::column_type(const AttributeSpec& spec) const {
  switch (spec.type) {
    case AttributeType::string: return "TEXT";
    case AttributeType::uuid: return "BLOB";
    case AttributeType::number: return "REAL";
    case AttributeType::boolean:
    case AttributeType::datetime: return "INTEGER";
  }
  throw Error(Error::Code::internal, "index: an attribute of an unknown type");
}

std::string SqliteDialect::columns_query(std::string_view table) const {
  return "SELECT name FROM pragma_table_info(" + text(table) + ")";
}

std::string SqliteDialect::attribute_column(std::string_view name,
                                            const AttributeSpec& spec) const {
  // Never NOT NULL: SQLite could not take that back later. The index checks required attributes.
  return identifier(name) + " " + column_type(spec);
}

std::string SqliteDialect::attribute_index(std::string_view table, std::string_view name,
                                           const AttributeSpec& spec) const {
  // Of other types there are few values, or none that is asked for exactly.
  if (spec.type != AttributeType::string && spec.type != AttributeType::uuid) return {};
  const std::string column = identifier(name);
  return "CREATE INDEX IF NOT EXISTS " + index_name(*this, table, name) + " ON " +
         identifier(table) + " (" + column + ") WHERE " + column + " IS NOT NULL";
}

std::vector<std::string> SqliteDialect::alter_table(std::string_view table,
                                                    std::span<const ColumnChange> added,
                                                    std::span<const ColumnChange> /*changed*/,
                                                    std::span<const std::string> removed) const {
  const std::string alter = "ALTER TABLE " + identifier(table);
  std::vector<std::string> statements;
  for (const std::string& name : removed) {
    statements.push_back("DROP INDEX IF EXISTS " + index_name(*this, table, name));
    statements.push_back(alter + " DROP COLUMN " + identifier(name));
  }
  for (const ColumnChange& column : added) {
    statements.push_back(alter + " ADD COLUMN " + attribute_column(column.name, column.spec));
    if (column.fill != "NULL") {
      statements.push_back("UPDATE " + identifier(table) + " SET " + identifier(column.name) +
                           " = " + column.fill);
    }
  }
  return statements;
}

}  // namespace gnocchi::sqlite
