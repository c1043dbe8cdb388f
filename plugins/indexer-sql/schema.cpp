#include "indexer-sql/schema.h"

#include <algorithm>

#include "gnocchi/error.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/text.h"
#include "indexer-sql/type_tables.h"

namespace gnocchi::sql {
namespace {

class Upgrade {
 public:
  explicit Upgrade(Connection& connection) : connection_(connection), d_(connection.dialect()) {}

  void run() {
    std::string revision = current();
    if (revision.empty()) {
      for (const std::string& statement : d_.schema()) connection_.execute(statement);
      // Tables of an interrupted creation may be of an older shape.
      for (const auto& migration : d_.migrations()) apply(migration);
      connection_.execute("INSERT INTO alembic_version (version_num) VALUES (" + d_.text(kHead) +
                          ")");
      revision = kHead;
    }
    for (const auto& migration : d_.migrations()) {
      if (migration.from != revision) continue;
      apply(migration);
      connection_.execute("UPDATE alembic_version SET version_num = " + d_.text(migration.to));
      revision = migration.to;
    }
    if (revision != kHead) {
      throw Error(Error::Code::invalid_config,
                  "index: the database has schema revision " + revision + "; only those from " +
                      kOldest + " (Gnocchi 4.4) to " + kHead + " (Gnocchi 4.7) are known");
    }
    for (const std::string& statement : d_.own_tables()) connection_.execute(statement);
    add_generic();
    index_attributes();
  }

 private:
  bool has_column(std::string_view table, std::string_view column) {
    bool found = false;
    const ColumnKind kinds[] = {ColumnKind::text};
    connection_.query(d_.columns_query(table), kinds,
                      [&](const Row& row) { found = found || row.text(0) == column; });
    return found;
  }

  /// Empty: no schema yet.
  std::string current() {
    if (!has_column("alembic_version", "version_num")) return {};
    std::string revision;
    const ColumnKind kinds[] = {ColumnKind::text};
    connection_.query("SELECT version_num FROM alembic_version", kinds, [&](const Row& row) {
      if (!revision.empty()) revision += '+';
      revision += row.text(0);
    });
    return revision;
  }

  void apply(const Dialect::Migration& migration) {
    if (!migration.unless_column.empty() && has_column("metric", migration.unless_column)) return;
    for (const std::string& statement : migration.statements) connection_.execute(statement);
  }

  void add_generic() {
    if (connection_.exists("SELECT name FROM resource_type WHERE name = 'generic'")) return;
    connection_.execute(
        "INSERT INTO resource_type (name, tablename, attributes, state, updated_at) VALUES"
        " ('generic', 'generic', '{}', 'active', " +
        d_.timestamp(now_us()) + ")");
  }

  /// Of types that were made before their attributes were indexed.
  void index_attributes() {
    for (const ResourceType& type : active_types(connection_)) {
      for (const std::string& statement : attribute_indexes(d_, type)) {
        connection_.execute(statement);
      }
    }
  }

  Connection& connection_;
  const Dialect& d_;
};

/// Lets one process at a time work on the schema, where transactions do not.
class Turn {
 public:
  explicit Turn(Connection& connection) : connection_(connection) {
    if (!ask(connection.dialect().lock_upgrade())) {
      throw Error(Error::Code::unavailable, "index: another process is upgrading the schema");
    }
  }
  ~Turn() {
    try {
      ask(connection_.dialect().unlock_upgrade());
    } catch (const SqlError&) {
      // The connection is gone, and the lock with it.
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  bool ask(const std::string& query) {
    if (query.empty()) return true;
    bool granted = false;
    const ColumnKind kinds[] = {ColumnKind::integer};
    connection_.query(query, kinds, [&](const Row& row) { granted = row.integer(0) == 1; });
    return granted;
  }

  Connection& connection_;
};

}  // namespace

void upgrade_schema(Db& db) {
  const Db::Work work = [](Connection& connection, const Attempt&) {
    const Turn turn(connection);
    Upgrade(connection).run();
  };
  if (db.dialect().transactional_ddl()) {
    db.transaction("upgrade", work);
  } else {
    db.write("upgrade", work);
  }
}

}  // namespace gnocchi::sql
