#include "indexer-sqlite/sqlite_dialect.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cmath>

#include "gnocchi/error.h"
#include "indexer-sql/text.h"

namespace gnocchi::sqlite {
namespace {

using sql::Failure;

// Result codes of SQLite, which SOCI's header does not show.
constexpr int kPerm = 3, kBusy = 5, kLocked = 6, kReadOnly = 8, kIoError = 10, kCorrupt = 11,
              kFull = 13, kCantOpen = 14, kSchema = 17, kTooBig = 18, kConstraint = 19,
              kMismatch = 20, kNotADb = 26;

/// A connection is used by one thread at a time, so that SQLite need not lock at each of its calls;
/// and statistics of memory, which nobody asks for, would cost a lock of all connections at each
/// allocation. Of no effect where SQLite is in use already.
void spare_locks() {
  static const bool once = [] {
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return true;
  }();
  static_cast<void>(once);
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Failure constraint(std::string_view message) {
  if (has(message, "FOREIGN KEY")) return {Failure::Kind::no_parent, {}};
  if (has(message, "UNIQUE") || has(message, "PRIMARY KEY")) {
    // "UNIQUE constraint failed: metric.resource_id, metric.name"
    return {Failure::Kind::duplicate,
            has(message, "metric.name") ? "uniq_metric0resource_id0name" : std::string()};
  }
  return {Failure::Kind::bad_value, {}};
}

}  // namespace

SqliteDialect::SqliteDialect(const std::string& path, std::chrono::milliseconds busy_timeout,
                             const std::string& synchronous)
    : synchronous_(synchronous) {
  spare_locks();
  if (path.empty() || path.find('"') != std::string::npos) {
    throw Error(Error::Code::invalid_config,
                "sqlite url: needs the path of a file, without double quotes "
                "(example: sqlite:////var/lib/gnocchi/index.sqlite)");
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(busy_timeout).count();
  connect_string_ = "dbname=\"" + path + "\" timeout=" + std::to_string(seconds);
}

const soci::backend_factory& SqliteDialect::backend() const { return soci::sqlite3; }

std::vector<std::string> SqliteDialect::session_setup() const {
  // 16 MiB of log, so that a page that many creations change is copied from it once for all of
  // them.
  return {"PRAGMA journal_mode=WAL", "PRAGMA foreign_keys=ON", "PRAGMA synchronous=" + synchronous_,
          "PRAGMA temp_store=MEMORY", "PRAGMA wal_autocheckpoint=4096"};
}

Failure SqliteDialect::classify(const std::exception& error) const {
  const auto* own = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  const std::string_view message = error.what();
  if (own == nullptr) return {Failure::Kind::other, {}};
  switch (own->result() & 0xff) {
    case kConstraint: return constraint(message);
    case kBusy:
    case kLocked: return {Failure::Kind::lock_timeout, {}};
    case kSchema: return {Failure::Kind::conflict, {}};
    case kTooBig:
    case kMismatch: return {Failure::Kind::bad_value, {}};
    case kReadOnly:
    case kFull: return {Failure::Kind::read_only, {}};
    case kIoError:
    case kCantOpen: return {Failure::Kind::unreachable, {}};
    case kPerm:
    case kNotADb:
    case kCorrupt: return {Failure::Kind::denied, {}};
    default: break;
  }
  if (has(message, "no such table") || has(message, "no such column") ||
      has(message, "has no column named")) {
    return {Failure::Kind::schema, {}};
  }
  if (has(message, "duplicate column name")) return {Failure::Kind::bad_value, {}};
  return {Failure::Kind::other, {}};
}

std::string SqliteDialect::text(std::string_view value) const {
  // A statement ends at a NUL byte.
  if (value.find('\0') != std::string_view::npos) return "CAST(" + blob(value) + " AS TEXT)";
  std::string out = "'";
  for (const char c : value) {
    out += c;
    if (c == '\'') out += c;
  }
  out += '\'';
  return out;
}

std::string SqliteDialect::real(double value) const {
  if (value == std::floor(value) && std::fabs(value) < 9007199254740992.0) {
    return "CAST(" + std::to_string(static_cast<std::int64_t>(value)) + " AS REAL)";
  }
  // SQLite's own reading of decimals is not always the nearest double. A product of an integer
  // and powers of two is exact.
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  std::string out =
      "(CAST(" + std::to_string(static_cast<std::int64_t>(std::ldexp(fraction, 53))) + " AS REAL)";
  exponent -= 53;
  const char* const operation = exponent < 0 ? " / " : " * ";
  for (int left = std::abs(exponent); left > 0; left -= std::min(left, 62)) {
    out +=
        operation + ("CAST(" + std::to_string(std::int64_t{1} << std::min(left, 62))) + " AS REAL)";
  }
  return out + ")";
}

std::string SqliteDialect::timestamp(Timestamp value) const {
  return std::to_string(
      std::chrono::floor<std::chrono::microseconds>(value).time_since_epoch().count());
}

std::string SqliteDialect::identifier(std::string_view name) const {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  out += '"';
  return out;
}

std::string SqliteDialect::epoch_us(std::string_view expression) const {
  return std::string(expression);
}

std::string SqliteDialect::exact(std::string_view expression) const {
  return std::string(expression);
}

std::string SqliteDialect::exact_in(std::string_view expression, std::string_view literals,
                                    bool /*indexed*/) const {
  return std::string(expression) + " IN (" + std::string(literals) + ")";
}

std::string SqliteDialect::exact_ne(std::string_view expression, std::string_view literal) const {
  return std::string(expression) + " <> " + std::string(literal);
}

std::string SqliteDialect::like(std::string_view expression, std::string_view literal) const {
  return std::string(expression) + " LIKE " + std::string(literal) + " ESCAPE '\\'";
}

std::string SqliteDialect::creator_user(std::string_view creator) const {
  const std::string c(creator);
  return "CASE instr(" + c + ", ':') WHEN 0 THEN " + c + " ELSE substr(" + c + ", 1, instr(" + c +
         ", ':') - 1) END";
}

std::string SqliteDialect::creator_project(std::string_view creator) const {
  const std::string c(creator);
  return "CASE instr(" + c + ", ':') WHEN 0 THEN '' ELSE substr(" + c + ", instr(" + c +
         ", ':') + 1) END";
}

std::string SqliteDialect::common(std::string_view condition) const {
  // Without it, SQLite takes any equality that an index serves for a rare thing.
  return "likelihood(" + std::string(condition) + ", 0.9)";
}

std::string SqliteDialect::lifespan_ns(std::string_view start, std::string_view end) const {
  return "(coalesce(" + std::string(end) + ", " + timestamp(std::chrono::system_clock::now()) +
         ") - " + std::string(start) + ") * 1000";
}

std::string SqliteDialect::skip_duplicates(std::string_view /*key_column*/) const {
  return " ON CONFLICT DO NOTHING";
}

std::string SqliteDialect::named_metrics(
    std::span<const std::pair<std::string, std::string>> pairs) const {
  // (resource_id, name) IN (VALUES ...) would read the whole table. CROSS JOIN keeps the order.
  return "m.id IN (SELECT k.id FROM (VALUES " +
         sql::joined(
             pairs, [](const auto& p) { return "(" + p.first + "," + p.second + ")"; }, ",") +
         ") v CROSS JOIN metric k ON k.resource_id = v.column1 AND k.name = v.column2)";
}

}  // namespace gnocchi::sqlite
