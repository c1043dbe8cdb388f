#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/config/faults.h"
#include "core/config/settings.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/plugin/manifest.h"

namespace gnocchi::config {

/// Values that core computes for a driver, by option name, as text. They win over the sections;
/// those that the driver does not declare are left out. A coordinator's "url", for instance.
using GivenOptions = std::map<std::string, std::string, std::less<>>;

/// The options of a driver that declares `specs`, checked.
///
/// Each option is taken from the first of `sections` that sets it (incoming: {"incoming",
/// "storage"}), by its name or by its old one; then from the program's defaults; then from its
/// spec. Where core declares an option of that section itself ([indexer] url), core's value holds,
/// so that environment and old names count. All faults are added to `faults`; the result is never
/// null and, if there were faults, only fit to be thrown away. `settings` need not outlive it.
std::unique_ptr<plugin::Options> make_driver_options(const Settings& settings,
                                                     std::span<const plugin::OptionSpec> specs,
                                                     const std::vector<std::string>& sections,
                                                     const GivenOptions& given, Faults& faults);

/// The options that one driver reads from one group.
struct DriverKeys {
  std::string group;
  std::span<const plugin::OptionSpec> specs;
};

/// Keys in the groups named in `drivers` that neither core nor these drivers declare: a warning
/// each, with the nearest name. Keys that carry another driver's name in front ("s3_region_name")
/// are that driver's and pass.
std::vector<Notice> unknown_driver_keys(const Settings& settings,
                                        const std::vector<DriverKeys>& drivers);

}  // namespace gnocchi::config
