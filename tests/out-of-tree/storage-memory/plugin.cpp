// What the plugin is: its drivers and their options. No code runs from here but make().
#include "gnocchi/plugin/manifest.h"
#include "memory_incoming.h"
#include "memory_storage.h"

namespace {

using gnocchi::plugin::Kind;
using gnocchi::plugin::OptionType;

constexpr gnocchi::plugin::OptionSpec kStorageOptions[] = {
    {"memory_limit", OptionType::integer, "1024",
     "Memory for series, in MiB; writes that need more are refused.", false, false, 1, 1 << 20},
};

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {
    {Kind::storage, gnocchi::kStorageInterface, "memory",
     "Keeps series in memory, until the process ends.", kStorageOptions, std::size(kStorageOptions),
     &gnocchi::plugin::make<memory::MemoryStorage>},
    {Kind::incoming, gnocchi::kIncomingInterface, "memory",
     "Keeps new measures in memory, until the process ends.", nullptr, 0,
     &gnocchi::plugin::make<memory::MemoryIncoming>},
};

}  // namespace

GNOCCHI_PLUGIN("storage-memory", "1.0.0", kDrivers);
