#include "indexer-sql/database_url.h"

#include <charconv>

#include "gnocchi/error.h"

namespace gnocchi::sql {
namespace {

[[noreturn]] void reject(const std::string& why) {
  throw Error(Error::Code::invalid_config,
              "database url: " + why + " (example: mysql+pymysql://user:password@host/gnocchi)");
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) << 4 | hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Cuts `rest` at the first `mark`: what was before it is returned, what is behind it stays.
std::string_view cut(std::string_view& rest, char mark) {
  const std::size_t at = rest.find(mark);
  const std::string_view head = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return head;
}

void parse_query(std::string_view text, std::map<std::string, std::string>& into) {
  while (!text.empty()) {
    std::string_view value = cut(text, '&');
    const std::string_view key = cut(value, '=');
    if (!key.empty()) into[percent_decoded(key)] = percent_decoded(value);
  }
}

void parse_authority(std::string_view text, DatabaseUrl& url) {
  // A password may hold an unescaped '@': the last one counts.
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    std::string_view password = text.substr(0, at);
    url.user = percent_decoded(cut(password, ':'));
    url.password = percent_decoded(password);
    text = text.substr(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) reject("'[' without ']' in the host");
    url.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && port.front() == ':') port.remove_prefix(1);
  } else {
    port = text;
    url.host = percent_decoded(cut(port, ':'));
  }
  if (port.empty()) return;
  const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (code != std::errc{} || end != port.data() + port.size() || url.port == 0) {
    reject("the port is not a number from 1 to 65535");
  }
}

}  // namespace

DatabaseUrl DatabaseUrl::parse(std::string_view text) {
  DatabaseUrl url;
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos || mark == 0) reject("no '://' in it");
  std::string_view scheme = text.substr(0, mark);
  url.scheme = cut(scheme, '+');
  std::string_view query = text.substr(mark + 3);
  std::string_view rest = query;
  // '?' may stand in a password; the query starts behind the path.
  const std::size_t host_end =
      rest.find('/', rest.rfind('@') == std::string_view::npos ? 0 : rest.rfind('@'));
  if (host_end == std::string_view::npos) {
    std::string_view authority = rest;
    query = authority;
    authority = cut(query, '?');
    parse_authority(authority, url);
  } else {
    parse_authority(rest.substr(0, host_end), url);
    query = rest.substr(host_end + 1);
    url.database = percent_decoded(cut(query, '?'));
  }
  parse_query(query, url.query);
  return url;
}

}  // namespace gnocchi::sql
