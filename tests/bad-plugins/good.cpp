// Nothing is wrong with this one: what the tests below find is the fault, not the frame.
#include "bad.h"

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {bad::good_driver("good")};
GNOCCHI_PLUGIN("good", "1.0", kDrivers);
