#include "core/config/paste.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "gnocchi/error.h"

namespace gnocchi::config {
namespace {

constexpr std::string_view kPrefix = "gnocchi+";

/// The first word of the pipeline that starts with "gnocchi+", without it.
std::string pipeline_name(std::string_view pipeline) {
  while (!pipeline.empty()) {
    pipeline.remove_prefix(std::min(pipeline.find_first_not_of(" \t\r\n"), pipeline.size()));
    const std::string_view word = pipeline.substr(0, pipeline.find_first_of(" \t\r\n"));
    if (word.starts_with(kPrefix)) return std::string(word.substr(kPrefix.size()));
    pipeline.remove_prefix(word.size());
  }
  return {};
}

}  // namespace

std::string authenticator_of_paste(std::string_view text, const std::string& file) {
  Faults faults;
  const std::vector<Entry> entries = read_ini(text, file, faults);
  faults.throw_if_any();
  for (const Entry& entry : entries) {
    const bool main = entry.group == "pipeline:main" || entry.group == "composite:main" ||
                      entry.group == "app:main";
    if (!main || (entry.name != "pipeline" && entry.name != "use")) continue;
    std::string name = pipeline_name(entry.value);
    if (name == "auth") return "keystone";
    if (!name.empty()) return name;
  }
  return {};
}

std::string authenticator_name(const Settings& settings) {
  if (settings.has("api", "auth_mode")) return settings.text("api", "auth_mode");
  const auto path = settings.find_file(settings.text("api", "paste_config"));
  std::string name;
  if (path) {
    std::ifstream in(*path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) {
      throw Error(Error::Code::invalid_config,
                  "CONFIG_INVALID  " + path->string() + ": cannot be read");
    }
    name = authenticator_of_paste(text, path->string());
  } else if (settings.is_set("api", "paste_config")) {
    throw Error(Error::Code::invalid_config,
                "CONFIG_INVALID  " + settings.origin("api", "paste_config") + ": no such file");
  }
  return name.empty() ? "basic" : name;
}

}  // namespace gnocchi::config
