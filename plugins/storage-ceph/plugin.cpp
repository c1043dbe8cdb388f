#include "ceph_coordinator.h"
#include "ceph_incoming.h"
#include "ceph_storage.h"
#include "gnocchi/plugin/manifest.h"

namespace {

using gnocchi::plugin::DriverSpec;
using gnocchi::plugin::Kind;
using gnocchi::plugin::OptionSpec;
using gnocchi::plugin::OptionType;

constexpr OptionSpec kPool{"ceph_pool", OptionType::text, "gnocchi", "Pool of all objects."};
constexpr OptionSpec kUsername{"ceph_username", OptionType::text, nullptr,
                               "User, without \"client.\" in front; admin if none is set."};
constexpr OptionSpec kSecret{
    "ceph_secret", OptionType::text,
    nullptr,       "The user's key; if none is set, it is taken from the keyring.",
    false,         true};
constexpr OptionSpec kKeyring{"ceph_keyring", OptionType::path, nullptr,
                              "File with the user's key; if none is set, ceph_conffile names it."};
constexpr OptionSpec kTimeout{
    "ceph_timeout",
    OptionType::duration,
    "30",
    "Seconds that connecting and each operation may take, with all repetitions.",
    false,
    false,
    1,
    3600};
constexpr OptionSpec kConffile{"ceph_conffile", OptionType::path, "/etc/ceph/ceph.conf",
                               "The cluster's configuration file."};
// Handlers of answers may nest as deep as this (Flight), hence the bound.
constexpr OptionSpec kInFlight{"ceph_operations_in_flight",
                               OptionType::integer,
                               "128",
                               "Operations of one call that are on the way at a time.",
                               false,
                               false,
                               1,
                               1024};

constexpr OptionSpec kStorageOptions[] = {
    kPool,
    kUsername,
    kSecret,
    kKeyring,
    kTimeout,
    kConffile,
    kInFlight,
    {"ceph_split_versions_mib", OptionType::integer, "64",
     "Most mebibytes in which versions of open splits are remembered, some 250 bytes a metric; "
     "splits that are not cost their writer three operations more.",
     false, false, 0, 1 << 20},
};
constexpr OptionSpec kIncomingOptions[] = {
    kPool,
    kUsername,
    kSecret,
    kKeyring,
    kTimeout,
    kConffile,
    kInFlight,
    {"ceph_sack_high_water", OptionType::integer, "50000",
     "Bundles waiting in a sack from which on no more are accepted into it.", false, false, 1,
     150000},
};
constexpr OptionSpec kCoordinatorOptions[] = {
    {"coordination_url", OptionType::url, nullptr, "ceph:// chooses this driver.", true},
    kPool,
    kUsername,
    kSecret,
    kKeyring,
    kTimeout,
    kConffile,
    kInFlight,
    {"ceph_lease", OptionType::duration, "10",
     "Seconds after which a process that has died, or stands still, loses its locks.", false, false,
     3, 600},
};

constexpr DriverSpec kDrivers[] = {
    {Kind::storage, gnocchi::kStorageInterface, "ceph",
     "Keeps series as RADOS objects, in Python Gnocchi's layout.", kStorageOptions,
     std::size(kStorageOptions), &gnocchi::plugin::make<gnocchi::ceph::CephStorage>},
    {Kind::incoming, gnocchi::kIncomingInterface, "ceph",
     "Keeps new measures in the omaps of RADOS objects, in Python Gnocchi's layout.",
     kIncomingOptions, std::size(kIncomingOptions),
     &gnocchi::plugin::make<gnocchi::ceph::CephIncoming>},
    {Kind::coordinator, gnocchi::kCoordinatorInterface, "ceph",
     "Locks and membership in a RADOS pool, by locks with a lease.", kCoordinatorOptions,
     std::size(kCoordinatorOptions), &gnocchi::plugin::make<gnocchi::ceph::CephCoordinator>},
};

}  // namespace

GNOCCHI_PLUGIN("storage-ceph", "0.1.0", kDrivers);
