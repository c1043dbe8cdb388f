#pragma once

#include <string>
#include <vector>

#include "core/config/driver_options.h"
#include "core/config/settings.h"
#include "gnocchi/plugin/manifest.h"

namespace gnocchi::service {

/// Which driver gnocchi.conf wants for a role, and where its options stand.
struct DriverChoice {
  plugin::Kind kind;
  std::string name;
  std::string asked_by;  ///< the setting that says so, for messages; no secrets
  std::vector<std::string> sections;
  config::GivenOptions given;
};

/// Throws Error{invalid_config} if the settings do not say enough.
///
/// storage: [storage] driver. incoming: [incoming] driver, else storage's. indexer: the scheme of
/// [indexer] url up to a '+'. authenticator: [api] auth_mode, else paste_config's pipeline, else
/// basic. coordinator: the scheme of coordination_url, else of the indexer's url: each indexer
/// comes with a coordinator of its name.
DriverChoice choose_driver(const config::Settings& settings, plugin::Kind kind);

/// The groups where a driver's options stand, the first that sets one wins.
std::vector<std::string> driver_sections(plugin::Kind kind, const std::string& name);

/// "mysql" of "mysql+pymysql://user@host/gnocchi"; empty if there is no scheme.
std::string scheme_of(const std::string& url);

}  // namespace gnocchi::service
