// Linked without --no-undefined: what it needs is nowhere.
#include "bad.h"

void defined_nowhere();

std::unique_ptr<gnocchi::Driver> create(const gnocchi::plugin::Context&) {
  defined_nowhere();
  return nullptr;
}

constexpr gnocchi::plugin::DriverSpec with_own_create(gnocchi::plugin::DriverSpec driver) {
  driver.create = &create;
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {
    with_own_create(bad::good_driver("unresolved"))};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
