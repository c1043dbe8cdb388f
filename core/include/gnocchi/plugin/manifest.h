#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>

#include "gnocchi/driver.h"
#include "gnocchi/export.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/version.h"

/// The plugin contract: one exported symbol, plain data. Core judges the numbers before it runs
/// any function of the plugin. See docs/plugins/contract.md.
namespace gnocchi::plugin {

inline constexpr std::uint32_t kMagic = 0x474e4f43;  // "GNOC"
inline constexpr std::uint32_t kManifestLayout = 1;  // raise when a struct below changes shape
inline constexpr char kAbiTag[] = GNOCCHI_ABI_TAG;   // settings that change the layout of types
inline constexpr char kManifestSymbol[] = "gnocchi_plugin_manifest";

enum class Kind : std::uint32_t { storage = 1, incoming, indexer, authenticator, coordinator };

enum class OptionType : std::uint32_t { text, integer, real, boolean, duration, path, url };

/// One key of the driver's section in gnocchi.conf.
struct OptionSpec {
  const char* name;  ///< "ceph_pool"
  OptionType type;
  const char* default_text;  ///< as the user would write it; nullptr: no default
  const char* help;          ///< one sentence, unit included
  bool required = false;
  bool secret = false;        ///< never logged, never shown
  double min = 0, max = 0;    ///< both 0: unbounded; seconds for a duration
  const char* was = nullptr;  ///< the name the option had before, still read with a warning
};

struct DriverSpec {
  Kind kind;
  std::uint32_t interface_version;  ///< kStorageInterface etc. of the headers it was built with
  const char* name;                 ///< what the user writes: driver = ceph
  const char* summary;
  const OptionSpec* options;
  std::size_t option_count;
  /// No I/O. Throws Error{invalid_config}. The context outlives the driver.
  std::unique_ptr<Driver> (*create)(const Context& context);
};

/// The only symbol a plugin exports.
struct Manifest {
  std::uint32_t magic;
  std::uint32_t layout;
  const char* abi_tag;
  const char* built_for;  ///< gnocchi version of the headers, for messages
  const char* plugin;
  const char* version;
  const DriverSpec* drivers;
  std::size_t driver_count;
};

/// The usual DriverSpec::create.
template <class T>
std::unique_ptr<Driver> make(const Context& context) {
  return std::make_unique<T>(context);
}

}  // namespace gnocchi::plugin

/// Defines the manifest of a plugin; once per plugin, at namespace scope of plugin.cpp.
#define GNOCCHI_PLUGIN(plugin_name, plugin_version, driver_array)                              \
  extern "C" GNOCCHI_API const ::gnocchi::plugin::Manifest gnocchi_plugin_manifest;            \
  extern "C" GNOCCHI_API const ::gnocchi::plugin::Manifest gnocchi_plugin_manifest {           \
    ::gnocchi::plugin::kMagic, ::gnocchi::plugin::kManifestLayout, ::gnocchi::plugin::kAbiTag, \
        GNOCCHI_VERSION, plugin_name, plugin_version, driver_array, std::size(driver_array)    \
  }
