#include "indexer-mysql/mysql_dialect.h"

#include <charconv>

#include "gnocchi/error.h"
#include "indexer-sql/text.h"

namespace gnocchi::mysql {
namespace {

/// A value in SOCI's connection string: in single quotes, with backslashes before what ends it.
std::string quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

void put(std::string& out, unsigned value, int width) {
  char digits[12];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  for (std::ptrdiff_t i = end - digits; i < width; ++i) out += '0';
  out.append(digits, end);
}

}  // namespace

MysqlDialect::MysqlDialect(const MysqlOptions& options)
    : lock_wait_(options.lock_wait), idle_limit_(options.idle_limit) {
  const sql::DatabaseUrl& url = options.url;
  if (url.scheme != "mysql") {
    throw Error(Error::Code::invalid_config, "mysql url: its scheme is " + url.scheme);
  }
  if (url.database.empty()) {
    throw Error(Error::Code::invalid_config,
                "mysql url: names no database (example: mysql://user:password@host/gnocchi)");
  }
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) connect_string_ += std::string(key) + "=" + quoted(value) + " ";
  };
  add("db", url.database);
  add("user", url.user);
  add("password", url.password);
  const auto in_query = [&](const char* key) {
    const auto found = url.query.find(key);
    return found == url.query.end() ? std::string() : found->second;
  };
  const std::string socket = in_query("unix_socket");
  add("unix_socket", socket);
  if (socket.empty()) {
    // As for Python's driver, "localhost" is TCP; the client library would take its own socket.
    add("host", url.host.empty() || url.host == "localhost" ? "127.0.0.1" : url.host);
    if (url.port != 0) add("port", std::to_string(url.port));
  }
  add("sslca", in_query("ssl_ca"));
  add("sslcert", in_query("ssl_cert"));
  add("sslkey", in_query("ssl_key"));
  add("charset", "utf8mb4");
  add("connect_timeout", std::to_string(options.connect_timeout.count()));
  add("read_timeout", std::to_string(options.read_timeout.count()));
  add("write_timeout", std::to_string(options.read_timeout.count()));
}

std::vector<std::string> MysqlDialect::session_setup() const {
  // The modes that the literals made here rely on, whatever the server's own.
  const std::string wait = std::to_string(lock_wait_.count());
  return {
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
      " time_zone = '+00:00', innodb_lock_wait_timeout = " +
          wait + ", lock_wait_timeout = " + wait +
          (idle_limit_.count() > 0 ? ", wait_timeout = " + std::to_string(idle_limit_.count())
                                   : ""),
      "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"};
}

std::string MysqlDialect::text(std::string_view value) const {
  // Quotes are doubled, not escaped: SOCI knows of no backslashes.
  std::string out = "'";
  out.reserve(value.size() + 2);
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

std::string MysqlDialect::real(double value) const {
  // With an exponent it is a double; without, it would be a decimal.
  char digits[40];
  return {digits,
          std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr};
}

std::string MysqlDialect::timestamp(Timestamp value) const {
  using namespace std::chrono;
  const auto us = floor<microseconds>(value);
  const auto day = floor<days>(us);
  const year_month_day date(day);
  const hh_mm_ss time(us - day);
  std::string out = "'";
  put(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  put(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  put(out, static_cast<unsigned>(date.day()), 2);
  out += ' ';
  put(out, static_cast<unsigned>(time.hours().count()), 2);
  out += ':';
  put(out, static_cast<unsigned>(time.minutes().count()), 2);
  out += ':';
  put(out, static_cast<unsigned>(time.seconds().count()), 2);
  out += '.';
  put(out, static_cast<unsigned>(time.subseconds().count()), 6);
  return out + "'";
}

std::string MysqlDialect::uuid(const Uuid& id) const { return sql::blob_literal(id.raw()); }

std::string MysqlDialect::in_uuids(std::string_view raw) const {
  std::string out = " IN (";
  for (std::size_t at = 0; at < raw.size(); at += sizeof(Uuid::bytes)) {
    if (at > 0) out += ',';
    out += sql::blob_literal(raw.substr(at, sizeof(Uuid::bytes)));
  }
  return out + ")";
}

std::string MysqlDialect::identifier(std::string_view name) const {
  std::string out = "`";
  for (const char c : name) {
    if (c == '`') out += c;
    out += c;
  }
  return out + "`";
}

std::string MysqlDialect::epoch_us(std::string_view expression) const {
  return "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', " + std::string(expression) + ")";
}

std::string MysqlDialect::exact(std::string_view expression) const {
  return "CAST(" + std::string(expression) + " AS BINARY)";
}

std::string MysqlDialect::exact_in(std::string_view expression, std::string_view literals,
                                   bool indexed) const {
  // The columns' collation takes letters of either case, and with or without accents, for equal.
  const std::string in = " IN (" + std::string(literals) + ")";
  return (indexed ? std::string(expression) + in + " AND " : "") + exact(expression) + in;
}

std::string MysqlDialect::exact_ne(std::string_view expression, std::string_view literal) const {
  return exact(expression) + " <> " + std::string(literal);
}

std::string MysqlDialect::like(std::string_view expression, std::string_view literal) const {
  return std::string(expression) + " LIKE " + std::string(literal);
}

std::string MysqlDialect::creator_user(std::string_view creator) const {
  return "SUBSTRING_INDEX(" + std::string(creator) + ", ':', 1)";
}

std::string MysqlDialect::creator_project(std::string_view creator) const {
  const std::string c(creator);
  return "IF(LOCATE(':', " + c + ") = 0, IF(" + c + " IS NULL, NULL, ''), SUBSTRING(" + c +
         ", LOCATE(':', " + c + ") + 1))";
}

std::string MysqlDialect::lifespan_ns(std::string_view start, std::string_view end) const {
  return "(TIMESTAMPDIFF(MICROSECOND, " + std::string(start) + ", COALESCE(" + std::string(end) +
         ", UTC_TIMESTAMP(6))) * 1000)";
}

std::string MysqlDialect::skip_duplicates(std::string_view key_column) const {
  // Not INSERT IGNORE, which would also cut texts and leave out rows without parents.
  const std::string key(key_column);
  return " ON DUPLICATE KEY UPDATE " + key + " = " + key;
}

std::string MysqlDialect::named_metrics(
    std::span<const std::pair<std::string, std::string>> pairs) const {
  // Rows (a, b) IN (...) are not always served by an index; a range for each resource is.
  std::string out = "(";
  for (std::size_t i = 0; i < pairs.size();) {
    if (i > 0) out += " OR ";
    const std::string& resource = pairs[i].first;
    out += "(m.resource_id = " + resource + " AND m.name IN (";
    for (bool begun = false; i < pairs.size() && pairs[i].first == resource; ++i, begun = true) {
      if (begun) out += ',';
      out += pairs[i].second;
    }
    out += "))";
  }
  return out + ")";
}

}  // namespace gnocchi::mysql
