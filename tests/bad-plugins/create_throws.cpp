#include "bad.h"
#include "gnocchi/error.h"

std::unique_ptr<gnocchi::Driver> create(const gnocchi::plugin::Context&) {
  throw gnocchi::Error(gnocchi::Error::Code::invalid_config, "the pool has no name");
}

constexpr gnocchi::plugin::DriverSpec with_own_create(gnocchi::plugin::DriverSpec driver) {
  driver.create = &create;
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {
    with_own_create(bad::good_driver("create-throws"))};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
