// Needs a library that is not to be found when the plugin is opened.
#include "bad.h"

int of_the_missing_library();

std::unique_ptr<gnocchi::Driver> create(const gnocchi::plugin::Context& context) {
  if (of_the_missing_library() == 0) return nullptr;
  return gnocchi::plugin::make<bad::Idle>(context);
}

constexpr gnocchi::plugin::DriverSpec with_own_create(gnocchi::plugin::DriverSpec driver) {
  driver.create = &create;
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {
    with_own_create(bad::good_driver("missing-dependency"))};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
