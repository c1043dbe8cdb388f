#include "bad.h"

constexpr gnocchi::plugin::DriverSpec newer(gnocchi::plugin::DriverSpec driver) {
  driver.interface_version = gnocchi::kStorageInterface + 1;
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {newer(bad::good_driver("newer-interface"))};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
