#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/plugin/context.h"
#include "gnocchi/types.h"
#include "indexer-sql/dialect.h"

namespace gnocchi::sql {

/// Stands in what() of SqlError between what the database said and the statement, as SOCI has it.
inline constexpr char kWhileExecuting[] = " while executing ";

/// A statement failed. Stays inside the plugin: the roles turn what they expect into Refused, and
/// Db turns values that the database cannot hold into Refused{invalid_value}, the rest into Error.
class SqlError : public std::runtime_error {
 public:
  SqlError(Failure failure, const std::string& what)
      : std::runtime_error(what), failure_(std::move(failure)) {}
  Failure::Kind kind() const noexcept { return failure_.kind; }
  const std::string& constraint() const noexcept { return failure_.constraint; }
  /// What the database said, without the statement: values in it may be somebody else's.
  std::string reason() const;

 private:
  Failure failure_;
};

enum class ColumnKind { text, integer, real };

/// One row of a result; valid during the call that shows it.
class Row {
 public:
  struct Cell {
    std::string_view text;
    long long integer = 0;
    double real = 0;
    bool null = false;
  };
  explicit Row(std::span<const Cell> cells) : cells_(cells) {}

  bool null(std::size_t i) const { return cells_[i].null; }
  std::string_view text(std::size_t i) const { return cells_[i].text; }
  std::int64_t integer(std::size_t i) const { return cells_[i].integer; }
  double real(std::size_t i) const { return cells_[i].real; }

  std::optional<std::string> text_or_null(std::size_t i) const;
  /// Throws Error{corrupt_data} if the column does not hold 16 bytes.
  Uuid uuid(std::size_t i) const;
  /// From integer microseconds; times that do not fit are clamped.
  Timestamp timestamp(std::size_t i) const;
  std::optional<Timestamp> timestamp_or_null(std::size_t i) const;

 private:
  std::span<const Cell> cells_;
};

/// A select list under construction: the expressions and how each is read.
class Columns {
 public:
  /// Returns the column's index.
  std::size_t add(std::string_view expression, ColumnKind kind);
  const std::string& sql() const { return sql_; }
  const std::vector<ColumnKind>& kinds() const { return kinds_; }

 private:
  std::string sql_;
  std::vector<ColumnKind> kinds_;
};

/// A connection in use by one thread. Statements throw SqlError.
class Connection {
 public:
  virtual ~Connection();
  /// Returns how many rows matched.
  virtual std::uint64_t execute(const std::string& statement) = 0;
  virtual void query(const std::string& statement, std::span<const ColumnKind> kinds,
                     const std::function<void(const Row&)>& each) = 0;
  const Dialect& dialect() const { return dialect_; }

  /// True if the query has a row.
  bool exists(const std::string& statement);

 protected:
  explicit Connection(const Dialect& dialect) : dialect_(dialect) {}

 private:
  const Dialect& dialect_;
};

/// What a unit of work must know about its earlier runs.
struct Attempt {
  int number = 1;
  /// An earlier run lost its connection at a point where it may have taken effect: a duplicate or
  /// a missing row may be its own doing.
  bool maybe_done = false;
};

struct DbOptions {
  std::size_t pool_size = 16;
  std::chrono::milliseconds pool_wait{5000};
  std::chrono::milliseconds lock_wait{5000};
  int max_retries = 20;
};

/// A pool of connections, and the running of units of work with retries. Any thread.
///
/// A unit of work may run several times; it must set its results anew each time. Deadlocks and
/// lost connections are retried with growing, random pauses; what remains becomes Error.
///
/// Where the database has one writer, units of work that write take turns, and those that come
/// meanwhile share the next transaction, each undone for itself if it throws. Any of their threads
/// may run them.
class Db {
 public:
  using Work = std::function<void(Connection&, const Attempt&)>;

  Db(const Dialect& dialect, const DbOptions& options, plugin::Log& log);
  ~Db();

  /// Opens a first connection. Throws Error{unavailable}, or {invalid_config} if the database
  /// does not let us in.
  void start();
  void stop() noexcept;

  /// Reads, each statement for itself.
  void run(const char* what, const Work& work);
  /// Statements that write, each for itself; usually one.
  void write(const char* what, const Work& work);
  /// All statements in one transaction.
  void transaction(const char* what, const Work& work);

  const Dialect& dialect() const { return dialect_; }
  plugin::Log& log() const { return log_; }

 private:
  class Pool;
  class Writes;
  enum class Mode { read, write, transaction };
  struct Write;
  void repeat(const char* what, Mode mode, const Work& work);
  void run_once(Mode mode, const Work& work, Attempt& attempt);
  void run_in_turn(Mode mode, const Work& work, const Attempt& attempt);
  void run_group(std::span<Write* const> writes) noexcept;
  void run_together(std::span<Write* const> writes);
  static void run_within(Connection& connection, Write& write);

  const Dialect& dialect_;
  const DbOptions options_;
  plugin::Log& log_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Writes> writes_;
};

/// The present time, as exact as the index keeps times: in whole microseconds.
Timestamp now_us();
/// Cut to whole microseconds.
Timestamp floor_us(Timestamp time);

}  // namespace gnocchi::sql
