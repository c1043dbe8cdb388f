#include "gnocchi/coordinator.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/manifest.h"
#include "indexer-sqlite/flock_coordinator.h"
#include "indexer-sqlite/sqlite_indexer.h"

namespace plugin = gnocchi::plugin;
using plugin::OptionType;

namespace {

constexpr plugin::OptionSpec kIndexerOptions[] = {
    {"url", OptionType::url, nullptr,
     "The database's file: sqlite:////absolute/path or sqlite:///relative/path.", true, true},
    {"max_pool_size", OptionType::integer, "16", "Most connections open at a time.", false, false,
     1, 1000},
    {"pool_timeout", OptionType::duration, "5s", "Longest wait for a free connection.", false,
     false, 0.1, 600},
    {"lock_wait_timeout", OptionType::duration, "5s",
     "Longest wait for other writers, in this process and in others.", false, false, 1, 600},
    {"max_retries", OptionType::integer, "20", "How often a transaction in conflict is run again.",
     false, false, 0, 1000},
    {"sqlite_synchronous", OptionType::text, "normal",
     "normal: a power cut may cost the last changes, not the database; full: each is on disk."},
};

constexpr plugin::OptionSpec kCoordinatorOptions[] = {
    {"coordination_url", OptionType::url, nullptr,
     "The database's file; locks are files in the directory of the same name with .locks at its"
     " end.",
     true, true},
};

constexpr plugin::DriverSpec kDrivers[] = {
    {plugin::Kind::indexer, gnocchi::kIndexerInterface, "sqlite",
     "Keeps the index in a local SQLite file.", kIndexerOptions, std::size(kIndexerOptions),
     &plugin::make<gnocchi::sqlite::SqliteIndexer>},
    {plugin::Kind::coordinator, gnocchi::kCoordinatorInterface, "sqlite",
     "Coordinates the processes of one host by file locks beside the database.",
     kCoordinatorOptions, std::size(kCoordinatorOptions),
     &plugin::make<gnocchi::sqlite::FlockCoordinator>},
};

}  // namespace

GNOCCHI_PLUGIN("indexer-sqlite", GNOCCHI_VERSION, kDrivers);
