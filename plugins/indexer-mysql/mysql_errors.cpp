// What MySQL's and MariaDB's error numbers mean.
#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

#include <algorithm>

#include "indexer-mysql/mysql_dialect.h"

namespace gnocchi::mysql {
namespace {

using sql::Failure;
using Kind = Failure::Kind;

struct Meaning {
  unsigned number;
  Kind kind;
};

constexpr Meaning kMeanings[] = {
    {1062, Kind::duplicate},  // duplicate entry
    {1586, Kind::duplicate},
    {1216, Kind::no_parent},  // foreign key, on insertion
    {1452, Kind::no_parent},
    {1217, Kind::still_referenced},  // foreign key, on deletion
    {1451, Kind::still_referenced},
    {1048, Kind::bad_value},  // NULL
    {1059, Kind::bad_value},  // identifier too long
    {1060, Kind::bad_value},  // two columns of one name
    {1071, Kind::bad_value},  // key too long
    {1074, Kind::bad_value},  // column too long
    {1117, Kind::bad_value},  // too many columns
    {1118, Kind::bad_value},  // row too long
    {1166, Kind::bad_value},  // column name
    {1264, Kind::bad_value},  // out of range
    {1265, Kind::bad_value},  // truncated
    {1267, Kind::bad_value},  // collations: a 4-byte character beside a 3-byte column
    {1270, Kind::bad_value},
    {1271, Kind::bad_value},
    {1292, Kind::bad_value},  // wrong value
    {1300, Kind::bad_value},  // wrong character string
    {1364, Kind::bad_value},  // no default
    {1366, Kind::bad_value},  // characters that the column cannot hold
    {1406, Kind::bad_value},  // too long
    {3819, Kind::bad_value},  // CHECK, MySQL
    {4025, Kind::bad_value},  // CHECK, MariaDB
    {1020, Kind::conflict},   // record has changed
    {1213, Kind::conflict},   // deadlock
    {1412, Kind::conflict},   // table definition has changed
    {1615, Kind::conflict},   // to be prepared again
    {1205, Kind::lock_timeout},
    {1051, Kind::schema},  // unknown table
    {1054, Kind::schema},  // unknown column
    {1146, Kind::schema},  // no such table
    {1053, Kind::lost},    // shutting down
    {1317, Kind::lost},    // killed
    {1927, Kind::lost},
    {2006, Kind::lost},  // gone away
    {2013, Kind::lost},  // lost during the query
    {2014, Kind::lost},  // out of step
    {2055, Kind::lost},
    {4031, Kind::lost},         // idle for too long
    {1040, Kind::unreachable},  // too many connections
    {1047, Kind::unreachable},  // a cluster's node that is not ready
    {1129, Kind::unreachable},  // host is blocked
    {1203, Kind::unreachable},
    {1226, Kind::unreachable},
    {2002, Kind::unreachable},
    {2003, Kind::unreachable},
    {2005, Kind::unreachable},  // unknown host
    {2012, Kind::unreachable},
    {1044, Kind::denied},
    {1045, Kind::denied},
    {1049, Kind::denied},  // unknown database
    {1130, Kind::denied},
    {1142, Kind::denied},
    {1251, Kind::denied},
    {1698, Kind::denied},
    {2059, Kind::denied},
    {1021, Kind::read_only},  // disk full
    {1114, Kind::read_only},  // table full
    {1290, Kind::read_only},
    {1792, Kind::read_only},
    {1836, Kind::read_only},
};

std::string_view between(std::string_view text, std::string_view before, char after) {
  const std::size_t at = text.rfind(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + before.size());
  return rest.substr(0, rest.find(after));
}

/// "... for key 'metric.uniq_metric0resource_id0name'" or "... CONSTRAINT `fk_x` FOREIGN KEY ...".
std::string constraint(Kind kind, std::string_view message) {
  if (kind == Kind::duplicate) {
    const std::string_view key = between(message, "for key '", '\'');
    return std::string(key.substr(key.find('.') == std::string_view::npos ? 0 : key.find('.') + 1));
  }
  return std::string(between(message, "CONSTRAINT `", '`'));
}

}  // namespace

Failure MysqlDialect::classify(const std::exception& error) const {
  const auto* own = dynamic_cast<const soci::mysql_soci_error*>(&error);
  if (own == nullptr) return {Kind::other, {}};
  const auto* const meaning =
      std::find_if(std::begin(kMeanings), std::end(kMeanings),
                   [&](const Meaning& candidate) { return candidate.number == own->err_num_; });
  const Kind kind = meaning == std::end(kMeanings) ? Kind::other : meaning->kind;
  return {kind, constraint(kind, error.what())};
}

}  // namespace gnocchi::mysql
