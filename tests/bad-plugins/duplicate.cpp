#include "bad.h"

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {bad::good_driver("duplicate"),
                                                    bad::good_driver("duplicate")};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
