// Opens a plugin and judges its manifest: data only, no function of the plugin runs here.
#include <cmath>
#include <cstdio>
#include <set>

#include "core/config/values.h"
#include "core/plugin/library.h"
#include "core/plugin/loader.h"
#include "core/plugin/messages.h"

namespace gnocchi::plugin {
namespace {

std::string or_unknown(const char* text) { return text != nullptr ? text : "(none)"; }

/// "0.4" of "0.4.0": what a plugin has to be built against.
std::string series_of(std::string_view version) {
  const std::size_t dot = version.find('.');
  const std::size_t second = dot == std::string_view::npos ? dot : version.find('.', dot + 1);
  return std::string(version.substr(0, second));
}

std::string rebuild_advice() {
  return "Rebuild the plugin against gnocchi " + series_of(GNOCCHI_VERSION) + ".";
}

/// Copies out what another layout may have made of the first field.
std::string hexadecimal(std::uint32_t number) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", number);
  return text;
}

bool is_option_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-') return false;
  }
  return true;
}

/// What is wrong with one row of a driver's option table; empty: nothing.
std::string fault_of(const OptionSpec& option) {
  if (option.help == nullptr || *option.help == '\0') return "has no help text";
  if (option.type > OptionType::url) {
    return "has type " + std::to_string(static_cast<std::uint32_t>(option.type)) +
           ", which does not exist";
  }
  if (std::isnan(option.min) || std::isnan(option.max) || option.min > option.max) {
    return "has a minimum above its maximum";
  }
  if (option.required && option.default_text != nullptr) {
    return "is required and has a default";
  }
  std::string problem;
  if (option.default_text != nullptr &&
      !config::parse_value(option, option.default_text, problem)) {
    return "has a default that cannot be: " + problem;
  }
  return {};
}

void check_options(const DriverSpec& driver, const std::filesystem::path& file,
                   const Request& request) {
  std::string faults;
  const auto fault = [&](const std::string& option, const std::string& what) {
    faults += "; option " + option + " " + what;
  };
  if (driver.options == nullptr && driver.option_count != 0) {
    faults = "; the table is missing";
  } else {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i != driver.option_count; ++i) {
      const OptionSpec& option = driver.options[i];
      if (option.name == nullptr || !is_option_name(option.name)) {
        fault("number " + std::to_string(i + 1), "has no proper name");
        continue;
      }
      if (!names.insert(option.name).second) fault(option.name, "is declared twice");
      if (const std::string what = fault_of(option); !what.empty()) fault(option.name, what);
    }
  }
  if (faults.empty()) return;
  refuse("PLUGIN_OPTIONS_INVALID", request.asked_by,
         file.string() + ": the option table of " + to_string(request.kind) + ":" + request.name +
             " is wrong: " + faults.substr(2) + ". This is a fault of the plugin.");
}

std::string drivers_of(const Manifest& manifest) {
  std::string text;
  for (std::size_t i = 0; i != manifest.driver_count; ++i) {
    const DriverSpec& driver = manifest.drivers[i];
    if (!text.empty()) text += ", ";
    text += std::string(to_string(driver.kind)) + ":" + or_unknown(driver.name);
  }
  return text.empty() ? "nothing" : text;
}

void check_interface(const Manifest& manifest, const DriverSpec& driver,
                     const std::filesystem::path& file, const Request& request) {
  const std::uint32_t ours = interface_version(request.kind);
  if (driver.interface_version == ours) return;
  const std::string interface = std::string(to_string(request.kind)) + " interface ";
  const std::string advice = driver.interface_version > ours
                                 ? "Install gnocchi " + or_unknown(manifest.built_for) +
                                       " or later, or rebuild the plugin against gnocchi " +
                                       series_of(GNOCCHI_VERSION) + "."
                                 : rebuild_advice();
  refuse("PLUGIN_INTERFACE_MISMATCH", request.asked_by,
         file.string() + " was built for " + interface + std::to_string(driver.interface_version) +
             " (gnocchi " + or_unknown(manifest.built_for) +
             "); this gnocchi " GNOCCHI_VERSION " speaks " + interface + std::to_string(ours) +
             ". " + advice);
}

}  // namespace

const Manifest& open_manifest(const std::filesystem::path& file, std::string_view asked_by) {
  const Manifest* manifest = nullptr;
  try {
    manifest = open_library(file);
  } catch (const std::exception& failure) {
    std::string reason = failure.what();
    if (reason.find(file.string()) == std::string::npos) reason = file.string() + ": " + reason;
    refuse("PLUGIN_OPEN_FAILED", asked_by, reason);
  }
  if (manifest == nullptr) {
    refuse("PLUGIN_NO_MANIFEST", asked_by,
           file.string() + " is a shared library, but no gnocchi plugin: it does not export " +
               kManifestSymbol + ".");
  }
  return *manifest;
}

void judge_manifest(const Manifest& manifest, const std::filesystem::path& file,
                    std::string_view asked_by) {
  if (manifest.magic != kMagic) {
    refuse("PLUGIN_MAGIC_MISMATCH", asked_by,
           file.string() + ": its manifest starts with " + hexadecimal(manifest.magic) +
               " instead of " + hexadecimal(kMagic) + "; this is no gnocchi plugin.");
  }
  if (manifest.layout != kManifestLayout) {
    refuse("PLUGIN_LAYOUT_MISMATCH", asked_by,
           file.string() + " has manifest layout " + std::to_string(manifest.layout) +
               "; this gnocchi " GNOCCHI_VERSION " reads layout " +
               std::to_string(kManifestLayout) + ". " + rebuild_advice());
  }
  if (manifest.abi_tag == nullptr || std::string_view(manifest.abi_tag) != kAbiTag) {
    refuse("PLUGIN_ABI_MISMATCH", asked_by,
           file.string() + " was built with other settings of the compiler. Plugin: " +
               or_unknown(manifest.abi_tag) + ", gnocchi: " + kAbiTag +
               ". Rebuild the plugin with the settings of gnocchi.");
  }
}

const DriverSpec& judge_driver(const Manifest& manifest, const std::filesystem::path& file,
                               const Request& request) {
  const DriverSpec* found = nullptr;
  const std::string wanted = std::string(to_string(request.kind)) + ":" + request.name;
  for (std::size_t i = 0; manifest.drivers != nullptr && i != manifest.driver_count; ++i) {
    const DriverSpec& driver = manifest.drivers[i];
    if (driver.kind != request.kind || driver.name == nullptr || request.name != driver.name) {
      continue;
    }
    if (found != nullptr) {
      refuse("PLUGIN_DRIVER_DUPLICATE", request.asked_by,
             file.string() + " declares " + wanted +
                 " more than once. This is a fault of the plugin.");
    }
    found = &driver;
  }
  if (found == nullptr) {
    refuse("PLUGIN_DRIVER_MISSING", request.asked_by,
           file.string() + " does not serve " + wanted + ", but " +
               (manifest.drivers != nullptr ? drivers_of(manifest) : "nothing") +
               ". Is the file a link to the wrong plugin?");
  }
  check_interface(manifest, *found, file, request);
  check_options(*found, file, request);
  if (found->create == nullptr) {
    refuse(
        "PLUGIN_CREATE_NULL", request.asked_by,
        file.string() + ": " + wanted + " has no create function. This is a fault of the plugin.");
  }
  return *found;
}

}  // namespace gnocchi::plugin
