#include "bad.h"

using gnocchi::plugin::OptionType;

constexpr gnocchi::plugin::OptionSpec kOptions[] = {
    {"", OptionType::text, nullptr, "Has no name."},
    {"twice", OptionType::text, nullptr, "Is declared twice."},
    {"twice", OptionType::integer, "1", "Is declared twice."},
    {"silent", OptionType::text, nullptr, ""},
    {"odd_type", static_cast<OptionType>(99), nullptr, "Has a type that does not exist."},
    {"no_room", OptionType::integer, nullptr, "Has no value that fits.", false, false, 5, 1},
    {"needless", OptionType::text, "x", "Is required and has a default.", true},
    {"out_of_range", OptionType::integer, "11", "Has a default that is too big.", false, false, 1,
     10},
    {"mistyped", OptionType::duration, "soon", "Has a default that is no duration."},
};

constexpr gnocchi::plugin::DriverSpec with_options(gnocchi::plugin::DriverSpec driver) {
  driver.options = kOptions;
  driver.option_count = std::size(kOptions);
  return driver;
}
constexpr gnocchi::plugin::DriverSpec kDrivers[] = {with_options(bad::good_driver("bad-options"))};
GNOCCHI_PLUGIN("bad", "1.0", kDrivers);
