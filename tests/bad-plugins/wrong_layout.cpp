#include "bad.h"

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {bad::good_driver("wrong-layout")};
BAD_MANIFEST(gnocchi::plugin::kMagic, gnocchi::plugin::kManifestLayout + 1,
             gnocchi::plugin::kAbiTag);
