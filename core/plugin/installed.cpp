#include <algorithm>
#include <set>
#include <system_error>

#include "core/plugin/loader.h"

namespace gnocchi::plugin {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const std::vector<fs::path>& plugin_path) {
  std::vector<fs::path> files;
  for (const fs::path& directory : plugin_path) {
    std::error_code failed;
    for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      if (entry->path().extension() == ".so") files.push_back(entry->path());
    }
  }
  // Real files before the links to them, so that a plugin shows under its own name.
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    std::error_code ignored;
    const bool a_is_link = fs::is_symlink(a, ignored);
    const bool b_is_link = fs::is_symlink(b, ignored);
    return a_is_link != b_is_link ? b_is_link : a < b;
  });
  return files;
}

}  // namespace

std::vector<Installed> list_installed(const std::vector<fs::path>& plugin_path) {
  std::vector<Installed> installed;
  std::set<fs::path> seen;
  for (const fs::path& file : files_of(plugin_path)) {
    std::error_code failed;
    const fs::path real = fs::canonical(file, failed);
    if (!failed && !seen.insert(real).second) continue;
    Installed entry;
    entry.file = file;
    try {
      const Manifest& manifest = open_manifest(file, "");
      judge_manifest(manifest, file, "");
      entry.manifest = &manifest;
    } catch (const Error& unusable) {
      entry.fault = unusable.what();
    }
    installed.push_back(std::move(entry));
  }
  std::sort(installed.begin(), installed.end(),
            [](const Installed& a, const Installed& b) { return a.file < b.file; });
  return installed;
}

}  // namespace gnocchi::plugin
