#include "core/config/profiles.h"

namespace gnocchi::config {

std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '$' ? 2 : 1, c);
  return out;
}

std::vector<Assignment> embedded_drivers(const std::filesystem::path& data_directory) {
  const std::string directory =
      literal(std::filesystem::absolute(data_directory).lexically_normal().string());
  return {{"storage", "driver", "file"},
          {"storage", "file_basepath", directory},
          {"indexer", "url", "sqlite:///" + directory + "/gnocchi.db"}};
}

std::vector<Assignment> embedded_defaults(const std::filesystem::path& data_directory) {
  std::vector<Assignment> defaults = embedded_drivers(data_directory);
  defaults.push_back({"api", "auth_mode", "basic"});
  return defaults;
}

}  // namespace gnocchi::config
