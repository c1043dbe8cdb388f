#include "core/service/choose_drivers.h"

#include <algorithm>

#include "core/config/core_options.h"
#include "core/config/paste.h"
#include "gnocchi/error.h"

namespace gnocchi::service {
namespace {

using config::Settings;
using plugin::Kind;

std::string indexer_url(const Settings& settings) {
  if (!settings.has("indexer", "url")) {
    throw Error(Error::Code::invalid_config,
                config::must_be_set("indexer", config::find_core_option("indexer", "url")->spec));
  }
  return settings.text("indexer", "url");
}

DriverChoice choose_coordinator(const Settings& settings) {
  DriverChoice choice;
  std::string url;
  if (settings.has("DEFAULT", "coordination_url")) {
    url = settings.text("DEFAULT", "coordination_url");
    choice.asked_by = settings.origin("DEFAULT", "coordination_url");
  } else {
    url = indexer_url(settings);
    choice.asked_by = settings.origin("indexer", "url") + " (no coordination_url is set)";
  }
  choice.name = scheme_of(url);
  choice.given = {{"url", url}, {"coordination_url", url}};
  return choice;
}

/// keystonemiddleware's auth_section: a group, shared with other programs perhaps, that says who
/// the service is. What it sets comes before the authenticator's own group.
std::vector<std::string> authenticator_sections(const Settings& settings, const std::string& name) {
  std::vector<std::string> sections = driver_sections(Kind::authenticator, name);
  const auto elsewhere = settings.set_value(sections.front(), "auth_section");
  if (name == "keystone" && elsewhere && !elsewhere->value.empty()) {
    sections.insert(sections.begin(), elsewhere->value);
  }
  return sections;
}

}  // namespace

std::string scheme_of(const std::string& url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string::npos) return {};
  return url.substr(0, std::min(colon, url.find('+')));
}

std::vector<std::string> driver_sections(Kind kind, const std::string& name) {
  switch (kind) {
    case Kind::storage: return {"storage"};
    case Kind::incoming: return {"incoming", "storage"};
    case Kind::indexer: return {"indexer"};
    // A storage's own coordinator works on the backend that is described there.
    case Kind::coordinator: return {"coordination", "storage"};
    case Kind::authenticator:
      // Where keystonemiddleware has its options, and every other service of OpenStack too.
      if (name == "keystone") return {"keystone_authtoken"};
      return {"api"};
  }
  return {};
}

DriverChoice choose_driver(const Settings& settings, Kind kind) {
  DriverChoice choice;
  switch (kind) {
    case Kind::storage:
    case Kind::incoming: {
      const char* group = kind == Kind::storage ? "storage" : "incoming";
      choice.name = settings.text(group, "driver");
      choice.asked_by = settings.origin(group, "driver");
      break;
    }
    case Kind::indexer:
      choice.name = scheme_of(indexer_url(settings));
      choice.asked_by = settings.origin("indexer", "url");
      break;
    case Kind::authenticator:
      choice.name = config::authenticator_name(settings);
      choice.asked_by = settings.has("api", "auth_mode") ? settings.origin("api", "auth_mode")
                                                         : settings.origin("api", "paste_config");
      break;
    case Kind::coordinator: choice = choose_coordinator(settings); break;
  }
  choice.kind = kind;
  choice.sections = kind == Kind::authenticator ? authenticator_sections(settings, choice.name)
                                                : driver_sections(kind, choice.name);
  return choice;
}

}  // namespace gnocchi::service
