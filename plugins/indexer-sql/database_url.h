#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gnocchi::sql {

/// scheme[+driver]://user:password@host:port/database?key=value, as SQLAlchemy reads it.
struct DatabaseUrl {
  std::string scheme;  ///< without "+driver"
  std::string user, password, host;
  std::uint16_t port = 0;  ///< 0: not given
  std::string database;    ///< what follows the slash after the host
  std::map<std::string, std::string> query;

  /// Throws Error{invalid_config}; the message never holds the password.
  static DatabaseUrl parse(std::string_view text);
};

}  // namespace gnocchi::sql
