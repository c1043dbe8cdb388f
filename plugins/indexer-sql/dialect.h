#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/resource.h"
#include "gnocchi/types.h"

namespace gnocchi::sql {

/// What a database's error means to us.
struct Failure {
  enum class Kind {
    duplicate,         ///< a unique key is taken
    no_parent,         ///< a foreign key points nowhere
    still_referenced,  ///< a foreign key points here
    bad_value,         ///< a value (or a column definition) that the database cannot hold
    conflict,          ///< deadlock or changed definition: the transaction may be run again at once
    lock_timeout,      ///< a lock was not to be had in time
    schema,            ///< a table or column is not there (yet, or no more)
    lost,              ///< the connection broke: what ran last may or may not have happened
    unreachable,       ///< no connection to be had
    denied,            ///< account, password or database name are wrong
    read_only,         ///< the database is full or does not take writes
    other,
  };
  Kind kind = Kind::other;
  std::string constraint;  ///< name of the key, where the database tells
};

class Connection;

/// The differences between databases: how values are written down, the few expressions and types
/// that differ, and how to connect. Stateless after construction; any thread.
///
/// All values go into statements as literals made here; what they look like is between a dialect
/// and its connections, which may take them out again and pass them as parameters. SOCI looks for
/// ":name" outside single quotes, so there text is always single-quoted, and identifiers must not
/// hold a colon.
class Dialect {
 public:
  Dialect() = default;
  Dialect(const Dialect&) = delete;
  Dialect& operator=(const Dialect&) = delete;
  virtual ~Dialect();

  // Connections
  /// Connects and sets the session up. Throws SqlError.
  virtual std::unique_ptr<Connection> connect() const = 0;
  /// Writers of this process take turns, since the database has one anyway.
  virtual bool one_writer() const = 0;
  virtual bool transactional_ddl() const = 0;
  virtual std::string begin_write() const = 0;

  // Literals
  virtual std::string text(std::string_view value) const = 0;
  virtual std::string real(double value) const = 0;
  virtual std::string timestamp(Timestamp value) const = 0;
  virtual std::string identifier(std::string_view name) const = 0;
  virtual std::string uuid(const Uuid& id) const = 0;
  /// What follows an expression that is to be one of these uuids, whose bytes stand one after the
  /// other: " IN (...)".
  virtual std::string in_uuids(std::string_view raw) const = 0;

  // Expressions
  /// Microseconds since the Epoch, as an integer.
  virtual std::string epoch_us(std::string_view expression) const = 0;
  /// A text as it is told from others byte for byte, to group by.
  virtual std::string exact(std::string_view expression) const = 0;
  /// `expression IN (literals)`, byte for byte. `indexed`: worth a condition that an index serves.
  virtual std::string exact_in(std::string_view expression, std::string_view literals,
                               bool indexed) const = 0;
  /// `expression <> literal`, byte for byte.
  virtual std::string exact_ne(std::string_view expression, std::string_view literal) const = 0;
  virtual std::string like(std::string_view expression, std::string_view literal) const = 0;
  /// The creator up to its first ':', and what follows it ('' if there is none).
  virtual std::string creator_user(std::string_view creator) const = 0;
  virtual std::string creator_project(std::string_view creator) const = 0;
  /// (end, or now) - start in nanoseconds.
  virtual std::string lifespan_ns(std::string_view start, std::string_view end) const = 0;
  virtual std::string last_insert_id() const = 0;

  /// A condition that a good part of all rows fulfils: not worth looking for rows by it, unless it
  /// gives them in the order that is wanted. Empty where the database finds that out by itself.
  virtual std::string common(std::string_view condition) const;

  // Clauses
  virtual std::string for_update() const = 0;
  virtual std::string for_share() const = 0;
  /// After INSERT ... VALUES: rows whose unique keys are taken are left out.
  virtual std::string skip_duplicates(std::string_view key_column) const = 0;
  /// The metrics (alias m) whose resource and name are among these pairs of literals, found by the
  /// unique key of the two. Pairs of one resource stand together.
  virtual std::string named_metrics(
      std::span<const std::pair<std::string, std::string>> pairs) const = 0;

  // Definitions
  /// CREATE TABLE IF NOT EXISTS ... of the fixed tables, parents first, at revision f89ed2e3c2ec.
  virtual std::vector<std::string> schema() const = 0;
  /// The same of tables that Gnocchi's schema does not have, made by every upgrade:
  /// resource_alias (id, resource_id), whose rows go with their resources.
  virtual std::vector<std::string> own_tables() const = 0;
  virtual std::string column_type(const AttributeSpec& spec) const = 0;
  /// Appended to CREATE TABLE.
  virtual std::string table_options() const = 0;
  /// A query for the names of a table's columns; no rows if there is no such table.
  virtual std::string columns_query(std::string_view table) const = 0;
  /// The column as it stands in CREATE TABLE.
  virtual std::string attribute_column(std::string_view name, const AttributeSpec& spec) const = 0;
  /// A statement that makes the index by which resources are searched for this attribute, unless
  /// there is one; empty: searches read the table.
  virtual std::string attribute_index(std::string_view table, std::string_view name,
                                      const AttributeSpec& spec) const;
  /// Statements that add (filled with the literal `fill`, unless NULL), change and drop columns.
  struct ColumnChange {
    std::string name;
    AttributeSpec spec;
    std::string fill;
  };
  virtual std::vector<std::string> alter_table(std::string_view table,
                                               std::span<const ColumnChange> added,
                                               std::span<const ColumnChange> changed,
                                               std::span<const std::string> removed) const = 0;
  /// Statements from one revision of the schema to the next.
  struct Migration {
    std::string from, to;
    /// Skipped if `metric` has this column already; empty: always run, since it can be repeated.
    std::string unless_column;
    std::vector<std::string> statements;
  };
  virtual std::vector<Migration> migrations() const = 0;
  /// Queries for 1 that let only one connection at a time upgrade; empty where transactions do.
  virtual std::string lock_upgrade() const = 0;
  virtual std::string unlock_upgrade() const = 0;
};

}  // namespace gnocchi::sql
