#include "core/plugin/paths.h"

#include <system_error>

#include "core/plugin/install_paths.h"

namespace gnocchi::plugin {

std::filesystem::path default_plugin_directory() {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return kInstallPluginDirectory;
  const fs::path here = program.parent_path();
  fs::path built = here.parent_path() / "plugins";
  if (fs::is_directory(built, failed)) return built;
  fs::path installed = (here / kInstallPluginDirectoryFromPrograms).lexically_normal();
  if (fs::is_directory(installed, failed)) return installed;
  return kInstallPluginDirectory;
}

}  // namespace gnocchi::plugin
