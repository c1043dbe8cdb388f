// gnocchi.conf from anybody's hand: read, resolve, check, make a driver's options, warn.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/config/driver_options.h"
#include "core/config/paste.h"
#include "core/config/settings.h"
#include "gnocchi/error.h"

namespace {

using gnocchi::plugin::OptionType;
namespace config = gnocchi::config;

constexpr gnocchi::plugin::OptionSpec kSpecs[] = {
    {"pool", OptionType::text, "gnocchi", "Pool."},
    {"timeout", OptionType::duration, "30", "Timeout.", false, false, 1, 3600, "wait"},
    {"path", OptionType::path, "${storage.pool}/x", "Path.", true},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  config::Faults faults;
  config::Sources sources;
  sources.entries = config::read_ini(text, "fuzz.conf", faults);
  const config::Settings settings(std::move(sources), faults);
  config::make_driver_options(settings, kSpecs, {"incoming", "storage"}, {}, faults);
  config::unknown_driver_keys(settings, {{"storage", kSpecs}});
  (void)settings.list("cors", "allow_headers");
  (void)settings.origin("storage", "driver");
  try {
    config::authenticator_of_paste(text, "fuzz.ini");
  } catch (const gnocchi::Error&) {
    // Refusing is right; crashing is not.
  }
  return 0;
}
