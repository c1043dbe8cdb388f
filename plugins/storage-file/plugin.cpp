#include "file_incoming.h"
#include "file_storage.h"
#include "flock_coordinator.h"
#include "gnocchi/plugin/manifest.h"

namespace {

using gnocchi::plugin::DriverSpec;
using gnocchi::plugin::Kind;
using gnocchi::plugin::OptionSpec;
using gnocchi::plugin::OptionType;

constexpr OptionSpec kBasepath{"file_basepath", OptionType::path, "/var/lib/gnocchi",
                               "Directory that holds all data files."};
constexpr OptionSpec kSync{
    "file_sync", OptionType::text, "commit",
    "commit: what is accepted or stored is on the disk first and survives a power cut; off: it "
    "survives only the end of the process."};

constexpr OptionSpec kStorageOptions[] = {
    kBasepath,
    {"file_subdir_len", OptionType::integer, "2",
     "Hex digits of a metric's id per level of directories, 0 for none; kept as it was when the "
     "store was made.",
     false, false, 0, 32},
    kSync,
};
constexpr OptionSpec kIncomingOptions[] = {kBasepath, kSync};
constexpr OptionSpec kCoordinatorOptions[] = {
    {"coordination_url", OptionType::url, nullptr,
     "file:// and the directory for lock and membership files, the same for all processes.", true},
};

constexpr DriverSpec kDrivers[] = {
    {Kind::storage, gnocchi::kStorageInterface, "file",
     "Keeps series as local files, in Python Gnocchi's layout.", kStorageOptions,
     std::size(kStorageOptions), &gnocchi::plugin::make<gnocchi::file::FileStorage>},
    {Kind::incoming, gnocchi::kIncomingInterface, "file",
     "Keeps new measures in an append-only log on local disk.", kIncomingOptions,
     std::size(kIncomingOptions), &gnocchi::plugin::make<gnocchi::file::FileIncoming>},
    {Kind::coordinator, gnocchi::kCoordinatorInterface, "file",
     "Locks and membership for the processes of one host, by flock.", kCoordinatorOptions,
     std::size(kCoordinatorOptions), &gnocchi::plugin::make<gnocchi::file::FlockCoordinator>},
};

}  // namespace

GNOCCHI_PLUGIN("storage-file", "0.1.0", kDrivers);
