#include "gnocchi/coordinator.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/manifest.h"
#include "indexer-mysql/mysql_coordinator.h"
#include "indexer-mysql/mysql_indexer.h"

namespace plugin = gnocchi::plugin;
using plugin::OptionType;

namespace {

constexpr plugin::OptionSpec kConnectTimeout = {"connect_timeout",
                                                OptionType::duration,
                                                "3s",
                                                "Longest wait for the server to answer.",
                                                false,
                                                false,
                                                1,
                                                60};

constexpr plugin::OptionSpec kIndexerOptions[] = {
    {"url", OptionType::url, nullptr,
     "Server, account and database: mysql+pymysql://user:password@host:port/database, with"
     " ?unix_socket=/path if there is one.",
     true, true},
    {"max_pool_size", OptionType::integer, "16", "Most connections open at a time.", false, false,
     1, 1000},
    {"pool_timeout", OptionType::duration, "5s", "Longest wait for a free connection.", false,
     false, 0.1, 600},
    kConnectTimeout,
    {"read_timeout", OptionType::duration, "30s", "Longest time that a statement may take.", false,
     false, 1, 3600},
    {"lock_wait_timeout", OptionType::duration, "5s",
     "Longest wait for a row or a table that another transaction has locked.", false, false, 1,
     600},
    {"max_retries", OptionType::integer, "20", "How often a transaction in conflict is run again.",
     false, false, 0, 1000},
};

constexpr plugin::OptionSpec kCoordinatorOptions[] = {
    {"coordination_url", OptionType::url, nullptr,
     "Server, account and database: mysql+pymysql://user:password@host:port/database.", true, true},
    kConnectTimeout,
    {"lease", OptionType::duration, "10s",
     "Locks and membership of a process that says nothing for this long, because it is stopped or"
     " cut off, go to others.",
     false, false, 3, 600},
};

constexpr plugin::DriverSpec kDrivers[] = {
    {plugin::Kind::indexer, gnocchi::kIndexerInterface, "mysql",
     "Keeps the index in MySQL or MariaDB.", kIndexerOptions, std::size(kIndexerOptions),
     &plugin::make<gnocchi::mysql::MysqlIndexer>},
    {plugin::Kind::coordinator, gnocchi::kCoordinatorInterface, "mysql",
     "Coordinates processes by the user locks of a MySQL or MariaDB server.", kCoordinatorOptions,
     std::size(kCoordinatorOptions), &plugin::make<gnocchi::mysql::MysqlCoordinator>},
};

}  // namespace

GNOCCHI_PLUGIN("indexer-mysql", GNOCCHI_VERSION, kDrivers);
