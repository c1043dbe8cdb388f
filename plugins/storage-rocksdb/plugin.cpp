#include "gnocchi/plugin/manifest.h"
#include "rocks_incoming.h"
#include "rocks_storage.h"

namespace {

using gnocchi::plugin::DriverSpec;
using gnocchi::plugin::Kind;
using gnocchi::plugin::OptionSpec;
using gnocchi::plugin::OptionType;

constexpr OptionSpec kOptions[] = {
    {"rocksdb_path", OptionType::path, "/var/lib/gnocchi/rocksdb",
     "Directory of the database, which one process at a time can use."},
    {"rocksdb_sync", OptionType::text, "commit",
     "commit: what is accepted or stored is on the disk first and survives a power cut; interval: "
     "all but the last rocksdb_sync_interval does; off: it survives only the end of the process."},
    {"rocksdb_sync_interval", OptionType::duration, "1",
     "Seconds between two syncs where rocksdb_sync is interval.", false, false, 0.01, 3600},
    {"rocksdb_block_cache_mib", OptionType::integer, "32",
     "Memory for blocks that were read, in MiB.", false, false, 1, 1048576},
    {"rocksdb_write_buffer_mib", OptionType::integer, "32",
     "Memory for what is not yet in tables, in MiB; the log may grow to four times as much.", false,
     false, 1, 65536},
    {"rocksdb_max_open_files", OptionType::integer, "256", "Table files kept open.", false, false,
     16, 1000000},
    {"rocksdb_background_jobs", OptionType::integer, "2",
     "Threads that write memory out and compact tables.", false, false, 2, 64},
    {"rocksdb_compression", OptionType::text, "zstd",
     "Of tables: none, lz4, or zstd, which is lz4 with zstd for the largest, oldest level."},
};

constexpr DriverSpec kDrivers[] = {
    {Kind::storage, gnocchi::kStorageInterface, "rocksdb",
     "Keeps series in a RocksDB database on local disk, for one process.", kOptions,
     std::size(kOptions), &gnocchi::plugin::make<gnocchi::rocks::RocksStorage>},
    {Kind::incoming, gnocchi::kIncomingInterface, "rocksdb",
     "Keeps new measures in a RocksDB database on local disk, the storage driver's own.", kOptions,
     std::size(kOptions), &gnocchi::plugin::make<gnocchi::rocks::RocksIncoming>},
};

}  // namespace

GNOCCHI_PLUGIN("storage-rocksdb", "0.1.0", kDrivers);
