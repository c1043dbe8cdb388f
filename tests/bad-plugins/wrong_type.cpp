// Creates a driver that is not of the kind that its entry says.
#include "bad.h"

class Nothing final : public gnocchi::Driver {
 public:
  explicit Nothing(const gnocchi::plugin::Context&) {}
  void start() override {}
  void stop() noexcept override {}
};

constexpr gnocchi::plugin::DriverSpec making_nothing(gnocchi::plugin::DriverSpec driver) {
  driver.create = &gnocchi::plugin::make<Nothing>;
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {making_nothing(bad::good_driver("wrong-type"))};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
