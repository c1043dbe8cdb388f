#include "bad.h"

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {bad::good_driver("other-abi")};
BAD_MANIFEST(gnocchi::plugin::kMagic, gnocchi::plugin::kManifestLayout, "libc++-v1");
