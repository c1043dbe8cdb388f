// The entry has no create function at all.
#include "bad.h"

constexpr gnocchi::plugin::DriverSpec without_create(gnocchi::plugin::DriverSpec driver) {
  driver.create = nullptr;
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {without_create(bad::good_driver("no-create"))};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
