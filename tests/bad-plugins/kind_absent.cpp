// The file's name promises storage:kind-absent; another kind and another name are inside.
#include "bad.h"

constexpr gnocchi::plugin::DriverSpec as_incoming(gnocchi::plugin::DriverSpec driver) {
  driver.kind = gnocchi::plugin::Kind::incoming;
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {as_incoming(bad::good_driver("kind-absent")),
                                                    bad::good_driver("something-else")};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
