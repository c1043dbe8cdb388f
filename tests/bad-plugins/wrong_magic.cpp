#include "bad.h"

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {bad::good_driver("wrong-magic")};
BAD_MANIFEST(0xdeadbeef, gnocchi::plugin::kManifestLayout, gnocchi::plugin::kAbiTag);
