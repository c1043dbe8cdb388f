#include "bad.h"

constexpr gnocchi::plugin::DriverSpec older(gnocchi::plugin::DriverSpec driver) {
  driver.interface_version = gnocchi::kStorageInterface - 1;
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {older(bad::good_driver("older-interface"))};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
